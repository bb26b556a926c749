"""The shape of input: the programs of an agreement."""

from django import forms
from django.utils.translation import gettext_lazy as _

from events.models import Program


class ScopeForm(forms.Form):
    """Programs to tick; none ticked means all of them."""

    programs = forms.ModelMultipleChoiceField(
        label=_("Programs"),
        queryset=Program.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: it may pay for any program."),
    )

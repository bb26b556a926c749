"""The forms of those who wait and of teams: what may be said of an entry, an offer, a team and a choice."""

from django import forms
from django.utils.translation import gettext_lazy as _

from people.forms import OnceForm


class OfferNowForm(OnceForm):
    """An offer by hand; before those whose turn it is, for a reason."""

    reason = forms.CharField(
        label=_("Why before the others"),
        max_length=200,
        required=False,
        help_text=_("Only if it is not this one's turn. Those in line may ask for it."),
    )

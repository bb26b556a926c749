"""What lists are narrowed down by."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import AgreementKind


class InvoiceFilter(forms.Form):
    """By number or payer, state, and fiscal year of issue."""

    STATES = [
        ("", _("Any")),
        ("draft", _("Drafts")),
        ("open", _("Open")),
        ("overdue", _("Overdue")),
        ("settled", _("Paid or credited")),
    ]

    q = forms.CharField(label=_("Number or payer"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)
    year = forms.TypedChoiceField(label=_("Fiscal year"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: object, years: list[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Form's own arguments
        self.fields["year"].choices = [("", _("Any")), *years]  # type: ignore[attr-defined]


class NameFilter(forms.Form):
    """By words of a name or a number."""

    q = forms.CharField(label=_("Name or number"), required=False, max_length=100)


class AgreementFilter(NameFilter):
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("Any")), *AgreementKind.choices])

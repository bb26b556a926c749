"""A remittance or bank file, what its columns are, and what becomes of a line."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.forms.payments import BY_HAND, AllocationForm
from billing.forms.refunds import ReasonForm
from billing.models import Payee
from people.forms import OnceForm

LABELS = {
    "amount": _("Amount"),
    "reference": _("Number of the check, warrant or transfer"),
    "on": _("Day"),
    "payer": _("Who paid"),
    "numbers": _("Invoices or purchase orders"),
}


class RemittanceForm(OnceForm):
    """A CSV file, for whom it is, and by which road its payments came."""

    file = forms.FileField(label=_("File"), help_text=_("CSV, as the county or the bank gives it; up to 20 MB."))
    payee = forms.ModelChoiceField(Payee.objects.none(), label=_("Paid to"), empty_label=None)
    method = forms.ChoiceField(label=_("Paid by"), choices=BY_HAND)
    again = forms.BooleanField(label=_("Yes, take it once more"), required=False)

    def __init__(self, *args: Any, payees: Any, is_asked: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payee"].queryset = payees  # type: ignore[attr-defined]
        self.ask(is_asked)

    def ask(self, is_asked: bool) -> None:
        """Show the question whether the same file is meant, or keep it away."""
        self.fields["again"].widget = forms.CheckboxInput() if is_asked else forms.HiddenInput()


class ColumnsForm(forms.Form):
    """Which column is what; none for what the file does not tell."""

    def __init__(self, *args: Any, headers: Sequence[str], columns: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("none"))] + [(index, header) for index, header in enumerate(headers)]
        for name, label in LABELS.items():
            self.fields[name] = forms.TypedChoiceField(
                label=label,
                choices=choices,
                coerce=int,
                empty_value=None,
                required=name == "amount",
                initial=columns.get(name),
            )

    def chosen(self) -> dict[str, int]:
        return {name: index for name, index in self.cleaned_data.items() if index is not None}


class LineForm(AllocationForm):
    """One line of a file, recorded by hand."""

    again = forms.BooleanField(label=_("Yes, this is another one"), required=False)


class LeaveOutForm(ReasonForm):
    """Why a line is not ours to record."""

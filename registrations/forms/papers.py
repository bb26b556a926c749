"""The forms of papers: asking for an approval and answering it, a purchase order that comes late, a hold."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.forms.fields import DollarsField
from billing.models import PurchaseOrder
from people.forms import OnceForm
from registrations.models import Decision
from registrations.papers import Part

A_DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class AskForm(OnceForm):
    """Whom to ask for an approval."""

    email = forms.EmailField(label=_("Their e-mail"), widget=forms.EmailInput({"autocomplete": "off"}))
    name = forms.CharField(label=_("Their name"), max_length=150, required=False)
    note = forms.CharField(
        label=_("A word from you"), max_length=300, required=False, widget=forms.Textarea({"rows": 3})
    )


class AnswerForm(forms.Form):
    """The answer of whoever was asked; the buttons carry the decision."""

    name = forms.CharField(
        label=_("Your name"), max_length=150, help_text=_("Your answer is kept under it, with the time.")
    )
    words = forms.CharField(
        label=_("Anything to say with it"), max_length=300, required=False, widget=forms.Textarea({"rows": 3})
    )
    decision = forms.ChoiceField(choices=Decision.choices, widget=forms.HiddenInput, required=False)

    def clean_decision(self) -> Decision:
        try:
            return Decision(self.cleaned_data["decision"])
        except ValueError:
            raise forms.ValidationError(_("Press one of the two buttons: approve, or decline.")) from None


class AttachForm(OnceForm):
    """A purchase order for the seats of an order: one that is here, or a new one."""

    line = forms.TypedChoiceField(label=_("For the seats paid by"), coerce=int)
    chosen = forms.TypedChoiceField(label=_("Purchase order"), coerce=int, empty_value=None, required=False)
    number = forms.CharField(
        label=_("Its number"), max_length=60, required=False, help_text=_("As it is printed; any form is right.")
    )
    amount = DollarsField(label=_("Its amount in dollars"), required=False)
    issued_on = forms.DateField(label=_("Issued on"), required=False, widget=A_DAY)
    expires_on = forms.DateField(label=_("Expires on"), required=False, widget=A_DAY)
    upload = forms.FileField(label=_("The purchase order"), required=False, help_text=_("PDF or a photograph."))

    def __init__(self, *args: Any, parts: Sequence[Part], orders: Sequence[PurchaseOrder], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = {part.line.pk: part for part in parts}
        lines = [(key, str(part.line)) for key, part in self.parts.items()]
        self.fields["line"].choices = lines  # type: ignore[attr-defined]
        if len(lines) == 1:
            self.fields["line"].initial = lines[0][0]
            self.fields["line"].widget = forms.HiddenInput()
        left = [(order.pk, f"{order} (${order.left:,.2f})") for order in orders]
        self.fields["chosen"].choices = [("", _("A new one")), *left]  # type: ignore[attr-defined]
        if not orders:
            self.fields["chosen"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        if not asked.get("chosen"):
            if not (asked.get("number") or "").strip() and "number" not in self.errors:
                self.add_error("number", _("Write the number that is printed on it."))
            if not asked.get("amount") and "amount" not in self.errors:
                self.add_error("amount", _("Write the amount that it is good for."))
        return asked


class HoldForm(forms.Form):
    """Until when seats are kept without their paper, and why."""

    until = forms.DateField(label=_("Hold until"), widget=A_DAY)
    reason = forms.CharField(label=_("Why"), max_length=200)


class ReleaseForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=200)

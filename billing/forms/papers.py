"""Change orders, and the papers that a payee gives to those who come to pay it."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.forms.fields import DollarsField
from people.forms import OnceForm


class ChangeOrderForm(OnceForm):
    """By how much a purchase order is raised or lowered, with the paper that says so."""

    WAYS = [("raise", _("Raise it by")), ("lower", _("Lower it by"))]

    way = forms.ChoiceField(label=_("What the change order does"), choices=WAYS, initial="raise")
    amount = DollarsField(label=_("Dollars"))
    number = forms.CharField(label=_("Number of the change order"), max_length=60, required=False)
    upload = forms.FileField(label=_("The change order"), required=False, help_text=_("PDF or a photograph."))

    def delta(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        return amount if self.cleaned_data["way"] == "raise" else -amount


class VendorPaperForm(OnceForm):
    """The W-9 of a payee, or another paper under its title."""

    KINDS = [("w9", _("W-9")), ("other", _("Another paper"))]

    kind = forms.ChoiceField(label=_("What it is"), choices=KINDS)
    title = forms.CharField(
        label=_("Its title"),
        max_length=100,
        required=False,
        help_text=_("For another paper, such as “Certificate of insurance 2027”."),
    )
    upload = forms.FileField(label=_("File"), help_text=_("PDF or a picture, up to 20 MB."))

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        if asked.get("kind") == "other" and not (asked.get("title") or "").strip():
            self.add_error("title", _("Write what the paper is, so that a business office finds it."))
        return asked

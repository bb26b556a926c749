"""Money that goes back: off its invoices, to its payer; and a refund that did not arrive."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.forms.fields import DollarsField
from billing.forms.payments import BY_HAND
from billing.models import PaymentMethod
from people.forms import OnceForm

LONGEST_REASON = 200


class ReasonForm(OnceForm):
    reason = forms.CharField(label=_("Reason"), max_length=LONGEST_REASON)


class TakeBackForm(ReasonForm):
    """Why a payment is taken off its invoices, and whether anything of it is left."""

    RETURNED, WRONG = "returned", "wrong"
    what = forms.ChoiceField(
        label=_("What happened"),
        choices=[
            (RETURNED, _("The bank returned it: a check without cover, a transfer called back")),
            (WRONG, _("It was put to the wrong invoices, and is allocated anew")),
        ],
        widget=forms.RadioSelect,
    )
    field_order = ["what", "reason"]


class RefundForm(ReasonForm):
    """Dollars that are on no invoice, by which road they go back."""

    amount = DollarsField(label=_("Amount"))
    method = forms.ChoiceField(label=_("Sent back by"), choices=BY_HAND)
    reference = forms.CharField(
        label=_("Its number"),
        max_length=80,
        required=False,
        help_text=_("Of the check, the transfer or the journal entry that takes it back."),
    )
    field_order = ["amount", "method", "reference", "reason"]

    def __init__(self, *args: Any, may_go_to_card: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("As an auditor will read it.")
        if may_go_to_card:
            road = (PaymentMethod.CARD.value, _("The card or bank account it came from"))
            self.fields["method"].choices = [road, *BY_HAND]  # type: ignore[attr-defined]

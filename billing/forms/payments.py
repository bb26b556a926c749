"""A payment, with what of it goes to which invoice."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.forms.fields import DayField, DollarsField
from billing.models import Invoice, Payee, PaymentMethod
from billing.payments import Share
from billing.wording import dollars
from people.forms import OnceForm

BY_HAND = [(method.value, method.label) for method in PaymentMethod if method != PaymentMethod.CARD]


class AllocationForm(OnceForm):
    """Dollars for each open invoice of a payer; an empty field gives nothing."""

    reason = forms.CharField(
        label=_("Why less than it owes"),
        max_length=200,
        required=False,
        help_text=_("Where the payer keeps something back, in its words: “bank fee disputed”. The rest stays open."),
    )

    def __init__(self, *args: Any, invoices: Sequence[Invoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invoices = {self.name_of(invoice): invoice for invoice in invoices}
        for name, invoice in self.invoices.items():
            label = _("%(invoice)s owes %(balance)s") % {"invoice": invoice, "balance": dollars(invoice.balance)}
            self.fields[name] = DollarsField(label=label, help_text=invoice.about, required=False)

    @staticmethod
    def name_of(invoice: Invoice) -> str:
        return f"invoice_{invoice.pk}"

    def shares(self) -> list[Share]:
        """The reason is kept with each share that leaves something open."""
        named = self.cleaned_data
        given = [(invoice, named[name]) for name, invoice in self.invoices.items() if named.get(name)]
        return [
            Share(invoice, amount, named["reason"] if amount < invoice.balance else "") for invoice, amount in given
        ]

    @property
    def share_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.invoices]


class PaymentForm(AllocationForm):
    """Money that came in by check, warrant, ACH or journal."""

    payee = forms.ModelChoiceField(label=_("Paid to"), queryset=Payee.objects.none())
    method = forms.ChoiceField(label=_("Paid by"), choices=BY_HAND)
    reference = forms.CharField(
        label=_("Its number"), max_length=80, help_text=_("Of the check, the warrant or the journal entry.")
    )
    amount = DollarsField(label=_("Amount"))
    received_on = DayField(label=_("Received on"))
    again = forms.BooleanField(label=_("Yes, this is another one"), required=False)
    numbers = forms.CharField(
        label=_("What the remittance lists"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("Paste its lines: numbers of invoices or purchase orders, with the amounts where it has them."),
    )

    def __init__(self, *args: Any, payees: Sequence[Payee], today: date, is_asked: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payee"].queryset = Payee.objects.filter(pk__in=[payee.pk for payee in payees])  # type: ignore[attr-defined]
        if len(payees) == 1:
            self.fields["payee"].initial = payees[0].pk
            self.fields["payee"].widget = forms.HiddenInput()
        self.fields["received_on"].initial = today
        self.fields["received_on"].widget.attrs["max"] = today.isoformat()
        self.ask(is_asked)

    def ask(self, is_asked: bool) -> None:
        """Show the question whether the same check is another one, or keep it away."""
        self.fields["again"].widget = forms.CheckboxInput() if is_asked else forms.HiddenInput()

    @property
    def facts(self) -> list[forms.BoundField]:
        return [self[name] for name in ("payee", "method", "reference", "amount", "received_on", "again")]

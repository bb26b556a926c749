"""What an invoice that is issued anew is paid from."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import FundingLine, PurchaseOrder
from people.forms import OnceForm


class ReissueForm(OnceForm):
    """Each empty field stays as it is on the invoice."""

    reason = forms.CharField(
        label=_("Reason"), max_length=150, help_text=_("Printed on the credit memo, for each participant.")
    )
    line = forms.ModelChoiceField(
        FundingLine.objects.none(), label=_("Paid from"), required=False, empty_label=_("As it is")
    )
    account_string = forms.CharField(
        label=_("Another account string"),
        max_length=120,
        required=False,
        help_text=_("Word for word, as the district writes it."),
    )
    purchase_order = forms.ModelChoiceField(
        PurchaseOrder.objects.none(), label=_("Purchase order"), required=False, empty_label=_("As it is")
    )

    def __init__(self, *args: Any, lines: Any, purchase_orders: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["line"].queryset = lines  # type: ignore[attr-defined]
        self.fields["purchase_order"].queryset = purchase_orders  # type: ignore[attr-defined]

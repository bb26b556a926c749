"""Giving up what will not come: of one invoice, or of many that a second person looks at."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.forms.fields import DollarsField
from billing.forms.refunds import ReasonForm
from billing.models import Invoice
from billing.models.documents import InvoiceQuerySet
from people.forms import OnceForm


class WriteOffForm(ReasonForm):
    amount = DollarsField(label=_("Amount"))
    field_order = ["amount", "reason"]


class SmallRestsFilter(forms.Form):
    """Open rests up to an amount, due before a day."""

    up_to = DollarsField(label=_("Open rests up to"), required=False)


class WishesForm(ReasonForm):
    """The invoices that are ticked."""

    invoices = forms.ModelMultipleChoiceField(
        Invoice.objects.none(), error_messages={"required": _("Tick the invoices to give up.")}
    )

    def __init__(self, *args: Any, invoices: InvoiceQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["invoices"].queryset = invoices  # type: ignore[attr-defined]


class DecideForm(OnceForm):
    """Yes or no."""

    answer = forms.ChoiceField(choices=[("allow", _("Allow")), ("refuse", _("Refuse"))])

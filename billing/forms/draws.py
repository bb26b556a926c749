"""Which charges a purchase order covers that came later than they did."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from billing.models import Charge
from people.forms import OnceForm


class CoverForm(OnceForm):
    """The charges that are ticked, of those of the payer; which of them still wait is for the ledger to say."""

    charges = forms.ModelMultipleChoiceField(
        Charge.objects.none(), error_messages={"required": _("Tick the charges that it covers.")}
    )

    def __init__(self, *args: Any, charges: QuerySet[Charge], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["charges"].queryset = charges  # type: ignore[attr-defined]

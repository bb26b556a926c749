"""The API of corrections: credit memos in the words of who sat there, and invoices issued anew."""

from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from billing.api import InvoiceSerializer, Readable
from billing.crediting import CannotCredit
from billing.invoicing import CannotIssue
from billing.models import FundingLine, Invoice, InvoiceKind, PurchaseOrder
from people import access
from people.access import Action
from people.api import answer
from people.models import User
from registrations import billable, reissuing
from registrations.api.orders import Visible


class MemoSerializer(InvoiceSerializer):
    corrects = serializers.CharField(source="corrects.reference")

    class Meta(InvoiceSerializer.Meta):
        fields = [*InvoiceSerializer.Meta.fields, "corrects"]


class NewMemoSerializer(serializers.Serializer):
    """An issued invoice of which something was taken back."""

    invoice = Visible(Invoice)


class NewReissueSerializer(serializers.Serializer):
    """An issued invoice to be credited whole and drafted anew; what is left out stays as it is."""

    invoice = Visible(Invoice)
    line = Visible(FundingLine, required=False)
    account_string = serializers.CharField(max_length=120, default="")
    purchase_order = Visible(PurchaseOrder, required=False)
    reason = serializers.CharField(max_length=150)


class MemoViewSet(mixins.CreateModelMixin, Readable):
    """Credit memos."""

    queryset = Invoice.objects.none()
    serializer_class = MemoSerializer

    def get_queryset(self) -> QuerySet:
        rows = Invoice.objects.visible_to(self.request.user).issued().filter(kind=InvoiceKind.CREDIT_MEMO)
        parties = ("payer__organization", "payer__person", "payee__organization", "agreement", "corrects")
        found: QuerySet = rows.with_balance().prefetch_related("lines").select_related(*parties)
        return found

    @extend_schema(request=NewMemoSerializer)
    def create(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Issue and send a credit memo of what waits to be credited of an invoice."""
        facts = _billed(request, NewMemoSerializer)

        def do() -> dict[str, Any]:
            memo = billable.credit(facts["invoice"], **_who(request))
            return dict(MemoSerializer(self.get_queryset().get(pk=memo.pk)).data)

        return answer(request, do, verb="credit", refusals=(CannotCredit, CannotIssue))


class ReissueViewSet(mixins.CreateModelMixin, GenericViewSet):
    """Invoices taken back whole and drafted anew."""

    queryset = Invoice.objects.none()
    serializer_class = NewReissueSerializer

    def create(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        facts = _billed(request, NewReissueSerializer)
        account = facts.pop("account_string")

        def do() -> dict[str, Any]:
            line = facts.pop("line", None)
            if account:
                paid_by = line or reissuing.line_of(facts["invoice"])
                line = reissuing.with_account(paid_by, account, **_who(request))
            made = reissuing.reissue(line=line, **facts, **_who(request))
            return {"credit_memo": made.memo.reference, "drafts": [draft.pk for draft in made.drafts]}

        return answer(request, do, verb="reissue", refusals=reissuing.CannotReissue)


def _billed(request: Request, asked: type[serializers.Serializer]) -> dict[str, Any]:
    access.require_provider(request.user, Action.BILL)
    given = asked(data=request.data, context={"request": request})
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _who(request: Request) -> dict[str, Any]:
    return {"by": cast("User", request.user), "at": timezone.now()}


ROUTES: list[tuple[str, type, str]] = [
    ("credit-memos", MemoViewSet, "credit-memo"),
    ("reissues", ReissueViewSet, "reissue"),
]

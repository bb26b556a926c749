"""Doors of the API: invoices, agreements, purchase orders and payments; the same rows and verbs as the pages."""

from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from billing import checkouts, mentions, payments, purchase_orders
from billing.models import (
    ChangeOrder,
    FundingAgreement,
    Invoice,
    InvoiceLine,
    Payee,
    Payer,
    Payment,
    PaymentMethod,
    PurchaseOrder,
    Quote,
)
from people import access
from people.access import Action
from people.api import answer
from people.models import User


class SeesMoney(BasePermission):
    """Money is for those whose role shows it, on the provider's staff or in a district."""

    def has_permission(self, request: Request, _view: Any) -> bool:
        return access.may(request.user, Action.SEE_MONEY)


class VisibleField(serializers.PrimaryKeyRelatedField):
    """A row that the caller may see; another's is as if it were not there."""

    def get_queryset(self) -> QuerySet:
        rows: Any = super().get_queryset()
        found: QuerySet = rows.visible_to(self.context["request"].user)
        return found


class LineSerializer(serializers.ModelSerializer):
    class Meta:
        model = InvoiceLine
        fields = ["words", "amount"]


class InvoiceSerializer(serializers.ModelSerializer):
    payer: serializers.StringRelatedField = serializers.StringRelatedField()
    payee: serializers.StringRelatedField = serializers.StringRelatedField()
    agreement: serializers.StringRelatedField = serializers.StringRelatedField()
    total = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True)
    paid = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True)
    balance = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True)
    lines = LineSerializer(many=True, read_only=True)

    class Meta:
        model = Invoice
        fields = [
            "id",
            "kind",
            "reference",
            "payer",
            "payee",
            "agreement",
            "purchase_order_number",
            "service_year",
            "about",
            "funding_words",
            "issued_at",
            "due_on",
            "total",
            "paid",
            "balance",
            "lines",
        ]


class CheckoutLinkSerializer(serializers.Serializer):
    url = serializers.URLField()
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)


class AgreementSerializer(serializers.ModelSerializer):
    payer: serializers.StringRelatedField = serializers.StringRelatedField()

    class Meta:
        model = FundingAgreement
        fields = ["id", "kind", "name", "payer", "funder", "award_no", "starts_on", "ends_on"]


class OwnAgreementSerializer(AgreementSerializer):
    """With its dollars, for the provider: what others spend of a grant is no district's matter."""

    left = serializers.DecimalField(max_digits=12, decimal_places=2, read_only=True)

    class Meta(AgreementSerializer.Meta):
        fields = [*AgreementSerializer.Meta.fields, "amount", "charged", "left"]


class ChangeOrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = ChangeOrder
        fields = ["id", "number", "delta", "at"]
        read_only_fields = ["id", "at"]


class PurchaseOrderSerializer(serializers.ModelSerializer):
    payer: serializers.StringRelatedField = serializers.StringRelatedField()
    left = serializers.DecimalField(max_digits=12, decimal_places=2, read_only=True)
    change_orders = ChangeOrderSerializer(many=True, read_only=True)

    class Meta:
        model = PurchaseOrder
        fields = ["id", "payer", "number", "issued_on", "expires_on", "amount", "drawn", "left", "change_orders"]


class NewPurchaseOrderSerializer(serializers.ModelSerializer):
    """A purchase order of a payer; its number is the payer's affair."""

    payer = VisibleField(queryset=Payer.objects.all())

    class Meta:
        model = PurchaseOrder
        fields = ["payer", "number", "amount", "issued_on", "expires_on"]
        validators: list[Any] = []  # a number that is taken is the verb's to refuse


class QuoteSerializer(serializers.ModelSerializer):
    payer: serializers.StringRelatedField = serializers.StringRelatedField()
    payee: serializers.StringRelatedField = serializers.StringRelatedField()

    class Meta:
        model = Quote
        fields = [
            "id", "reference", "payer", "payee", "organization", "about", "lines", "total", "account_string",
            "lcap_reference", "issued_at", "valid_until",
        ]  # fmt: skip


class PaymentSerializer(serializers.ModelSerializer):
    payer: serializers.StringRelatedField = serializers.StringRelatedField()
    rest = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True)

    class Meta:
        model = Payment
        fields = ["id", "payer", "method", "reference", "amount", "received_on", "rest"]


class ShareSerializer(serializers.Serializer):
    invoice = VisibleField(queryset=Invoice.objects.all())
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    reason = serializers.CharField(max_length=200, default="")


class NewPaymentSerializer(serializers.Serializer):
    """Money that came in, and what of it pays which invoice: by `invoices`, or by the `numbers` that a remittance lists.

    Each of `numbers` is a line such as "PO 7741 525.00"; one that names nothing open is refused.
    """

    payer = VisibleField(queryset=Payer.objects.all())
    payee = VisibleField(queryset=Payee.objects.all())
    method = serializers.ChoiceField(choices=[each for each in PaymentMethod.choices if each[0] != PaymentMethod.CARD])
    reference = serializers.CharField(max_length=80)
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    received_on = serializers.DateField()
    invoices = ShareSerializer(many=True, required=False)
    numbers = serializers.ListField(child=serializers.CharField(max_length=300), required=False)
    short_reason = serializers.CharField(max_length=200, default="")
    again = serializers.BooleanField(default=False)


class Readable(viewsets.ReadOnlyModelViewSet):
    """Rows that the caller may see, and no others."""

    permission_classes = [IsAuthenticated, SeesMoney]


class InvoiceViewSet(Readable):
    queryset = Invoice.objects.all()
    serializer_class = InvoiceSerializer

    def get_queryset(self) -> QuerySet:
        rows: QuerySet = Invoice.objects.visible_to(self.request.user).with_balance().prefetch_related("lines")
        return rows.select_related("payer__organization", "payer__person", "payee__organization", "agreement")

    @extend_schema(responses={200: CheckoutLinkSerializer})
    @action(detail=True, methods=["get"])
    def checkout(self, _request: Request, **_key: str) -> Response:
        """The link that pays an invoice by card or bank debit, without an account; 400 with the reason where it cannot."""
        invoice: Invoice = self.get_object()
        if reason := checkouts.why_not_now(invoice):
            raise ValidationError({"detail": [reason]})
        return Response({"url": checkouts.link_to(invoice), "amount": str(invoice.balance)})


class AgreementViewSet(Readable):
    queryset = FundingAgreement.objects.all()
    serializer_class = AgreementSerializer

    def get_serializer_class(self) -> type[AgreementSerializer]:
        is_provider = access.Principal.of(self.request.user).is_provider
        return OwnAgreementSerializer if is_provider else AgreementSerializer

    def get_queryset(self) -> QuerySet:
        rows: QuerySet = FundingAgreement.objects.visible_to(self.request.user)
        return rows.select_related("payer__organization", "payer__person")


class PurchaseOrderViewSet(mixins.CreateModelMixin, Readable):
    queryset = PurchaseOrder.objects.all()
    serializer_class = PurchaseOrderSerializer

    def get_queryset(self) -> QuerySet:
        rows: QuerySet = PurchaseOrder.objects.visible_to(self.request.user)
        return rows.select_related("payer__organization", "payer__person").prefetch_related("change_orders")

    @extend_schema(request=NewPurchaseOrderSerializer, responses={201: PurchaseOrderSerializer})
    def create(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Record a purchase order of one's own district; finance staff, of any."""
        asked = NewPurchaseOrderSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        self._require(asked.validated_data["payer"].organization_id)

        def do() -> dict[str, Any]:
            made = PurchaseOrder(**asked.validated_data, by=cast("User", request.user), at=timezone.now())
            return self._told(purchase_orders.keep(made).pk)

        return answer(request, do, verb="keep_purchase_order", refusals=purchase_orders.CannotRecord)

    @extend_schema(request=ChangeOrderSerializer, responses={201: PurchaseOrderSerializer})
    @action(detail=True, methods=["post"], url_path="change-orders")
    def change_orders(self, request: Request, **_kwargs: Any) -> Response:
        """Raise or lower a purchase order by `delta` dollars."""
        order: PurchaseOrder = self.get_object()
        self._require(order.payer.organization_id)
        asked = ChangeOrderSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        by = cast("User", request.user)

        def do() -> dict[str, Any]:
            purchase_orders.change(order, **asked.validated_data, by=by, at=timezone.now())
            return self._told(order.pk)

        return answer(request, do, verb="keep_change_order", refusals=purchase_orders.CannotRecord)

    def _require(self, organization: int | None) -> None:
        if not purchase_orders.may_record(self.request.user, organization):
            raise PermissionDenied

    def _told(self, key: int) -> dict[str, Any]:
        return dict(PurchaseOrderSerializer(self.get_queryset().get(pk=key)).data)


class QuoteViewSet(Readable):
    """Quotes, as they were written."""

    queryset = Quote.objects.all()
    serializer_class = QuoteSerializer

    def get_queryset(self) -> QuerySet:
        rows: QuerySet = Quote.objects.visible_to(self.request.user)
        return rows.select_related("payer__organization", "payer__person", "payee__organization")


class PaymentViewSet(mixins.CreateModelMixin, Readable):
    queryset = Payment.objects.all()
    serializer_class = PaymentSerializer

    def get_queryset(self) -> QuerySet:
        rows: QuerySet = Payment.objects.visible_to(self.request.user).with_rest()
        return rows.select_related("payer__organization", "payer__person")

    def create(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        access.require_provider(request.user, Action.BILL)
        asked = NewPaymentSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        return answer(
            request, lambda: self._recorded(asked.validated_data), verb="record_payment", refusals=payments.CannotPay
        )

    def _recorded(self, facts: dict[str, Any]) -> dict[str, Any]:
        facts = dict(facts)
        shares = [payments.Share(**each) for each in facts.pop("invoices", [])]
        numbers, reason = facts.pop("numbers", []), facts.pop("short_reason")
        shares += mentions.shares_of(numbers, facts["payer"], facts["payee"], facts["amount"], reason=reason)
        facts["method"] = PaymentMethod(facts["method"])
        made = payments.record(**facts, shares=shares, by=cast("User", self.request.user), at=timezone.now())
        return dict(PaymentSerializer(Payment.objects.with_rest().get(pk=made.pk)).data)


ROUTES = [
    ("invoices", InvoiceViewSet, "invoice"),
    ("agreements", AgreementViewSet, "agreement"),
    ("purchase-orders", PurchaseOrderViewSet, "purchase-order"),
    ("quotes", QuoteViewSet, "quote"),
    ("payments", PaymentViewSet, "payment"),
]

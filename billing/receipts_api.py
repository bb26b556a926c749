"""Doors of the API for what comes back and what is given up: allocations, refunds, write-offs and their batches."""

from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from billing import card_refunds, payments, refunds, write_offs
from billing.api import Readable, ShareSerializer, VisibleField
from billing.models import Allocation, Invoice, Payment, PaymentMethod, Refund, WriteOff, WriteOffBatch
from billing.write_offs import Wish
from people import access
from people.access import Action
from people.api import answer
from people.models import User


class AllocationSerializer(serializers.ModelSerializer):
    class Meta:
        model = Allocation
        fields = ["id", "payment", "invoice", "amount", "reason", "at"]


class NewAllocationSerializer(serializers.Serializer):
    """What is left of a payment, put to invoices."""

    payment = VisibleField(queryset=Payment.objects.all())
    invoices = ShareSerializer(many=True, allow_empty=False)


class TakeBackSerializer(serializers.Serializer):
    """A payment off all its invoices: `returned` by the bank, or to be allocated anew."""

    payment = VisibleField(queryset=Payment.objects.all())
    reason = serializers.CharField(max_length=200)
    returned = serializers.BooleanField()


class RefundSerializer(serializers.ModelSerializer):
    failure = serializers.CharField(source="failure.reason", default=None)

    class Meta:
        model = Refund
        fields = ["id", "payment", "method", "reference", "amount", "reason", "failure", "at"]


class NewRefundSerializer(serializers.Serializer):
    """Dollars of a payment that are on no invoice; `card` by the road that a card payment came."""

    payment = VisibleField(queryset=Payment.objects.all())
    method = serializers.ChoiceField(choices=PaymentMethod.choices)
    reference = serializers.CharField(max_length=80, default="")
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    reason = serializers.CharField(max_length=200)


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=200)


class WriteOffSerializer(serializers.ModelSerializer):
    class Meta:
        model = WriteOff
        fields = ["id", "invoice", "amount", "reason", "batch", "at"]


class NewWriteOffSerializer(serializers.Serializer):
    """What will not come of one invoice; below zero, what comes after all."""

    invoice = VisibleField(queryset=Invoice.objects.all())
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    reason = serializers.CharField(max_length=200)


class WriteOffBatchSerializer(serializers.ModelSerializer):
    dollars = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True)
    invoices = serializers.IntegerField(read_only=True)

    class Meta:
        model = WriteOffBatch
        fields = ["id", "payee", "reason", "dollars", "invoices", "at", "decided_at", "is_approved"]


class NewBatchSerializer(serializers.Serializer):
    invoices = ShareSerializer(many=True, allow_empty=False)
    reason = serializers.CharField(max_length=200)


class DecisionSerializer(serializers.Serializer):
    is_approved = serializers.BooleanField()


class Billing(Readable):
    """Read by whoever may see the money; what changes it is for the provider's finance staff."""

    def _billed(self, request: Request, asked: type[serializers.Serializer]) -> dict[str, Any]:
        access.require_provider(request.user, Action.BILL)
        given = asked(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        return cast("dict[str, Any]", given.validated_data)

    def _who(self) -> dict[str, Any]:
        return {"by": cast("User", self.request.user), "at": timezone.now()}


class AllocationViewSet(mixins.CreateModelMixin, Billing):
    queryset = Allocation.objects.all()
    serializer_class = AllocationSerializer

    def get_queryset(self) -> QuerySet:
        rows: QuerySet = Allocation.objects.visible_to(self.request.user).order_by("pk")
        return rows

    @extend_schema(request=NewAllocationSerializer)
    def create(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        facts = self._billed(request, NewAllocationSerializer)
        shares = [payments.Share(**each) for each in facts["invoices"]]

        def do() -> dict[str, Any]:
            made = payments.allocate(facts["payment"], shares, **self._who())
            return {"allocations": AllocationSerializer(made, many=True).data}

        return answer(request, do, verb="allocate", refusals=payments.CannotPay)

    @extend_schema(request=TakeBackSerializer)
    @action(detail=False, methods=["post"], url_path="take-back")
    def take_back(self, request: Request) -> Response:
        """Take a payment off its invoices: they owe again."""
        facts = self._billed(request, TakeBackSerializer)

        def do() -> dict[str, Any]:
            verb = refunds.bounce if facts["returned"] else refunds.take_back
            verb(facts["payment"], reason=facts["reason"], **self._who())
            rest = Payment.objects.with_rest().get(pk=facts["payment"].pk)
            return {"payment": rest.pk, "allocated": str(rest.allocated), "rest": str(rest.rest)}

        return answer(request, do, verb="take_back", refusals=refunds.CannotRefund)


class RefundViewSet(mixins.CreateModelMixin, Billing):
    queryset = Refund.objects.all()
    serializer_class = RefundSerializer

    def get_queryset(self) -> QuerySet:
        rows: QuerySet = Refund.objects.visible_to(self.request.user).select_related("failure").order_by("pk")
        return rows

    @extend_schema(request=NewRefundSerializer)
    def create(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        facts = self._billed(request, NewRefundSerializer)

        def do() -> dict[str, Any]:
            payment, amount, reason = facts["payment"], facts["amount"], facts["reason"]
            if facts["method"] == PaymentMethod.CARD:
                made = card_refunds.refund(payment, amount, reason=reason, **self._who())
            else:
                road = {"method": PaymentMethod(facts["method"]), "reference": facts["reference"]}
                made = refunds.refund(payment, amount, reason=reason, **road, **self._who())
            return dict(RefundSerializer(made).data)

        return answer(request, do, verb="refund", refusals=refunds.CannotRefund)

    @extend_schema(request=ReasonSerializer)
    @action(detail=True, methods=["post"])
    def fail(self, request: Request, **_key: str) -> Response:
        """It did not arrive: its dollars are the payment's again."""
        refund: Refund = self.get_object()
        facts = self._billed(request, ReasonSerializer)

        def do() -> dict[str, Any]:
            refunds.fail(refund, reason=facts["reason"], at=timezone.now())
            return dict(RefundSerializer(self.get_queryset().get(pk=refund.pk)).data)

        return answer(request, do, verb="refund_failed", refusals=refunds.CannotRefund)


class WriteOffViewSet(mixins.CreateModelMixin, Billing):
    queryset = WriteOff.objects.all()
    serializer_class = WriteOffSerializer

    def get_queryset(self) -> QuerySet:
        rows: QuerySet = WriteOff.objects.visible_to(self.request.user).order_by("pk")
        return rows

    @extend_schema(request=NewWriteOffSerializer)
    def create(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        facts = self._billed(request, NewWriteOffSerializer)

        def do() -> dict[str, Any]:
            verb = write_offs.write_off if facts["amount"] >= 0 else write_offs.take_back
            made = verb(Wish(facts["invoice"], abs(facts["amount"])), reason=facts["reason"], **self._who())
            return dict(WriteOffSerializer(made).data)

        return answer(request, do, verb="write_off", refusals=write_offs.CannotWriteOff)


class BatchViewSet(mixins.CreateModelMixin, Billing):
    queryset = WriteOffBatch.objects.all()
    serializer_class = WriteOffBatchSerializer

    def get_queryset(self) -> QuerySet:
        rows: QuerySet = WriteOffBatch.objects.visible_to(self.request.user).with_sums().order_by("pk")
        return rows

    @extend_schema(request=NewBatchSerializer)
    def create(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Ask that rests be given up; somebody else decides."""
        facts = self._billed(request, NewBatchSerializer)
        wishes = [Wish(each["invoice"], each["amount"]) for each in facts["invoices"]]

        def do() -> dict[str, Any]:
            return self._told(write_offs.ask(wishes, reason=facts["reason"], **self._who()).pk)

        return answer(request, do, verb="ask_write_offs", refusals=write_offs.CannotWriteOff)

    @extend_schema(request=DecisionSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, **_key: str) -> Response:
        """Allow or refuse what somebody else asked."""
        batch: WriteOffBatch = self.get_object()
        facts = self._billed(request, DecisionSerializer)

        def do() -> dict[str, Any]:
            return self._told(write_offs.decide(batch, is_approved=facts["is_approved"], **self._who()).pk)

        return answer(request, do, verb="decide_write_offs", refusals=write_offs.CannotWriteOff)

    def _told(self, key: int) -> dict[str, Any]:
        return dict(WriteOffBatchSerializer(self.get_queryset().get(pk=key)).data)


ROUTES = [
    ("allocations", AllocationViewSet, "allocation"),
    ("refunds", RefundViewSet, "refund"),
    ("write-offs", WriteOffViewSet, "write-off"),
    ("write-off-batches", BatchViewSet, "write-off-batch"),
]

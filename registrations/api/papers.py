"""The API of papers: what of an order waits for a purchase order, quotes for it, and approvals of rosters."""

from typing import Any, cast

from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from billing.ledger import CannotCharge
from billing.models import FundingLine, PurchaseOrder
from people.access import Action, require
from people.api import answer
from people.models import User
from registrations import approvals, papers, quoting
from registrations.api.orders import Visible
from registrations.models import Approval, Order, RosterDraft
from registrations.papers import CannotCover, Claim, Part


class ApprovalSerializer(serializers.ModelSerializer):
    """A question and its answer; `is_current` says whether the roster is still as it was then."""

    sponsor = serializers.IntegerField(source="draft.sponsor_id")
    institute = serializers.IntegerField(source="draft.institute_id")
    is_current = serializers.SerializerMethodField()

    class Meta:
        model = Approval
        fields = [
            "id", "sponsor", "institute", "amount", "email", "name", "asked_at", "taken_back_at", "decision",
            "decided_by", "decided_at", "answer", "is_current",
        ]  # fmt: skip

    def get_is_current(self, approval: Approval) -> bool:
        return approval.revision == approval.draft.revision


class ApprovalFilter(filters.FilterSet):
    sponsor = filters.NumberFilter(field_name="draft__sponsor")
    institute = filters.NumberFilter(field_name="draft__institute")
    draft = filters.NumberFilter(field_name="draft")


class ApprovalAskedSerializer(serializers.Serializer):
    """A roster that waits to be sent, and who is to say whether it may be."""

    draft = Visible(RosterDraft)
    email = serializers.CharField(max_length=254)
    name = serializers.CharField(max_length=150, default="", allow_blank=True)
    note = serializers.CharField(max_length=300, default="", allow_blank=True)


class ApprovalViewSet(ReadOnlyModelViewSet):
    """Approvals of rosters."""

    queryset = Approval.objects.none()
    serializer_class = ApprovalSerializer
    filterset_class = ApprovalFilter

    def get_queryset(self) -> Any:
        return Approval.objects.visible_to(self.request.user).select_related("draft")

    @extend_schema(request=ApprovalAskedSerializer, responses={201: ApprovalSerializer})
    def create(self, request: Request) -> Response:
        """Ask somebody by mail whether a roster may be sent as it stands; the answer is a click on the page behind it."""
        asked = ApprovalAskedSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        wanted = dict(asked.validated_data)
        draft, by = wanted.pop("draft"), cast("User", request.user)
        require(by, Action.REGISTER, draft.sponsor)

        def do() -> dict[str, Any]:
            return dict(ApprovalSerializer(approvals.ask(draft, **wanted, by=by, at=timezone.now())).data)

        return answer(request, do, verb="ask for an approval", refusals=approvals.CannotApprove)


class AttachedSerializer(serializers.Serializer):
    """A purchase order that is recorded, for the seats that one line of the order pays."""

    purchase_order = Visible(PurchaseOrder)
    line = Visible(FundingLine)


class ClaimSerializer(serializers.Serializer):
    """A seat that waits for a purchase order, in dollars."""

    seat = serializers.IntegerField(source="seat.pk")
    name = serializers.CharField()
    amount = serializers.DecimalField(10, 2)


class PartSerializer(serializers.Serializer):
    """What one line of an order pays, and which of its seats wait for a purchase order."""

    line = serializers.IntegerField(source="line.pk")
    payer = serializers.CharField(source="line.payer")
    seats = serializers.SerializerMethodField()
    amount = serializers.DecimalField(12, 2)
    purchase_orders = serializers.SerializerMethodField()
    uncovered = serializers.DecimalField(12, 2)
    waiting = ClaimSerializer(many=True)
    needs_change_order = serializers.BooleanField(source="wants_change_order")

    def get_seats(self, part: Part) -> int:
        return len(part.seats)

    def get_purchase_orders(self, part: Part) -> list[int]:
        return [order.pk for order in part.orders]


class OrderPapersViewSet(GenericViewSet):
    """The papers of an order: its lines, what they cover, and what waits."""

    queryset = Order.objects.none()
    serializer_class = AttachedSerializer

    def get_queryset(self) -> Any:
        return Order.objects.visible_to(self.request.user).filter(sponsor__isnull=False).select_related("sponsor")

    @extend_schema(request=None, responses={200: PartSerializer(many=True)})
    @action(detail=True, methods=["get"])
    def papers(self, _request: Request, **_key: str) -> Response:
        """What each line of an order pays, which purchase orders are meant for it, and whose seats wait for one."""
        return Response(PartSerializer(papers.parts_of(self._order(Action.SEE_MONEY)), many=True).data)

    @extend_schema(request=AttachedSerializer, responses={201: dict})
    @action(detail=True, methods=["post"], url_path="purchase-order")
    def attach(self, request: Request, **_key: str) -> Response:
        """Cover as many seats of a line as a purchase order can pay; says which are left."""
        order = self._order(Action.REGISTER)
        asked = AttachedSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        paper, line = asked.validated_data["purchase_order"], asked.validated_data["line"]
        by = cast("User", request.user)

        def do() -> dict[str, Any]:
            done = papers.attach(order, paper, lines=[line], by=by, at=timezone.now())
            return {"covered": [_claim(one) for one in done.covered], "left": [_claim(one) for one in done.left]}

        return answer(request, do, verb="attach a purchase order", refusals=(CannotCover, CannotCharge))

    @extend_schema(request=None, responses={201: dict})
    @action(detail=True, methods=["post"])
    def quotes(self, request: Request, **_key: str) -> Response:
        """Quote what no purchase order covers yet, a quote for each line; the same words again are the same quotes."""
        order = self._order(Action.REGISTER)
        by = cast("User", request.user)

        def do() -> dict[str, Any]:
            made = quoting.of_order(order, by=by, at=timezone.now())
            return {"quotes": [{"id": one.pk, "reference": one.reference, "total": str(one.total)} for one in made]}

        return answer(request, do, verb="quote an order", refusals=quoting.CannotQuote)

    def _order(self, wanted: Action) -> Order:
        order: Order = self.get_object()
        require(self.request.user, wanted, order.sponsor)
        return order


def _claim(claim: Claim) -> dict[str, Any]:
    return {"seat": claim.seat.pk, "name": claim.name, "amount": str(claim.amount)}


ROUTES: list[tuple[str, type, str]] = [
    ("approvals", ApprovalViewSet, "approval"),
    ("orders", OrderPapersViewSet, "order-paper"),
]

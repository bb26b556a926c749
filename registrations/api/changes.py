"""The API of changes of mind: the verbs of the pages, with their refusals; `?dry_run=true` answers the price."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from billing.models import PurchaseOrder
from events.models import Institute
from people.access import Action, Principal, may, require, require_provider
from people.api import answer
from people.models import Organization
from registrations import closures, moves, naming, takeovers, transfers, withdrawals
from registrations.api.orders import Visible
from registrations.api.seats import DRY_RUN, ChangeViewSet, acting, kept_as, valid
from registrations.funding import CannotFund, Share
from registrations.models import (
    PayerMove,
    Registration,
    Seat,
    Takeover,
    Transfer,
    Withdrawal,
    WithdrawalCause,
)
from registrations.refusals import CannotChange

REFUSALS = (CannotChange, CannotFund)
MOST_SEATS = 2000


class GivenBackSerializer(serializers.Serializer):
    seats = Visible(Seat, many=True, allow_empty=False)
    cause = serializers.ChoiceField(WithdrawalCause.choices, default=WithdrawalCause.CHANGE_OF_PLANS)
    words = serializers.CharField(max_length=200, default="", allow_blank=True)
    is_forced = serializers.BooleanField(default=False, help_text="In full, by the provider's staff only.")
    kept = serializers.DecimalField(
        10, 2, required=False, allow_null=True, default=None, help_text="What you were told is kept; else refused."
    )

    def validate_seats(self, seats: list[Seat]) -> list[Seat]:
        if len(seats) > MOST_SEATS:
            raise serializers.ValidationError(f"Send {MOST_SEATS:,} seats at most.")
        return seats


class LeftOpenSerializer(serializers.Serializer):
    registrations = Visible(Registration, many=True, allow_empty=False)
    until = serializers.DateField()


class PaidSerializer(serializers.Serializer):
    pays = serializers.CharField(max_length=40, help_text="`line-4`, or `agreement-2`.")
    purchase_order = Visible(PurchaseOrder, required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=200, default="", allow_blank=True)


class MovedSerializer(PaidSerializer):
    seats = Visible(Seat, many=True, allow_empty=False)


class TransferredSerializer(PaidSerializer):
    pays = serializers.CharField(max_length=40, default="", allow_blank=True, help_text="Empty: whoever pays here.")
    seats = Visible(Seat, many=True, allow_empty=False)
    institute = Visible(Institute)
    is_forced = serializers.BooleanField(
        default=False, help_text="Leaving costs nothing; by the provider's staff only."
    )
    kept = serializers.DecimalField(10, 2, required=False, allow_null=True, default=None)


class AskedSerializer(serializers.Serializer):
    seat = Visible(Seat)
    asked_of = serializers.PrimaryKeyRelatedField(queryset=Organization.objects.open())
    reason = serializers.CharField(max_length=200, default="", allow_blank=True)


class CanceledSerializer(serializers.Serializer):
    institute = Visible(Institute)
    reason = serializers.CharField(max_length=200)


class WithdrawalViewSet(ChangeViewSet):
    """Seats that went back, with what came back for them and what was kept."""

    model = Withdrawal
    queryset = Withdrawal.objects.none()
    serializer_class = kept_as(
        Withdrawal, "seat", "registration", "terms", "days_before", "percent", "back", "kept", "cause", "words",
        "is_forced",
    )  # fmt: skip

    @extend_schema(request=GivenBackSerializer, responses={201: dict}, parameters=[DRY_RUN])
    def create(self, request: Request) -> Response:
        """Give seats back, all or none."""
        asked = valid(GivenBackSerializer, request)
        _must_be_hers(request, asked["seats"], is_forced=asked["is_forced"])

        def do() -> dict[str, Any]:
            made = withdrawals.withdraw(
                asked["seats"],
                cause=WithdrawalCause(asked["cause"]),
                words=asked["words"],
                is_forced=asked["is_forced"],
                seen=asked["kept"],
                by=acting(request),
                at=timezone.now(),
            )
            return {"seats": [_told(one) for one in made]}

        return answer(request, do, verb="withdraw", refusals=REFUSALS)

    @extend_schema(request=LeftOpenSerializer, responses={201: dict}, parameters=[DRY_RUN])
    @action(detail=False, methods=["post"], url_path="instead")
    def instead(self, request: Request) -> Response:
        """Keep the seats instead, take the names off, and name substitutes by a day; costs nothing now."""
        asked = valid(LeftOpenSerializer, request)
        seats = list(Seat.objects.filter(registrations__in=asked["registrations"]).distinct())
        _must_be_hers(request, seats)

        def do() -> dict[str, Any]:
            kept = naming.leave_open(
                asked["registrations"], until=asked["until"], by=acting(request), at=timezone.now()
            )
            return {"seats": [seat.pk for seat in kept], "name_by": asked["until"].isoformat()}

        return answer(request, do, verb="leave open", refusals=REFUSALS)


class TransferViewSet(ChangeViewSet):
    """Seats that moved to another institute."""

    model = Transfer
    queryset = Transfer.objects.none()
    serializer_class = kept_as(Transfer, "seat", "from_registration", "to_seat", "terms", "back", "kept", "reason")

    @extend_schema(request=TransferredSerializer, responses={201: dict}, parameters=[DRY_RUN])
    def create(self, request: Request) -> Response:
        """Move seats of one district to another institute; without a line, whoever pays here pays there."""
        asked = valid(TransferredSerializer, request)
        _must_be_hers(request, asked["seats"], is_forced=asked["is_forced"])

        def do() -> dict[str, Any]:
            made = transfers.transfer(
                asked["seats"],
                to=asked["institute"],
                shares=_shares(request, asked, asked["seats"][0], asked["institute"]) if asked["pays"] else None,
                is_forced=asked["is_forced"],
                reason=asked["reason"],
                seen=asked["kept"],
                by=acting(request),
                at=timezone.now(),
            )
            return {"seats": [_told(one) | {"to_seat": one.to_seat_id} for one in made]}

        return answer(request, do, verb="transfer", refusals=REFUSALS)


class PayerMoveViewSet(ChangeViewSet):
    """Seats that other money pays for."""

    model = PayerMove
    queryset = PayerMove.objects.none()
    serializer_class = kept_as(PayerMove, "seat", "line", "takeover", "reason")

    @extend_schema(request=MovedSerializer, responses={201: dict}, parameters=[DRY_RUN])
    def create(self, request: Request) -> Response:
        """Have another line pay for seats, at the same price."""
        asked = valid(MovedSerializer, request)
        _must_be_hers(request, asked["seats"])

        def do() -> dict[str, Any]:
            shares = _shares(request, asked, asked["seats"][0], asked["seats"][0].institute)
            made = moves.move(
                asked["seats"], shares=shares, reason=asked["reason"], by=acting(request), at=timezone.now()
            )
            return {"seats": [one.seat_id for one in made], "line": made[0].line_id}

        return answer(request, do, verb="move payer", refusals=REFUSALS)


class TakeoverSerializer(serializers.ModelSerializer):
    class Meta:
        model = Takeover
        fields = [
            "id", "seat", "asked_of", "asked_by", "asked_at", "reason", "answered_by", "answered_at", "is_accepted",
        ]  # fmt: skip


class TakeoverViewSet(ChangeViewSet):
    """Seats that another district was asked to take over."""

    model = Takeover
    queryset = Takeover.objects.none()
    serializer_class = TakeoverSerializer

    @extend_schema(request=AskedSerializer, responses={201: dict}, parameters=[DRY_RUN])
    def create(self, request: Request) -> Response:
        """Ask another district to take a seat over, with its money."""
        asked = valid(AskedSerializer, request)
        _must_be_hers(request, [asked["seat"]])
        return self._answered(
            request,
            lambda: takeovers.ask(
                asked["seat"], asked["asked_of"], reason=asked["reason"], by=acting(request), at=timezone.now()
            ),
            "ask",
        )

    @extend_schema(request=PaidSerializer, responses={201: dict}, parameters=[DRY_RUN])
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the router's
        """Take the seat over, and pay for it."""
        asked = self._asked_of_her(request)
        paid = valid(PaidSerializer, request)

        def do() -> Takeover:
            shares = moves.shares_of(
                paid["pays"],
                paid["purchase_order"],
                sponsor=asked.asked_of,
                at=asked.seat.institute,
                by=acting(request),
                now=timezone.now(),
            )
            takeovers.accept(asked, shares=shares, by=acting(request), at=timezone.now())
            return asked

        return self._answered(request, do, "accept")

    @extend_schema(request=None, responses={201: dict}, parameters=[DRY_RUN])
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the router's
        """Leave the seat with the district that asked."""
        asked = self._asked_of_her(request)
        do = lambda: takeovers.decline(asked, by=acting(request), at=timezone.now())  # noqa: E731 - named for the line's sake
        return self._answered(request, do, "decline")

    def _asked_of_her(self, request: Request) -> Takeover:
        asked: Takeover = self.get_object()
        require(request.user, Action.REGISTER, asked.asked_of_id)
        require(request.user, Action.SEE_MONEY, asked.asked_of_id)
        return asked

    def _answered(self, request: Request, do: Callable[[], Takeover], verb: str) -> Response:
        def told() -> dict[str, Any]:
            made = do()
            return {"id": made.pk, "seat": made.seat_id, "is_accepted": made.is_accepted}

        return answer(request, told, verb=f"{verb} takeover", refusals=REFUSALS)


class CancellationViewSet(GenericViewSet):
    """Institutes that do not take place."""

    queryset = Institute.objects.none()
    serializer_class = CanceledSerializer

    @extend_schema(request=CanceledSerializer, responses={201: dict}, parameters=[DRY_RUN])
    def create(self, request: Request) -> Response:
        """Cancel an institute: every seat goes back in full and everyone is told."""
        require_provider(request.user, Action.SCHEDULE)
        require_provider(request.user, Action.BILL)
        asked = valid(CanceledSerializer, request)

        def do() -> dict[str, Any]:
            made = closures.cancel(asked["institute"], reason=asked["reason"], by=acting(request), at=timezone.now())
            return {"seats": [_told(one) for one in made]}

        return answer(request, do, verb="cancel", refusals=REFUSALS)


# --- Shared -----------------------------------------------------------------------------------------------------------


def _must_be_hers(request: Request, seats: Sequence[Seat], *, is_forced: bool = False) -> None:
    """Stop with 403 where a seat is another district's, or where only the provider's staff may."""
    if is_forced and not Principal.of(request.user).is_provider:
        raise PermissionDenied
    for seat in seats:
        sponsor = seat.allotment.order.sponsor_id
        if not all(may(request.user, what, sponsor) for what in (Action.REGISTER, Action.SEE_MONEY)):
            raise PermissionDenied


def _shares(request: Request, asked: dict[str, Any], seat: Seat, at: Institute) -> list[Share]:
    sponsor, order = seat.allotment.order.sponsor, asked["purchase_order"]
    return moves.shares_of(asked["pays"], order, sponsor=sponsor, at=at, by=acting(request), now=timezone.now())


def _told(change: Withdrawal | Transfer) -> dict[str, Any]:
    """What one seat's leaving cost, and under which version of the terms."""
    return {
        "seat": change.seat_id,
        "back": str(change.back),
        "kept": str(change.kept),
        "terms": str(change.terms),
    }


ROUTES: list[tuple[str, type, str]] = [
    ("withdrawals", WithdrawalViewSet, "withdrawal"),
    ("transfers", TransferViewSet, "transfer"),
    ("payer-moves", PayerMoveViewSet, "payer-move"),
    ("takeovers", TakeoverViewSet, "takeover"),
    ("cancellations", CancellationViewSet, "cancellation"),
]

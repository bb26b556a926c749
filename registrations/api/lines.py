"""The API of those who wait, of offers, teams and choices: the same rows and refusals as the pages."""

from typing import Any

from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from people.access import Action, may, require, require_provider
from people.api import answer
from people.models import Organization, User
from registrations import choices, lineups, offers, teams, waitlist
from registrations.models import Offer, Registration, Team, WaitlistEntry
from registrations.refusals import CannotChange, CannotRegister

CAREFUL = [OpenApiParameter("dry_run", bool, description="Say what would happen, and keep nothing.")]
REFUSALS = (CannotChange, CannotRegister)


def _user(request: Request) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - IsAuthenticated
    return request.user


def _require_sponsor(request: Request, sponsor: Organization | None) -> None:
    if sponsor is None:
        require_provider(request.user, Action.REGISTER)
    require(request.user, Action.REGISTER, sponsor)


# --- In line ------------------------------------------------------------------------------------------------------------


class EntrySerializer(serializers.ModelSerializer):
    """One unit in line: a person, or a team that comes whole."""

    people = serializers.SlugRelatedField("person_id", many=True, read_only=True)  # type: ignore[var-annotated]
    sponsor = serializers.IntegerField(source="allotment.order.sponsor_id", default=None)
    order = serializers.IntegerField(source="allotment.order_id")

    class Meta:
        model = WaitlistEntry
        fields = [
            "id", "institute", "sponsor", "order", "team", "joins", "seats", "waits_for", "people", "joined_at",
            "ended_at", "ended_as", "refusal",
        ]  # fmt: skip


class StandingSerializer(serializers.Serializer):
    """Where an entry stands in line (0: it was offered its seats), and why."""

    number = serializers.IntegerField()
    sentence = serializers.CharField()
    offer = serializers.IntegerField(source="offer.pk", default=None)


class OfferNowSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=200, default="", allow_blank=True)


class EntryFilter(filters.FilterSet):
    institute = filters.NumberFilter(field_name="institute")
    sponsor = filters.NumberFilter(field_name="allotment__order__sponsor")
    waiting = filters.BooleanFilter(field_name="ended_at", lookup_expr="isnull")


class WaitlistEntryViewSet(ReadOnlyModelViewSet):
    """Who waits, and who waited. To stand in line, order with `waits`."""

    queryset = WaitlistEntry.objects.none()
    serializer_class = EntrySerializer
    filterset_class = EntryFilter

    def get_queryset(self) -> Any:
        rows = WaitlistEntry.objects.visible_to(self.request.user).order_by("pk")
        return rows.select_related("allotment__order__sponsor", "institute__team_rule").prefetch_related("people")

    def _hers(self, request: Request) -> WaitlistEntry:
        entry: WaitlistEntry = self.get_object()
        _require_sponsor(request, entry.allotment.order.sponsor)
        return entry

    @extend_schema(responses={200: StandingSerializer})
    @action(detail=True)
    def standing(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the router's signature
        """Where it stands in line, and why."""
        entry = self._hers(request)
        found = [one for _institute, rows in lineups.of_entries([entry], at=timezone.now()) for one in rows]
        ended = {"number": 0, "sentence": entry.get_ended_as_display(), "offer": None}
        return Response(StandingSerializer(found[0]).data if found else ended)

    @extend_schema(request=None, parameters=CAREFUL, responses={200: EntrySerializer})
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str) -> Response:
        """Stand in line no more."""
        entry = self._hers(request)

        def do() -> dict[str, Any]:
            return dict(EntrySerializer(waitlist.leave(entry, by=_user(request), at=timezone.now())).data)

        return answer(request, do, verb=f"leave {pk}", refusals=REFUSALS, made=200)

    @extend_schema(request=OfferNowSerializer, parameters=CAREFUL, responses={201: dict})
    @action(detail=True, methods=["post"])
    def offer(self, request: Request, pk: str) -> Response:
        """Staff: offer by hand; before those whose turn it is, for a reason."""
        entry = self._hers(request)
        require_provider(request.user, Action.REGISTER)
        given = OfferNowSerializer(data=request.data)
        given.is_valid(raise_exception=True)

        def do() -> dict[str, Any]:
            made = waitlist.offer_now(entry, by=_user(request), at=timezone.now(), **given.validated_data)
            return dict(OfferSerializer(made).data)

        return answer(request, do, verb=f"offer {pk}", refusals=REFUSALS)


# --- Offers -------------------------------------------------------------------------------------------------------------


class OfferSerializer(serializers.ModelSerializer):
    """Seats offered to an entry until `ends_at`."""

    institute = serializers.IntegerField(source="entry.institute_id")
    seats = serializers.IntegerField(source="entry.seats")

    class Meta:
        model = Offer
        fields = ["id", "entry", "institute", "seats", "sent_at", "ends_at", "answered_at", "answer", "reason"]


class OfferFilter(filters.FilterSet):
    institute = filters.NumberFilter(field_name="entry__institute")
    entry = filters.NumberFilter(field_name="entry")
    open = filters.BooleanFilter(field_name="answered_at", lookup_expr="isnull")


class OfferViewSet(ReadOnlyModelViewSet):
    """What was offered to those who wait."""

    queryset = Offer.objects.none()
    serializer_class = OfferSerializer
    filterset_class = OfferFilter

    def get_queryset(self) -> Any:
        rows = Offer.objects.visible_to(self.request.user).order_by("pk")
        return rows.select_related("entry__allotment__order__sponsor")

    def _hers(self, request: Request) -> Offer:
        offer: Offer = self.get_object()
        _require_sponsor(request, offer.entry.allotment.order.sponsor)
        return offer

    @extend_schema(request=None, parameters=CAREFUL, responses={200: dict})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Take the seats for those who waited."""
        offer = self._hers(request)

        def do() -> dict[str, Any]:
            made = offers.accept(offer, by=_user(request), at=timezone.now())
            return {"registrations": [{"id": each.pk, "person": each.person_id} for each in made]}

        return answer(request, do, verb=f"accept {pk}", refusals=REFUSALS, made=200)

    @extend_schema(request=None, parameters=CAREFUL, responses={200: OfferSerializer})
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str) -> Response:
        """Leave the seats to the next in line."""
        offer = self._hers(request)

        def do() -> dict[str, Any]:
            return dict(OfferSerializer(offers.decline(offer, by=_user(request), at=timezone.now())).data)

        return answer(request, do, verb=f"decline {pk}", refusals=REFUSALS, made=200)


# --- Teams --------------------------------------------------------------------------------------------------------------


class TeamSerializer(serializers.ModelSerializer):
    """A team with its lesson study."""

    sponsor = serializers.IntegerField(source="order.sponsor_id", default=None)
    days = serializers.SerializerMethodField()

    class Meta:
        model = Team
        fields = [
            "id", "institute", "sponsor", "order", "name", "host_school", "host_classroom", "bell_times", "facilitator",
            "days", "override_reason", "ended_at",
        ]  # fmt: skip

    def get_days(self, team: Team) -> dict[str, str]:
        return {day.kind: day.on.isoformat() for day in sorted(team.days.all(), key=lambda day: (day.on, day.pk))}


class JudgedSerializer(serializers.Serializer):
    """How many come with a team, and what of its institute's rule it does not meet."""

    size = serializers.IntegerField()
    is_waiting = serializers.BooleanField()
    shortfalls = serializers.ListField(child=serializers.CharField())


class AllowSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=200)


class TeamFilter(filters.FilterSet):
    institute = filters.NumberFilter(field_name="institute")
    sponsor = filters.NumberFilter(field_name="order__sponsor")


class TeamViewSet(ReadOnlyModelViewSet):
    """Teams that are registered, wait and are withdrawn as one."""

    queryset = Team.objects.none()
    serializer_class = TeamSerializer
    filterset_class = TeamFilter

    def get_queryset(self) -> Any:
        rows = Team.objects.visible_to(self.request.user).order_by("pk")
        return rows.select_related("institute__team_rule", "order__sponsor").prefetch_related("days")

    @extend_schema(responses={200: JudgedSerializer})
    @action(detail=True)
    def standing(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the router's signature
        """How many come with it, and what it lacks."""
        return Response(JudgedSerializer(teams.judged([self.get_object()])[0]).data)

    @extend_schema(request=AllowSerializer, parameters=CAREFUL, responses={200: TeamSerializer})
    @action(detail=True, methods=["post"])
    def allow(self, request: Request, pk: str) -> Response:
        """Staff: let it come although it is not as the institute wants it."""
        team = self.get_object()
        _require_sponsor(request, team.order.sponsor)
        require_provider(request.user, Action.REGISTER)
        given = AllowSerializer(data=request.data)
        given.is_valid(raise_exception=True)

        def do() -> dict[str, Any]:
            allowed = teams.allow(team, by=_user(request), **given.validated_data)
            return dict(TeamSerializer(self.get_queryset().get(pk=allowed.pk)).data)

        return answer(request, do, verb=f"allow team {pk}", refusals=REFUSALS, made=200)


# --- Choices ------------------------------------------------------------------------------------------------------------


class ChosenSerializer(serializers.Serializer):
    """A person's strand and sessions: exactly these."""

    strand = serializers.IntegerField(default=None, allow_null=True, min_value=1)
    sessions = serializers.ListField(child=serializers.IntegerField(min_value=1), default=list, max_length=100)


class ChoiceViewSet(GenericViewSet):
    """What one registered person chose."""

    queryset = Registration.objects.none()
    serializer_class = ChosenSerializer

    def _hers(self, request: Request, key: str) -> Registration:
        rows = Registration.objects.visible_to(request.user).live()
        rows = rows.select_related("institute", "seat__allotment__order__sponsor")
        found: Registration = get_object_or_404(rows, pk=key)
        if not may(request.user, Action.REGISTER, found.seat.allotment.order.sponsor):
            raise PermissionDenied
        return found

    @extend_schema(responses=ChosenSerializer(many=False), operation_id="registrations_choices_retrieve")
    def list(self, request: Request, registration_id: str) -> Response:
        """Her strand and her sessions."""
        return Response(_chosen(self._hers(request, registration_id)))

    @extend_schema(request=ChosenSerializer, parameters=CAREFUL, responses={200: ChosenSerializer})
    def create(self, request: Request, registration_id: str) -> Response:
        """Choose exactly these; what she had besides is free for others."""
        registration = self._hers(request, registration_id)
        given = ChosenSerializer(data=request.data)
        given.is_valid(raise_exception=True)

        def do() -> dict[str, Any]:
            kept = choices.keep(
                registration,
                strand_id=given.validated_data["strand"],
                session_ids=given.validated_data["sessions"],
                by=_user(request),
                at=timezone.now(),
            )
            return _chosen(kept)

        return answer(request, do, verb=f"choose {registration_id}", refusals=REFUSALS, made=200)


def _chosen(registration: Registration) -> dict[str, Any]:
    sessions = registration.choices.order_by("session__starts_at").values_list("session", flat=True)
    return {"strand": registration.strand_id, "sessions": list(sessions)}


ROUTES: list[tuple[str, type, str]] = [
    ("waitlist-entries", WaitlistEntryViewSet, "waitlist-entry"),
    ("offers", OfferViewSet, "offer"),
    ("teams", TeamViewSet, "team"),
    (r"registrations/(?P<registration_id>\d{1,18})/choices", ChoiceViewSet, "registration-choices"),
]

"""The API of seats: what they are, who comes on them, and who comes for whom."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from people.access import Action, Who, require
from people.api import answer
from people.models import Person
from registrations import naming, substitutes, unnamed
from registrations.api.orders import Visible
from registrations.models import Registration, Seat, Substitution
from registrations.newcomers import Attendee
from registrations.refusals import CannotChange

DRY_RUN = OpenApiParameter("dry_run", bool, description="Say what it would cost and do, and change nothing.")


def serialized(of: Any, request: Request) -> Any:
    """What was sent, read by a serializer; stops with 400 where it is wrong."""
    serializer = of(data=request.data, context={"request": request})
    serializer.is_valid(raise_exception=True)
    return serializer


def valid(of: Any, request: Request) -> dict[str, Any]:
    asked: dict[str, Any] = serialized(of, request).validated_data
    return asked


def acting(request: Request) -> Who:
    """Who calls: signed in, as every door asks for that."""
    return request.user


def kept_as(model_: Any, *fields_: str) -> type[serializers.ModelSerializer]:
    """A serializer of one kind of change, as it was written."""
    meta = type("Meta", (), {"model": model_, "fields": ["id", *fields_, "by", "at"]})
    return type(f"{model_.__name__}Serializer", (serializers.ModelSerializer,), {"Meta": meta})


class ChangeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """A list of changes, to which one is added by a POST."""

    model: Any

    def get_queryset(self) -> Any:
        return self.model.objects.visible_to(self.request.user)


# --- Seats ------------------------------------------------------------------------------------------------------------


class SeatSerializer(serializers.ModelSerializer):
    """A seat; `registrations` are those who sit in it now, `due_at` is when it goes back for want of a name."""

    order = serializers.IntegerField(source="allotment.order_id")
    registrations = serializers.SerializerMethodField()
    due_at = serializers.SerializerMethodField()

    class Meta:
        model = Seat
        fields = ["id", "order", "institute", "name_by", "due_at", "released_at", "registrations"]

    def get_registrations(self, seat: Seat) -> list[int]:
        return [one.pk for one in seat.registrations.all() if one.ended_at is None]

    def get_due_at(self, seat: Seat) -> datetime | None:
        return unnamed.due_at(seat)


class SeatFilter(filters.FilterSet):
    institute = filters.NumberFilter(field_name="institute")
    order = filters.NumberFilter(field_name="allotment__order")
    held = filters.BooleanFilter(field_name="released_at", lookup_expr="isnull")


class WhoSerializer(serializers.Serializer):
    """Who comes: a person who is known, or what makes a new one."""

    person = Visible(Person, required=False, allow_null=True, default=None)
    given_name = serializers.CharField(max_length=100, default="", allow_blank=True)
    family_name = serializers.CharField(max_length=100, default="", allow_blank=True)
    email = serializers.EmailField(max_length=254, default="", allow_blank=True)
    is_someone_else = serializers.BooleanField(default=False, help_text="Not the person whom we know by that name.")

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        if not (asked["person"] or asked["given_name"] or asked["family_name"]):
            raise serializers.ValidationError(_("Choose someone, or write the name of who comes."))
        return asked


class SeatViewSet(ReadOnlyModelViewSet):
    """Seats that are held, and were."""

    queryset = Seat.objects.none()
    serializer_class = SeatSerializer
    filterset_class = SeatFilter

    def get_queryset(self) -> Any:
        rows = Seat.objects.visible_to(self.request.user).select_related(
            "institute", "allotment__order__sponsor", "offer"
        )
        return rows.prefetch_related("registrations")

    @extend_schema(request=WhoSerializer, responses={201: dict}, parameters=[DRY_RUN])
    @action(detail=True, methods=["post"], url_path="name", url_name="name")
    def say_who(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the router's
        """Say who comes on a seat without a name."""
        seat = self.get_object()
        require(request.user, Action.REGISTER, seat.allotment.order.sponsor_id)
        asked = valid(WhoSerializer, request)

        def do() -> dict[str, Any]:
            made = naming.name(seat, _attendee(request, asked, seat), by=acting(request), at=timezone.now())
            return {"registration": made.pk, "person": made.person_id}

        return answer(request, do, verb="name", refusals=(CannotChange,))


# --- Who came for whom ------------------------------------------------------------------------------------------------


class SubstitutedSerializer(WhoSerializer):
    registration = Visible(Registration)
    from_day = serializers.DateField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=200, default="", allow_blank=True)
    is_sure = serializers.BooleanField(default=False, help_text="Whatever grades she teaches, and whatever the team.")


class SubstitutionViewSet(ChangeViewSet):
    """Who came for whom."""

    model = Substitution
    queryset = Substitution.objects.none()
    serializer_class = kept_as(Substitution, "seat", "from_registration", "to_registration", "first_day", "reason")

    @extend_schema(request=SubstitutedSerializer, responses={201: dict}, parameters=[DRY_RUN])
    def create(self, request: Request) -> Response:
        """Put somebody in another's seat, from a day on; costs nothing."""
        asked = valid(SubstitutedSerializer, request)
        leaving = Registration.objects.select_related("seat__allotment__order__sponsor", "seat__institute").get(
            pk=asked["registration"].pk
        )
        require(request.user, Action.REGISTER, leaving.seat.allotment.order.sponsor_id)

        def do() -> dict[str, Any]:
            made = substitutes.substitute(
                leaving,
                _attendee(request, asked, leaving.seat),
                from_day=asked["from_day"],
                reason=asked["reason"],
                is_sure=asked["is_sure"],
                by=acting(request),
                at=timezone.now(),
            )
            return {"id": made.pk, "registration": made.to_registration_id, "first_day": made.first_day.isoformat()}

        return answer(request, do, verb="substitute", refusals=(CannotChange,))


def _attendee(request: Request, asked: dict[str, Any], seat: Seat) -> Attendee:
    if asked["person"]:
        return Attendee(person_id=asked["person"].pk)
    return naming.somebody(
        asked["given_name"],
        asked["family_name"],
        asked["email"].lower(),
        seat=seat,
        is_someone_else=asked["is_someone_else"],
        who=request.user,
        at=timezone.now(),
    )


ROUTES: list[tuple[str, type, str]] = [
    ("seats", SeatViewSet, "seat"),
    ("substitutions", SubstitutionViewSet, "substitution"),
]

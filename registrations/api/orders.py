"""The API of orders: the same rows, verdicts, money and refusals as the pages; and who is registered."""

from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from events.models import Institute
from people import once
from people.access import Action, Who, may, require
from people.api import answer
from people.models import Organization, Person
from registrations.models import Order, Registration, Seat, WaitlistEntry, WaitsFor
from registrations.refusals import CannotRegister
from registrations.rosters import cells, sending
from registrations.rosters.rows import SOMEONE_ELSE, Row

A_ROSTER = 2000
NO_DISTRICT = 0
"""Who pays for herself: no district has a role there."""


class Visible(serializers.PrimaryKeyRelatedField):
    """The key of a row that the caller may see; another's is as if it were not."""

    def __init__(self, model: Any, **more: Any) -> None:
        self.model = model
        super().__init__(queryset=model.objects.none(), **more)

    def get_queryset(self) -> Any:
        return self.model.objects.visible_to(self.context["request"].user)


class AttendeeSerializer(serializers.Serializer):
    """Someone to register: a person who is known, or what makes a new one."""

    person = Visible(Person, required=False, allow_null=True, default=None)
    given_name = serializers.CharField(max_length=100, default="", allow_blank=True)
    family_name = serializers.CharField(max_length=100, default="", allow_blank=True)
    email = serializers.CharField(max_length=254, default="", allow_blank=True)
    school = serializers.CharField(max_length=200, default="", allow_blank=True)
    role = serializers.CharField(max_length=100, default="", allow_blank=True)
    grade = serializers.CharField(max_length=40, default="", allow_blank=True)
    team = serializers.CharField(max_length=80, default="", allow_blank=True)
    strand = serializers.CharField(max_length=80, default="", allow_blank=True)
    sessions = serializers.CharField(max_length=400, default="", allow_blank=True)
    dietary = serializers.CharField(max_length=300, default="", allow_blank=True)
    access = serializers.CharField(max_length=300, default="", allow_blank=True)
    waits = serializers.ChoiceField(WaitsFor.choices, default="", allow_blank=True, help_text="Stands in line for it.")
    is_unnamed = serializers.BooleanField(default=False, help_text="A seat whose name comes later.")
    is_someone_else = serializers.BooleanField(default=False, help_text="Not the person whom we know by that name.")
    pays = serializers.CharField(
        max_length=80, help_text="`line-4`, `agreement-2`, `agreement-2+line-4`; or `chaperone`: costs nothing."
    )


class OrderedSerializer(serializers.Serializer):
    """An order to be placed."""

    sponsor = Visible(Organization)
    institute = Visible(Institute)
    people = AttendeeSerializer(many=True, allow_empty=False)
    purchase_orders = serializers.DictField(child=serializers.IntegerField(), default=dict)
    past_the_line = serializers.CharField(
        max_length=200, default="", allow_blank=True, help_text="Staff: why these go before those in line."
    )

    def validate_people(self, people: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(people) > A_ROSTER:
            raise serializers.ValidationError(f"Send {A_ROSTER:,} people at most; make two orders of more.")
        return people


class OrderSerializer(serializers.ModelSerializer):
    """An order that was placed, with its live seats and its dollars."""

    seats = serializers.IntegerField(read_only=True)
    institutes = serializers.SerializerMethodField()

    class Meta:
        model = Order
        fields = ["id", "sponsor", "at", "seats", "institutes"]

    def get_institutes(self, order: Order) -> list[int]:
        return sorted({allotment.institute_id for allotment in order.allotments.all()})


class OrderFilter(filters.FilterSet):
    sponsor = filters.NumberFilter(field_name="sponsor")
    institute = filters.NumberFilter(method="at_institute")

    def at_institute(self, rows: Any, _name: str, institute: int) -> Any:
        return rows.filter(pk__in=Order.objects.filter(allotments__institute=institute).values("pk"))


class OrderViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """What districts ordered."""

    queryset = Order.objects.none()
    serializer_class = OrderSerializer
    filterset_class = OrderFilter

    def get_queryset(self) -> Any:
        held = Count("allotments__seats", filter=Q(allotments__seats__released_at__isnull=True))
        rows = Order.objects.visible_to(self.request.user)
        return rows.annotate(seats=held).prefetch_related("allotments")

    @extend_schema(
        request=OrderedSerializer,
        responses={201: dict},
        parameters=[OpenApiParameter("dry_run", bool, description="Say what it would cost, and keep nothing.")],
    )
    def create(self, request: Request) -> Response:
        """Register people: seats, money and mail, all or none. `?dry_run=true` answers the price."""
        asked = OrderedSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        require(request.user, Action.REGISTER, asked.validated_data["sponsor"])
        return answer(
            request, lambda: _placed(asked.validated_data, request.user), verb="order", refusals=(CannotRegister,)
        )


def _placed(asked: dict[str, Any], by: Who) -> dict[str, Any]:
    order = sending.place(
        [_row(person, line) for line, person in enumerate(asked["people"], start=1)],
        sponsor=asked["sponsor"],
        institute=asked["institute"],
        purchase_orders=asked["purchase_orders"],
        past_the_line=asked["past_the_line"],
        key=f"api-{once.new_key()}",
        by=by,
        at=timezone.now(),
    )
    seats = Seat.objects.filter(allotment__order=order).order_by("pk")
    rows = list(seats.values_list("allotment__price", "registrations__pk", "registrations__person"))
    return {
        "id": order.pk if order else None,
        "amount": str(sum((price for price, _key, _person in rows), Decimal("0.00"))),
        "registrations": [{"id": key, "person": person} for _price, key, person in rows if key],
        "unnamed": sum(key is None for _price, key, _person in rows),
        "waiting": list(
            WaitlistEntry.objects.filter(allotment__order=order).order_by("pk").values_list("pk", flat=True)
        ),
    }


def _row(asked: dict[str, Any], line: int) -> Row:
    person: Person | None = asked["person"]
    given, family = cells.name_of(asked["given_name"], asked["family_name"])
    if person and not (given or family):
        given, family = person.given_name, person.family_name
    return Row(
        key=line,
        line=line,
        given_name=given,
        family_name=family,
        email=cells.address(asked["email"]),
        school=asked["school"],
        role=asked["role"],
        grade=asked["grade"],
        decision=SOMEONE_ELSE if asked["is_someone_else"] else "",
        person_id=person.pk if person else None,
        pays=asked["pays"],
        is_unnamed=asked["is_unnamed"],
        **{name: asked[name] for name in ("team", "strand", "sessions", "dietary", "access", "waits")},
    )


class RegistrationSerializer(serializers.ModelSerializer):
    """A person in a seat; the days are the first and the last, both inside. Needs are null for whoever may not read them."""

    name = serializers.CharField(source="name_printed")
    order = serializers.IntegerField(source="seat.allotment.order_id")
    sponsor = serializers.IntegerField(source="seat.allotment.order.sponsor_id", default=None)
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    needs = serializers.SerializerMethodField()

    class Meta:
        model = Registration
        fields = [
            "id", "institute", "person", "name", "order", "sponsor", "school", "role", "grade_span", "first_day",
            "last_day", "needs", "made_at", "ended_at",
        ]  # fmt: skip

    def get_needs(self, registration: Registration) -> list[dict[str, str]] | None:
        sponsor = registration.seat.allotment.order.sponsor_id
        if not may(self.context["request"].user, Action.SEE_NEEDS, sponsor or NO_DISTRICT):
            return None
        return [{"kind": need.kind, "text": need.text} for need in registration.needs.all()]


class RegistrationFilter(filters.FilterSet):
    institute = filters.NumberFilter(field_name="institute")
    person = filters.NumberFilter(method="of_person", help_text="Under every name that was merged into hers, too.")
    sponsor = filters.NumberFilter(field_name="seat__allotment__order__sponsor")
    order = filters.NumberFilter(field_name="seat__allotment__order")
    live = filters.BooleanFilter(field_name="ended_at", lookup_expr="isnull")

    def of_person(self, rows: Any, _name: str, person: int) -> Any:
        return rows.filter(Q(person=person) | Q(person__merged_into=person))


class RegistrationViewSet(ReadOnlyModelViewSet):
    """Who is registered, and who was."""

    queryset = Registration.objects.none()
    serializer_class = RegistrationSerializer
    filterset_class = RegistrationFilter

    def get_queryset(self) -> Any:
        rows = Registration.objects.visible_to(self.request.user)
        return rows.select_related("person", "seat__allotment__order").prefetch_related("needs")


ROUTES: list[tuple[str, type, str]] = [
    ("orders", OrderViewSet, "order"),
    ("registrations", RegistrationViewSet, "registration"),
]

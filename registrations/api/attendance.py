"""The API of attendance: events in batches, each acting once under its own id, and the hours they make."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ViewSet

from events.models import Institute, Session
from people.api import answer
from registrations import attendance, hours
from registrations.access import require_attendance
from registrations.attendance import Answer, Result, Seen
from registrations.models import AttendanceEvent, Registration

A_BATCH = 1000


class Moment(serializers.DateTimeField):
    """A time with its zone: the server's own zone is nobody's business."""

    default_error_messages = {"naive": gettext_lazy("A time needs its zone, such as 2027-01-21T08:00:00-08:00.")}

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("naive")
        return value


class SeenSerializer(serializers.Serializer):
    """One event, as a client saw it, under an id of its own."""

    id = serializers.UUIDField()
    session = serializers.IntegerField(source="session_id", min_value=1, max_value=2**63 - 1)
    kind = serializers.CharField(max_length=8)
    at = Moment()
    registration = serializers.IntegerField(source="registration_id", min_value=1, max_value=2**63 - 1, default=None)
    engagement = serializers.IntegerField(source="engagement_id", min_value=1, max_value=2**63 - 1, default=None)
    minutes = serializers.IntegerField(default=None, min_value=-1440, max_value=1440)
    reason = serializers.CharField(max_length=200, allow_blank=True, default="")
    voids = serializers.UUIDField(source="voids_id", default=None)
    device = serializers.IntegerField(source="device_id", min_value=1, max_value=2**63 - 1, default=None)
    device_at = Moment(default=None)


class BatchSerializer(serializers.Serializer):
    events = SeenSerializer(many=True)


class AnswerSerializer(serializers.Serializer):
    id = serializers.CharField()
    result = serializers.ChoiceField(choices=[result.value for result in Result])
    sentence = serializers.CharField()


class AnswersSerializer(serializers.Serializer):
    events = AnswerSerializer(many=True)


class EventSerializer(serializers.ModelSerializer):
    """An event of the ledger."""

    class Meta:
        model = AttendanceEvent
        fields = [
            "id", "session", "registration", "engagement", "kind", "at", "minutes", "reason", "voids", "device",
            "device_at", "recorded_at",
        ]  # fmt: skip


class EventFilter(filters.FilterSet):
    institute = filters.NumberFilter(field_name="session__institute")
    session = filters.NumberFilter(field_name="session")
    registration = filters.NumberFilter(field_name="registration")


class AttendanceEventViewSet(mixins.ListModelMixin, GenericViewSet):
    """The ledger of attendance."""

    queryset = AttendanceEvent.objects.none()
    serializer_class = EventSerializer
    filterset_class = EventFilter

    def get_queryset(self) -> Any:
        return AttendanceEvent.objects.visible_to(self.request.user)

    @extend_schema(
        request=BatchSerializer,
        responses={200: AnswersSerializer},
        parameters=[OpenApiParameter("dry_run", bool, description="Say what would happen, and keep nothing.")],
    )
    def create(self, request: Request) -> Response:
        """Record up to 1,000 events. What is right is kept; each event gets its answer: new, repeated or refused."""
        events = request.data.get("events") if isinstance(request.data, dict) else None
        if not isinstance(events, list) or len(events) > A_BATCH:
            raise serializers.ValidationError({"events": [_("Send a list of up to 1,000 events.")]})
        return answer(
            request, lambda: _recorded(events, request), verb="record attendance", refusals=(), made=status.HTTP_200_OK
        )


def _recorded(events: list[Any], request: Request) -> dict[str, Any]:
    """The answers, in the order of the events."""
    seen, answers = _checked(events)
    wanted = {event.session_id for event in seen.values()}
    sessions = Session.objects.visible_to(request.user).filter(pk__in=wanted).select_related("institute__hours_rule")
    homes = {session.pk: session.institute for session in sessions}
    institutes = {institute.pk: institute for institute in homes.values()}
    for institute in institutes.values():
        here = [place for place, event in seen.items() if homes.get(event.session_id) == institute]
        kept = _kept([seen[place] for place in here], institute, request)
        answers |= {place: _told(one) for place, one in zip(here, kept, strict=True)}
    for place in range(len(events)):
        answers.setdefault(place, _refused(events[place], _("This session is not one at which you take attendance.")))
    return {"events": [answers[place] for place in range(len(events))]}


def _checked(events: list[Any]) -> tuple[dict[int, Seen], dict[int, dict[str, str]]]:
    """Events by their places in the batch; those that lack something have their answer already."""
    shape = SeenSerializer()  # one for all: to make it costs more than to ask it
    seen: dict[int, Seen] = {}
    answers: dict[int, dict[str, str]] = {}
    for place, event in enumerate(events):
        try:
            seen[place] = Seen(**shape.run_validation(event))
        except serializers.ValidationError as wrong:
            answers[place] = _refused(event, _sentence(wrong.detail))
    return seen, answers


def _kept(seen: Sequence[Seen], institute: Institute, request: Request) -> Sequence[Answer]:
    try:
        require_attendance(request.user, institute)
        return attendance.record(seen, institute=institute, by=request.user, at=timezone.now()).answers  # type: ignore[arg-type]  # IsAuthenticated
    except (attendance.CannotRecord, PermissionDenied) as refusal:
        sentence = str(refusal) or _("This session is not one at which you take attendance.")
        return [Answer(event.id, Result.REFUSED, sentence) for event in seen]


def _told(one: Answer) -> dict[str, str]:
    return {"id": str(one.id), "result": one.result.value, "sentence": one.sentence}


def _refused(event: Any, sentence: str) -> dict[str, str]:
    key = event.get("id") if isinstance(event, dict) else ""
    return {"id": str(key or ""), "result": Result.REFUSED.value, "sentence": sentence}


def _sentence(errors: Any) -> str:
    """What is wrong with an event's shape, field by field."""
    return " ".join(
        f"{name}: {' '.join(map(str, told))}" if name != "non_field_errors" else " ".join(map(str, told))
        for name, told in errors.items()
    )


class ExplainedBlockSerializer(serializers.Serializer):
    session = serializers.IntegerField(source="session.id")
    title = serializers.CharField(source="session.title")
    counts = serializers.BooleanField()
    minutes_offered = serializers.IntegerField()
    minutes_present = serializers.IntegerField()
    words = serializers.CharField()


class DaySerializer(serializers.Serializer):
    day = serializers.DateField()
    offered = serializers.IntegerField()
    attended = serializers.IntegerField()
    adjusted = serializers.IntegerField()
    earned = serializers.IntegerField()
    by_type = serializers.DictField(child=serializers.IntegerField())
    why = serializers.CharField()
    blocks = ExplainedBlockSerializer(many=True)


class ExplanationSerializer(serializers.Serializer):
    """Minutes offered and earned, and why."""

    offered = serializers.IntegerField()
    earned = serializers.IntegerField()
    by_type = serializers.DictField(child=serializers.IntegerField())
    days = DaySerializer(many=True)


class HoursViewSet(ViewSet):
    """The hours of one registration."""

    @extend_schema(responses=ExplanationSerializer(many=False), operation_id="registrations_hours_retrieve")
    def list(self, request: Request, registration_id: str) -> Response:
        """What the registration earned, in minutes, day by day and block by block."""
        rows = Registration.objects.visible_to(request.user).select_related("institute__hours_rule")
        registration = get_object_or_404(rows, pk=registration_id)
        return Response(ExplanationSerializer(hours.explain(registration)).data)


ROUTES: list[tuple[str, type, str]] = [
    ("attendance-events", AttendanceEventViewSet, "attendance-event"),
    (r"registrations/(?P<registration_id>\d{1,18})/hours", HoursViewSet, "registration-hours"),
]

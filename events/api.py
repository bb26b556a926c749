"""Doors of the API for institutes; config.api puts them on the router."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from events import scheduling
from events.filters import SessionFilter
from events.models import Institute, Program, Season, Session
from events.serializers import (
    AgendaChangeSerializer,
    CloneSerializer,
    InstituteSerializer,
    ProgramSerializer,
    SeasonSerializer,
    SessionSerializer,
    WholeInstituteSerializer,
    change_of,
)
from people import access, api
from people.access import Action
from people.models import User

DRY_RUN = OpenApiParameter("dry_run", bool, description="Answer what would happen, and change nothing.")
IDEMPOTENCY_KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="Acts once.")
CAREFUL = [DRY_RUN, IDEMPOTENCY_KEY]


class ProgramViewSet(viewsets.ReadOnlyModelViewSet):
    """Lines of work that come again."""

    queryset = Program.objects.all()
    serializer_class = ProgramSerializer


class SeasonViewSet(viewsets.ReadOnlyModelViewSet):
    """Times of the year in which institutes are offered."""

    queryset = Season.objects.all()
    serializer_class = SeasonSerializer


class SessionViewSet(viewsets.ReadOnlyModelViewSet):
    """Blocks of agendas."""

    queryset = Session.objects.none()
    serializer_class = SessionSerializer
    filterset_class = SessionFilter

    def get_queryset(self) -> QuerySet:
        rows = Session.objects.visible_to(self.request.user)
        return rows.filter(institute__in=Institute.objects.visible_to(self.request.user).values("pk"))


class InstituteViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Institutes; one of them comes with its agenda. Those who schedule make, change, clone and publish them."""

    queryset = Institute.objects.none()
    serializer_class = InstituteSerializer
    filterset_fields = {
        "program": ["exact"],
        "season": ["exact"],
        "code": ["exact"],
        "modality": ["exact"],
        "starts_on": ["exact", "gte", "lte"],
    }

    def get_queryset(self) -> QuerySet:
        rows = Institute.objects.visible_to(self.request.user)
        return rows.prefetch_related("sessions", "strands") if self.action == "retrieve" else rows

    def get_serializer_class(self) -> type[Serializer]:
        return WholeInstituteSerializer if self.action == "retrieve" else InstituteSerializer

    @extend_schema(parameters=CAREFUL, responses={201: InstituteSerializer})
    def create(self, request: Request) -> Response:
        """Schedule an institute, as a draft."""
        access.require_provider(request.user, Action.SCHEDULE)
        given = InstituteSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        made = Institute(**given.validated_data)
        return self._answer(lambda: scheduling.schedule(made, by=_user(request), at=timezone.now()), "schedule")

    @extend_schema(parameters=CAREFUL, responses={200: InstituteSerializer})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change facts; the agenda moves along with the first day."""
        institute = self.get_object()
        access.require_provider(request.user, Action.SCHEDULE)
        given = InstituteSerializer(institute, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        for name, value in given.validated_data.items():
            setattr(institute, name, value)
        return self._answer(
            lambda: scheduling.change_facts(institute, by=_user(request), at=timezone.now()),
            f"change_facts {pk}",
            made=200,
        )

    @extend_schema(request=CloneSerializer, parameters=CAREFUL, responses={201: InstituteSerializer})
    @action(detail=True, methods=["post"])
    def clone(self, request: Request, pk: str) -> Response:
        """The next one of its kind, with its whole agenda."""
        institute = self.get_object()
        access.require_provider(request.user, Action.SCHEDULE)
        given = CloneSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._answer(
            lambda: scheduling.clone(institute, **given.validated_data, by=_user(request), at=timezone.now()),
            f"clone {pk}",
        )

    @extend_schema(request=None, parameters=CAREFUL, responses={200: InstituteSerializer})
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """Show it to everyone."""
        institute = self.get_object()
        access.require_provider(request.user, Action.SCHEDULE)

        def publish() -> object:
            scheduling.publish(institute, by=_user(request), at=timezone.now())
            return institute

        return self._answer(publish, f"publish {pk}", made=200)

    @extend_schema(
        request=AgendaChangeSerializer(many=True), parameters=CAREFUL, responses={200: WholeInstituteSerializer}
    )
    @action(detail=True, methods=["post"])
    def agenda(self, request: Request, pk: str) -> Response:
        """Add, edit and remove blocks: all of the changes or none."""
        institute = self.get_object()
        access.require_provider(request.user, Action.SCHEDULE)
        given = AgendaChangeSerializer(data=request.data, many=True, context={"institute": institute})
        given.is_valid(raise_exception=True)

        def change() -> dict[str, Any]:
            notes = scheduling.change_agenda(
                institute, [change_of(row) for row in given.validated_data], by=_user(request), at=timezone.now()
            )
            return dict(WholeInstituteSerializer(institute).data) | {"notes": notes}

        return api.answer(request, change, verb=f"agenda {pk}", refusals=scheduling.CannotSchedule, made=200)

    def _answer(self, do: Any, verb: str, *, made: int = 201) -> Response:
        return api.answer(
            self.request,
            lambda: dict(InstituteSerializer(do()).data),
            verb=verb,
            refusals=scheduling.CannotSchedule,
            made=made,
        )


def _user(request: Request) -> User | None:
    """Whoever holds the token or the session; DRF lets nobody else through."""
    return request.user if isinstance(request.user, User) else None


ROUTES: list[tuple[str, type, str]] = [
    ("programs", ProgramViewSet, "program"),
    ("seasons", SeasonViewSet, "season"),
    ("institutes", InstituteViewSet, "institute"),
    ("sessions", SessionViewSet, "session"),
]

"""Doors of the API: who was merged with whom, and the colleagues of a district; config.api puts them on the router."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from people import memberships, merging
from people.access import SPONSOR_ROLES, Action, Role, require, require_provider
from people.api import answer
from people.models import Membership, Merge, Organization, Person
from portal import colleagues, persons

CAREFUL = [
    OpenApiParameter("dry_run", bool, description="Answer what would happen, and change nothing."),
    OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="Acts once."),
]


class MergedSerializer(serializers.Serializer):
    """Two who are to be one."""

    person = serializers.PrimaryKeyRelatedField(queryset=Person.objects.all(), help_text="Becomes an alias.")
    into = serializers.PrimaryKeyRelatedField(queryset=Person.objects.all(), help_text="Stays.")
    evidence = serializers.CharField(max_length=300)


class UndoneSerializer(serializers.Serializer):
    """Why two are two after all."""

    reason = serializers.CharField(max_length=300)


class MergeSerializer(serializers.ModelSerializer):
    """A merge, and until when it can be undone."""

    undone_at = serializers.DateTimeField(source="undone.at", default=None)
    undone_until = serializers.SerializerMethodField()

    class Meta:
        model = Merge
        fields = ["id", "person", "into", "evidence", "at", "undone_until", "undone_at"]

    def get_undone_until(self, merge: Merge) -> Any:
        return merge.at + merging.UNDONE_WITHIN


class MergeViewSet(mixins.ListModelMixin, GenericViewSet):
    """Merges of two people, the newest first. For the provider's staff."""

    queryset = Merge.objects.none()
    serializer_class = MergeSerializer

    def get_queryset(self) -> Any:
        require_provider(self.request.user, Action.KEEP_DIRECTORY)
        rows = Merge.objects.visible_to(self.request.user)
        return rows.select_related("undone").order_by("-at", "-pk")

    @extend_schema(request=MergedSerializer, parameters=CAREFUL, responses={201: MergeSerializer})
    def create(self, request: Request) -> Response:
        """Merge two people; refused while both hold places on one day."""
        require_provider(request.user, Action.KEEP_DIRECTORY)
        given = MergedSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked: Any = given.validated_data
        by: Any = request.user

        def do() -> dict[str, Any]:
            made = persons.merge(
                asked["person"], into=asked["into"], evidence=asked["evidence"], by=by, at=timezone.now()
            )
            return dict(MergeSerializer(made).data)

        return answer(request, do, verb="merge", refusals=merging.CannotMerge)

    @extend_schema(request=UndoneSerializer, parameters=CAREFUL, responses={200: MergeSerializer})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Take a merge apart, within its 90 days."""
        merge = self.get_object()
        given = UndoneSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        by: Any = request.user

        def do() -> dict[str, Any]:
            merging.unmerge(merge, reason=given.validated_data["reason"], by=by, at=timezone.now())
            return dict(MergeSerializer(Merge.objects.select_related("undone").get(pk=merge.pk)).data)

        return answer(request, do, verb=f"unmerge {pk}", refusals=merging.CannotUnmerge, made=200)


class ColleagueSerializer(serializers.ModelSerializer):
    """A part that somebody plays at a district."""

    email = serializers.EmailField(source="user.email")
    name = serializers.CharField(source="user")

    class Meta:
        model = Membership
        fields = ["id", "organization", "role", "email", "name", "started_at"]


class SuccessorSerializer(serializers.Serializer):
    """Who gets the part, and whether the one who had it ends at once or when the other has signed in."""

    email = serializers.EmailField()
    name = serializers.CharField(max_length=200)
    at_once = serializers.BooleanField(default=False)


class InvitedSerializer(serializers.Serializer):
    """A colleague, and the part she is to play at a district."""

    organization = serializers.IntegerField()
    role = serializers.ChoiceField(Role.choices)
    email = serializers.EmailField()
    name = serializers.CharField(max_length=200)


class ColleagueViewSet(mixins.ListModelMixin, GenericViewSet):
    """Who coordinates one's districts and who sees their money."""

    queryset = Membership.objects.none()
    serializer_class = ColleagueSerializer

    def get_queryset(self) -> Any:
        require(self.request.user, Action.HAND_OVER)
        visible = Organization.objects.visible_to(self.request.user)
        rows = Membership.objects.active().filter(organization__in=visible, role__in=SPONSOR_ROLES)
        return rows.select_related("user__person").order_by("pk")

    @extend_schema(request=InvitedSerializer, parameters=CAREFUL, responses={201: ColleagueSerializer})
    def create(self, request: Request) -> Response:
        """Invite a colleague; a mail says how to sign in."""
        require(request.user, Action.HAND_OVER)
        given = InvitedSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked: Any = given.validated_data
        by: Any = request.user
        district = get_object_or_404(Organization.objects.visible_to(by), pk=asked["organization"])
        require(by, Action.HAND_OVER, district)

        def do() -> dict[str, Any]:
            made = colleagues.invite(
                asked["email"], asked["name"], Role(asked["role"]), district, by=by, at=timezone.now()
            )
            return dict(ColleagueSerializer(made).data)

        return answer(request, do, verb="invite a colleague", refusals=memberships.CannotAppoint)

    @extend_schema(request=SuccessorSerializer, parameters=CAREFUL, responses={201: ColleagueSerializer})
    @action(detail=True, methods=["post"], url_path="hand-over")
    def hand_over(self, request: Request, pk: str) -> Response:
        """Hand one's own part over; any part, for the provider's staff. Answers with the successor's."""
        part = self.get_object()
        by: Any = request.user
        require(by, Action.HAND_OVER, part.organization)
        if part.user_id != by.pk:
            require_provider(by, Action.KEEP_DIRECTORY)
        given = SuccessorSerializer(data=request.data)
        given.is_valid(raise_exception=True)

        def do() -> dict[str, Any]:
            made = colleagues.hand_over(part, **given.validated_data, by=by, at=timezone.now())
            return dict(ColleagueSerializer(made.to).data)

        return answer(request, do, verb=f"hand over {pk}", refusals=memberships.CannotHandOver)


ROUTES: list[tuple[str, type, str]] = [("merges", MergeViewSet, "merge"), ("colleagues", ColleagueViewSet, "colleague")]

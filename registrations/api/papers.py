"""The API of papers: who was asked to approve a roster, and what was answered."""

from typing import Any

from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from registrations.models import Approval


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


class ApprovalViewSet(ReadOnlyModelViewSet):
    """Approvals of rosters."""

    queryset = Approval.objects.none()
    serializer_class = ApprovalSerializer
    filterset_class = ApprovalFilter

    def get_queryset(self) -> Any:
        return Approval.objects.visible_to(self.request.user).select_related("draft")


ROUTES: list[tuple[str, type, str]] = [("approvals", ApprovalViewSet, "approval")]

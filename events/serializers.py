"""The shape of institutes in the API."""

from typing import Any

from rest_framework import serializers

from events.agenda import Block
from events.models import HourType, Institute, Program, Season, Session, Strand
from events.scheduling import Add, Change, Edit, Remove


class ProgramSerializer(serializers.ModelSerializer):
    class Meta:
        model = Program
        fields = ["id", "name", "slug", "code", "summary", "description", "audience"]


class SeasonSerializer(serializers.ModelSerializer):
    class Meta:
        model = Season
        fields = ["id", "name", "starts_on", "ends_on"]


class StrandSerializer(serializers.ModelSerializer):
    class Meta:
        model = Strand
        fields = ["id", "name", "capacity", "position"]


class SessionSerializer(serializers.ModelSerializer):
    minutes = serializers.IntegerField(read_only=True)

    class Meta:
        model = Session
        fields = [
            "id", "institute", "strand", "title", "starts_at", "ends_at", "minutes", "counts", "hour_type", "standards",
            "room", "capacity",
        ]  # fmt: skip


class InstituteSerializer(serializers.ModelSerializer):
    code = serializers.CharField(max_length=20, required=False, help_text="Left out, the program's next code is taken.")
    seats_left = serializers.IntegerField(read_only=True)

    class Meta:
        model = Institute
        fields = [
            "id", "code", "title", "program", "season", "kind", "modality", "description", "what_to_bring", "zone",
            "starts_on", "ends_on", "venue", "host", "fiscal_agent", "capacity", "seats_taken", "seats_left", "price",
            "registration_opens_at", "registration_closes_at", "names_due_on", "minimum", "decision_on", "terms",
            "hours_rule", "team_rule", "agenda_revision", "certificates_after_hours", "chaperones", "published_at",
            "canceled_at",
        ]  # fmt: skip
        read_only_fields = ["seats_taken", "agenda_revision", "published_at", "canceled_at"]


class WholeInstituteSerializer(InstituteSerializer):
    """An institute with its strands and its agenda."""

    strands = StrandSerializer(many=True, read_only=True)
    sessions = SessionSerializer(many=True, read_only=True)

    class Meta(InstituteSerializer.Meta):
        fields = [*InstituteSerializer.Meta.fields, "strands", "sessions"]


class CloneSerializer(serializers.Serializer):
    starts_on = serializers.DateField()
    code = serializers.CharField(max_length=20, required=False)
    season = serializers.PrimaryKeyRelatedField(queryset=Season.objects.all(), required=False)
    again = serializers.BooleanField(default=False, help_text="One more of its kind on the same days.")


class BlockSerializer(serializers.Serializer):
    """A block by day and clock, on the institute's own clocks."""

    day = serializers.DateField()
    starts = serializers.TimeField()
    ends = serializers.TimeField()
    title = serializers.CharField(max_length=150)
    strand = serializers.PrimaryKeyRelatedField(queryset=Strand.objects.all(), required=False, allow_null=True)
    counts = serializers.BooleanField(default=True)
    hour_type = serializers.ChoiceField(HourType.choices, default=HourType.INTENSIVE)
    room = serializers.CharField(max_length=80, required=False, allow_blank=True)
    capacity = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    standards = serializers.CharField(max_length=300, required=False, allow_blank=True)

    def validate_strand(self, strand: Strand | None) -> Strand | None:
        if strand and strand.institute_id != self.context["institute"].pk:
            raise serializers.ValidationError("That strand belongs to another institute.")
        return strand


class AgendaChangeSerializer(serializers.Serializer):
    """Without `session` a new block; with it that block written anew, or removed when `block` is null."""

    session = serializers.IntegerField(required=False)
    block = BlockSerializer(allow_null=True)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["block"] is None and "session" not in given:
            raise serializers.ValidationError("Say which session goes, or write a block.")
        return given


def change_of(given: dict[str, Any]) -> Change:
    """What one row of the call asks for."""
    if given["block"] is None:
        return Remove(given["session"])
    block = Block(**given["block"])
    return Edit(given["session"], block) if "session" in given else Add(block)

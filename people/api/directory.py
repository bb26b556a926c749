"""Districts, schools and people, to be read: each caller's own."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers, viewsets

from people.filters import OrganizationFilter, PersonFilter, SchoolFilter
from people.models import EmailAddress, Employment, Organization, Person, School


class DistrictSerializer(serializers.ModelSerializer):
    county = serializers.CharField(source="county.name", default=None)

    class Meta:
        model = Organization
        fields = [
            "id", "kind", "name", "cds", "county", "parent", "successor", "status", "opened_on", "closed_on",
            "street", "city", "state", "zip", "phone",
        ]  # fmt: skip


class SchoolSerializer(serializers.ModelSerializer):
    county = serializers.CharField(source="county.name", default=None)

    class Meta:
        model = School
        fields = [
            "id", "name", "cds", "organization", "county", "successor", "status", "is_charter", "is_private", "grades",
            "opened_on", "closed_on", "street", "city", "zip", "phone",
        ]  # fmt: skip


class AddressSerializer(serializers.ModelSerializer):
    class Meta:
        model = EmailAddress
        fields = ["address", "is_preferred"]


class EmploymentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Employment
        fields = ["organization", "school", "role", "grade_span", "starts_on", "ends_on"]


class PersonSerializer(serializers.ModelSerializer):
    addresses = AddressSerializer(many=True)
    employments = EmploymentSerializer(many=True)

    class Meta:
        model = Person
        fields = ["id", "display_name", "given_name", "family_name", "addresses", "employments"]


class Districts(viewsets.ReadOnlyModelViewSet):
    """Districts, county offices, charters and other organizations."""

    queryset = Organization.objects.none()
    serializer_class = DistrictSerializer
    filterset_class = OrganizationFilter

    def get_queryset(self) -> QuerySet[Any]:
        return Organization.objects.visible_to(self.request.user).select_related("county")


class Schools(viewsets.ReadOnlyModelViewSet):
    """The schools of districts."""

    queryset = School.objects.none()
    serializer_class = SchoolSerializer
    filterset_class = SchoolFilter

    def get_queryset(self) -> QuerySet[Any]:
        return School.objects.visible_to(self.request.user).select_related("county")


class People(viewsets.ReadOnlyModelViewSet):
    """People, with the addresses and jobs that the caller may see."""

    queryset = Person.objects.none()
    serializer_class = PersonSerializer
    filterset_class = PersonFilter

    def get_queryset(self) -> QuerySet[Any]:
        who = self.request.user
        return (
            Person.objects.visible_to(who)
            .canonical()
            .prefetch_related(
                Prefetch("addresses", EmailAddress.objects.visible_to(who).order_by("pk")),
                Prefetch("employments", Employment.objects.visible_to(who).order_by("pk")),
            )
        )


ROUTES: list[tuple[str, type, str]] = [
    ("districts", Districts, "districts"),
    ("schools", Schools, "schools"),
    ("people", People, "people"),
]

"""What lists of people, districts and schools can be narrowed by, in the address of the page or of the call."""

from typing import Any

import django_filters as filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.models import County, Organization, OrganizationKind, Person, School, Standing
from people.models.organizations import OrganizationQuerySet, SchoolQuerySet
from people.models.persons import PersonQuerySet

MOST_ALIASES = 200
"""Of a name that more were merged under than this, the others are found by the names they have now."""


class OrganizationFilter(filters.FilterSet):
    """Districts and other organizations by name or CDS code, kind, county and standing."""

    q = filters.CharFilter(label=_("Name or CDS code"), method="search")
    kind = filters.ChoiceFilter(label=_("Kind"), choices=OrganizationKind.choices, empty_label=_("Any"))
    county = filters.ModelChoiceFilter(
        label=_("County"),
        queryset=County.objects.order_by("name"),
        to_field_name="code",
        empty_label=_("Any"),
    )
    status = filters.ChoiceFilter(label=_("Standing"), choices=Standing.choices, empty_label=_("Any"))

    class Meta:
        model = Organization
        fields = ["q", "kind", "county", "status"]

    def search(self, rows: OrganizationQuerySet, _name: str, words: str) -> OrganizationQuerySet:
        return _by_code(rows, words) if _is_code(words) else rows.named_like(words)


class SchoolFilter(filters.FilterSet):
    """Schools by name or CDS code, district, county and standing."""

    q = filters.CharFilter(label=_("Name or CDS code"), method="search")
    county = filters.CharFilter(field_name="county__code")
    district = filters.CharFilter(field_name="organization__cds")

    class Meta:
        model = School
        fields = ["q", "organization", "district", "county", "status", "is_charter", "is_private"]

    def search(self, rows: SchoolQuerySet, _name: str, words: str) -> SchoolQuerySet:
        return _by_code(rows, words) if _is_code(words) else rows.named_like(words)


class PersonFilter(filters.FilterSet):
    """People by name or address, and by district."""

    q = filters.CharFilter(label=_("Name or e-mail"), method="search")
    organization = filters.NumberFilter(label=_("District"), method="employed_at")

    class Meta:
        model = Person
        fields = ["q", "organization"]

    def search(self, rows: PersonQuerySet, _name: str, words: str) -> PersonQuerySet:
        return rows.reached_at(words) if "@" in words else rows.named_like(words)

    def employed_at(self, rows: PersonQuerySet, _name: str, organization: int) -> PersonQuerySet:
        return rows.employed_at(organization)


class DirectoryPersonFilter(PersonFilter):
    """For staff: a person is found by the names and addresses she had, too. A district is not told of those."""

    def search(self, rows: PersonQuerySet, name: str, words: str) -> PersonQuerySet:
        known = super().search(Person.objects.filter(merged_into__isnull=False), name, words)
        keys = list(known.values_list("merged_into", flat=True)[:MOST_ALIASES])
        found = super().search(rows, name, words)
        return rows.filter(Q(pk__in=found.values("pk")) | Q(pk__in=keys)) if keys else found


def _is_code(words: str) -> bool:
    return words.replace("-", "").strip().isdigit()


def _by_code(rows: Any, words: str) -> Any:
    return rows.filter(cds__startswith=words.replace("-", "").strip())

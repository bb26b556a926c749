"""Reference data in the admin: regions, counties, organizations, schools; people to be read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest  # noqa: TID251 - the admin is handed the request

from people.models import County, Organization, Person, Region, School
from people.names import fold


@admin.register(Region)
class RegionAdmin(admin.ModelAdmin):
    search_fields = ["name"]


@admin.register(County)
class CountyAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "region"]
    list_editable = ["region"]
    list_filter = ["region"]
    list_select_related = ["region"]
    ordering = ["code"]
    search_fields = ["name"]


class _FoldedNames(admin.ModelAdmin):
    """Keeps the key by which a name is found in step with it."""

    search_fields = ["search_key", "cds"]
    ordering = ["search_key"]
    list_select_related = ["county"]
    readonly_fields = ["directory_on"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.search_key = fold(obj.name)[:250]
        super().save_model(request, obj, form, change)


@admin.register(Organization)
class OrganizationAdmin(_FoldedNames):
    list_display = ["name", "kind", "county", "cds", "status"]
    list_filter = ["kind", "status", "county__region"]
    autocomplete_fields = ["county", "parent", "successor"]


@admin.register(School)
class SchoolAdmin(_FoldedNames):
    list_display = ["name", "organization", "county", "cds", "status"]
    list_filter = ["status", "is_charter", "is_private"]
    list_select_related = ["county", "organization"]
    autocomplete_fields = ["county", "organization", "successor"]


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    """To be read: names are put right on a person's own page."""

    list_display = ["display_name", "name_last_first"]
    search_fields = ["sort_key"]
    ordering = ["sort_key"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: Person | None = None) -> bool:  # noqa: ARG002 - as above
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Person | None = None) -> bool:  # noqa: ARG002 - as above
        return False

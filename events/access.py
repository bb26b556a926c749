"""Rows of an institute: its hosts and those who facilitate at it may see them."""

from django.apps import apps
from django.db.models import Q, QuerySet

from people.access import Principal, Scoped


class InstituteScoped(Scoped):
    """Rows that an institute leads to, besides the roads of `Scoped`."""

    institute_path = ""

    def roads(self, principal: Principal) -> Q:
        own = super().roads(principal)
        if not self.institute_path or not (principal.people or principal.hosts or principal.regions):
            return own
        return own | self.road(self.institute_path, held_by(principal))


def held_by(principal: Principal) -> QuerySet:
    """Institutes that the principal hosts, is the fiscal agent of, facilitates at, or has in her region."""
    institutes = apps.get_model("events", "Institute")._default_manager.all()  # noqa: SLF001 - its models import us
    facilitated = apps.get_model("events", "Engagement")._default_manager.filter(  # noqa: SLF001
        person__in=principal.people
    )
    held: QuerySet = institutes.filter(
        Q(host__in=principal.hosts)
        | Q(fiscal_agent__in=principal.hosts)
        | Q(host__county__region__in=principal.regions)
        | Q(pk__in=facilitated.values("institute"))
    )
    return held.values("pk")

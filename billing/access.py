"""Rows of money: the payer's business office and the payee see them, besides the provider."""

from django.apps import apps
from django.db.models import Q

from people.access import Principal, Scoped


class MoneyScoped(Scoped):
    """Rows that a payer or a payee leads to, besides the roads of `Scoped`."""

    payer_path = ""
    payee_path = ""

    def roads(self, principal: Principal) -> Q:
        return (
            super().roads(principal)
            | self._road_of("Payer", self.payer_path, Q(organization__in=principal.organizations))
            | self._road_of("Payer", self.payer_path, Q(person__in=principal.people))
            | self._road_of("Payee", self.payee_path, Q(organization__in=principal.hosts))
        )

    def _road_of(self, model: str, path: str, whose: Q) -> Q:
        if not path:
            return Q(pk__in=[])
        keys = apps.get_model("billing", model)._default_manager.filter(whose)  # noqa: SLF001 - its models import us
        return self.road(path, keys.values("pk"))

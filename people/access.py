"""Who may see which rows and do which things. The one place where roles are compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from people.models import Organization, Person, User


class Role(models.TextChoices):
    COORDINATOR = "coordinator", _("District coordinator")
    BUSINESS_OFFICE = "business_office", _("Business office")
    HOST = "host", _("Host or fiscal agent")
    DIRECTOR = "director", _("Regional director")
    STAFF = "staff", _("Provider staff")
    FINANCE = "finance", _("Provider finance")


class Action(StrEnum):
    REGISTER = "register"
    SEE_MONEY = "see_money"
    SEE_NEEDS = "see_needs"
    SCHEDULE = "schedule"
    TAKE_ATTENDANCE = "take_attendance"
    CERTIFY = "certify"
    KEEP_DIRECTORY = "keep_directory"
    READ_MAIL = "read_mail"
    BILL = "bill"
    FUND = "fund"
    HAND_OVER = "hand_over"
    COLLECT = "collect"


A = Action
_STAFF = {
    A.REGISTER, A.SEE_NEEDS, A.SCHEDULE, A.TAKE_ATTENDANCE, A.CERTIFY, A.KEEP_DIRECTORY, A.READ_MAIL, A.HAND_OVER,
}  # fmt: skip
# The policy, whole.
ALLOWED: dict[Role, frozenset[Action]] = {
    Role.COORDINATOR: frozenset({A.REGISTER, A.SEE_MONEY, A.SEE_NEEDS, A.HAND_OVER}),
    Role.BUSINESS_OFFICE: frozenset({A.SEE_MONEY}),
    Role.HOST: frozenset({A.TAKE_ATTENDANCE, A.COLLECT}),
    Role.DIRECTOR: frozenset({A.TAKE_ATTENDANCE}),
    Role.STAFF: frozenset(_STAFF),
    Role.FINANCE: frozenset(_STAFF | {A.SEE_MONEY, A.BILL, A.FUND}),
}
PROVIDER_ROLES = frozenset({Role.STAFF, Role.FINANCE})
SPONSOR_ROLES = frozenset({Role.COORDINATOR, Role.BUSINESS_OFFICE})

_WITH_CHILDREN_AND_PREDECESSORS = """
    WITH RECURSIVE family(id) AS (
        SELECT unnest(%s::bigint[])
        UNION
        SELECT o.id FROM people_organization o JOIN family f ON o.parent_id = f.id OR o.successor_id = f.id
    )
    SELECT id FROM family
"""


def _family_of(organizations: set[int]) -> frozenset[int]:
    """The organizations with their children and predecessors: a merged district's past belongs to its successor."""
    if not organizations:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(_WITH_CHILDREN_AND_PREDECESSORS, [sorted(organizations)])
        return frozenset(row[0] for row in cursor.fetchall())


@dataclass(frozen=True)
class Principal:
    """Whoever asks: a user with memberships, one person through a signed link, or a stranger."""

    roles: frozenset[Role] = frozenset()
    people: frozenset[int] = frozenset()
    organizations: frozenset[int] = frozenset()
    hosts: frozenset[int] = frozenset()
    regions: frozenset[int] = frozenset()
    role_homes: dict[Role, frozenset[int]] = field(default_factory=dict, compare=False)

    @property
    def is_provider(self) -> bool:
        """On the provider's staff: sees every row."""
        return bool(self.roles & PROVIDER_ROLES)

    @classmethod
    def of(cls, who: Principal | User | AnonymousUser | Person) -> Principal:
        """The principal of a user (read once a request), of a person with a link, or of a stranger."""
        if isinstance(who, Principal):
            return who
        if isinstance(who, AnonymousUser):
            return cls()
        if not isinstance(who, AbstractBaseUser):  # a Person
            return cls(people=_aliases_of(who))
        known: Principal | None = who.__dict__.get("_principal")
        if known is None:
            known = who.__dict__["_principal"] = cls._of_user(who)
        return known

    @classmethod
    def _of_user(cls, user: User) -> Principal:
        if not user.is_active:
            return cls()
        held = list(user.memberships.active())
        homes: dict[Role, set[int]] = {}
        for membership in held:
            homes.setdefault(Role(membership.role), set()).update(
                {membership.organization_id} if membership.organization_id else set()
            )
        families = {role: _family_of(ids) for role, ids in homes.items()}
        return cls(
            roles=frozenset(families),
            people=_aliases_of(user.person) if user.person else frozenset(),
            organizations=frozenset().union(*(families.get(role, frozenset()) for role in SPONSOR_ROLES)),
            hosts=families.get(Role.HOST, frozenset()),
            regions=frozenset(m.region_id for m in held if m.region_id),
            role_homes=families,
        )


def _aliases_of(person: Person) -> frozenset[int]:
    """The person and those merged into her."""
    rows = type(person)._default_manager.filter(  # noqa: SLF001 - the class cannot be imported: it imports us
        Q(pk=person.canonical_id) | Q(merged_into=person.canonical_id)
    )
    return frozenset(rows.values_list("pk", flat=True))


Who = Any  # a Principal, a User, an AnonymousUser or a Person: whatever Principal.of understands


def may(who: Who, action: Action, organization: Organization | int | None = None) -> bool:
    """Whether one of the roles held allows the action; a district's role only for that district's family."""
    principal = Principal.of(who)
    wanted = organization if isinstance(organization, int | None) else organization.pk
    for role in principal.roles:
        if action in ALLOWED[role] and (
            role in PROVIDER_ROLES or wanted is None or wanted in principal.role_homes.get(role, frozenset())
        ):
            return True
    return False


def require(who: Who, action: Action, organization: Organization | int | None = None) -> None:
    """Stop with 403 unless the action is allowed."""
    if not may(who, action, organization):
        raise PermissionDenied


def require_provider(who: Who, action: Action) -> None:
    """Stop with 403 unless a role on the provider's staff allows the action."""
    principal = Principal.of(who)
    if not any(action in ALLOWED[role] for role in principal.roles & PROVIDER_ROLES):
        raise PermissionDenied


def employed_at(organizations: frozenset[int]) -> Any:
    """The people who work there still, or will: whoever left is her new employer's. In a subquery."""
    if not organizations:
        return organizations
    jobs = apps.get_model("people", "Employment")._default_manager  # noqa: SLF001 - its module imports us
    return jobs.filter(organization__in=organizations).lasting(on=timezone.localdate()).values("person")


class Scoped(models.QuerySet[Any]):
    """Rows that belong to someone. A model names its paths once; a path that is absent is no road to the row.

    `employee_path` leads to a person who works in one of the principal's organizations.
    """

    organization_path = ""
    sponsor_path = ""
    person_path = ""
    employee_path = ""
    region_path = ""

    def visible_to(self, who: Who) -> Self:
        """The rows that this principal may see: the provider's staff all, others by the roads of the model."""
        principal = Principal.of(who)
        if principal.is_provider:
            return self
        return self.filter(self.roads(principal))

    def roads(self, principal: Principal) -> Q:
        """The OR of all roads to a row. Apps above add their own, calling this one."""
        return (
            self.road(self.organization_path, principal.organizations)
            | self.road(self.sponsor_path, principal.organizations)
            | self.road(self.employee_path, employed_at(principal.organizations))
            | self.road(self.person_path, principal.people)
            | self.road(self.region_path, principal.regions)
        )

    def road(self, path: str, keys: Any) -> Q:
        """Rows whose path leads to one of the keys: a subquery, so that no row comes twice."""
        if not path or (isinstance(keys, frozenset) and not keys):
            return Q(pk__in=[])
        if "__" not in path:
            return Q(**{f"{path}__in": keys})
        reached = self.model._default_manager.filter(**{f"{path}__in": keys})  # noqa: SLF001 - Django's public door
        return Q(pk__in=reached.order_by().values("pk"))

"""Teams: people of one sponsor who are registered, wait and are withdrawn as one."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from events import printed
from events.models import Institute, TeamRule
from people.access import Principal
from people.models import ADMINISTRATORS, Employment, Organization, Person, School, User
from registrations.models import Order, Registration, Seat, Team, TeamDay, TeamDayKind, WaitlistEntry
from registrations.refusals import CannotChange, CannotRegister

LONGEST_NAME = 80
Member = tuple[str, str]
"""A person's name, and her JobRole."""


@dataclass(frozen=True)
class TeamWanted:
    """A team as a roster names it. Groups of one order that name the same team make one team.

    The provider's staff may let a team come that is outside the institute's rule, for `override_reason`.
    """

    name: str
    override_reason: str = ""


@dataclass(frozen=True)
class Party:
    """Who comes in one group of an order, for which team; `unnamed` seats get their names later."""

    team: TeamWanted | None
    members: Sequence[Member]
    unnamed: int = 0


# --- The rule -----------------------------------------------------------------------------------------------------------


def why_not(rule: TeamRule, people_with_roles: Sequence[Member], *, unnamed: int = 0) -> list[str]:
    """Sentences, none where the team meets the rule. Pure.

    Those who are named later count toward the size, and one of them may be the administrator. Scenario 3: a
    superintendent counts as one.
    """
    size = len(people_with_roles) + unnamed
    reasons = []
    if not rule.smallest <= size <= rule.largest:
        sentence = _("A team has %(smallest)s to %(largest)s people; this one has %(size)s.")
        reasons.append(sentence % {"smallest": rule.smallest, "largest": rule.largest, "size": size})
    has_administrator = any(role in ADMINISTRATORS for _name, role in people_with_roles)
    if rule.needs_administrator and not (has_administrator or unnamed):
        reasons.append(_("A team brings an administrator: a principal, a superintendent or another of that kind."))
    return reasons


def in_words(rule: TeamRule) -> str:
    """ "Teams of 4 to 6, one of them an administrator"."""
    words = _("Teams of %(smallest)s to %(largest)s") % {"smallest": rule.smallest, "largest": rule.largest}
    return _("%(teams)s, one of them an administrator") % {"teams": words} if rule.needs_administrator else words


def wanted_of(team: TeamWanted | None, institute: Institute, sponsor: Organization | None) -> TeamWanted | None:
    """The team a group is for: where the institute wants teams and none is named, the sponsor's one team."""
    if team is None and institute.team_rule_id and sponsor:
        return TeamWanted(sponsor.name[:LONGEST_NAME])
    return team


# --- Making teams -------------------------------------------------------------------------------------------------------


def form(
    parties: Sequence[Party], *, order: Order, institute: Institute, by: User | None, at: datetime
) -> list[Team | None]:
    """The team of each party, in their order: one that stands already under this name, or a new one.

    Under the institute's lock. Raises CannotRegister where a team is not as the institute's rule wants it.
    """
    gathered: dict[str, Party] = {}
    for party in parties:
        if party.team:
            before = gathered.get(party.team.name, Party(party.team, [], 0))
            reason = before.team.override_reason if before.team else ""
            together = TeamWanted(party.team.name, reason or party.team.override_reason)
            members = [*before.members, *party.members]
            gathered[party.team.name] = Party(together, members, before.unnamed + party.unnamed)
    if not gathered:
        return [None for _party in parties]
    standing = _standing(gathered, order, institute)
    for name, party in gathered.items():
        _must_fit(party, standing.get(name), institute, by)
    made = Team.objects.bulk_create(
        _team(party.team, order, institute, by, at)
        for name, party in gathered.items()
        if party.team and name not in standing
    )
    by_name = standing | {team.name: team for team in made}
    return [by_name[party.team.name] if party.team else None for party in parties]


def _standing(names: Iterable[str], order: Order, institute: Institute) -> dict[str, Team]:
    rows = Team.objects.standing().filter(institute=institute, order__sponsor=order.sponsor, name__in=list(names))
    return {team.name: team for team in rows.order_by("-pk")}


def _must_fit(party: Party, team: Team | None, institute: Institute, by: User | None) -> None:
    rule = institute.team_rule
    if rule is None or party.team is None or (team and team.override_reason):
        return
    members, unnamed = (roster_of(team), unnamed_in(team)) if team else ([], 0)
    reasons = why_not(rule, [*members, *party.members], unnamed=unnamed + party.unnamed)
    if not reasons:
        return
    if not party.team.override_reason:
        raise CannotRegister(f"{party.team.name}: {' '.join(reasons)}")
    if by is None or not Principal.of(by).is_provider:
        raise CannotRegister(_("Only our staff can let a team come that is not as the institute wants it. Ask us."))


def _team(wanted: TeamWanted, order: Order, institute: Institute, by: User | None, at: datetime) -> Team:
    return Team(
        institute=institute,
        order=order,
        name=wanted.name[:LONGEST_NAME],
        override_reason=wanted.override_reason,
        override_by=by if wanted.override_reason else None,
        made_at=at,
    )


def roles_of(people: Sequence[Person], roles: Mapping[int, str], sponsor: Organization | None) -> list[Member]:
    """Each person's name and role: as the roster says it, else as she is employed at the sponsor."""
    silent = [person.pk for person in people if not roles.get(person.pk)]
    jobs = Employment.objects.filter(person__in=silent, organization=sponsor, ends_on__isnull=True) if silent else []
    employed = {job.person_id: job.role for job in jobs}
    return [(person.display_name, roles.get(person.pk) or employed.get(person.pk, "")) for person in people]


# --- Who is in one ------------------------------------------------------------------------------------------------------


def roster_of(team: Team) -> list[Member]:
    """Who sits in a team's seats, with the role she was registered in."""
    return [(registration.person.display_name, registration.role) for registration in members_of(team)]


def members_of(team: Team) -> list[Registration]:
    rows = Registration.objects.live().filter(seat__team=team, seat__released_at__isnull=True)
    return list(rows.select_related("person", "school", "strand").in_name_order())


def unnamed_in(team: Team) -> int:
    return team.seats.unnamed().count()


def falls_short(team: Team) -> list[str]:
    """What of its institute's rule a team does not meet any more, say after someone withdrew; nothing by an override."""
    return judged([team])[0].shortfalls


@dataclass(frozen=True)
class Judged:
    """A team, how many come with it, and what of its institute's rule it does not meet."""

    team: Team
    size: int
    shortfalls: list[str]
    is_waiting: bool


def judged(listed: Sequence[Team]) -> list[Judged]:
    """Each team with its size and shortfalls, in a fixed number of queries."""
    members: dict[int, list[Member]] = {team.pk: [] for team in listed}
    seated = Registration.objects.live().filter(seat__team__in=listed, seat__released_at__isnull=True)
    for team_id, name, role in seated.values_list("seat__team", "person__display_name", "role"):
        members[team_id].append((name, role))
    nameless = Seat.objects.unnamed().filter(team__in=listed).values_list("team").annotate(Count("pk"))
    unnamed: dict[int, int] = dict(nameless.order_by())
    waiting: dict[int, int] = dict(WaitlistEntry.objects.waiting().filter(team__in=listed).values_list("team", "seats"))
    return [
        Judged(
            team,
            waiting.get(team.pk) or len(members[team.pk]) + unnamed.get(team.pk, 0),
            [] if team.pk in waiting else _shortfalls(team, members[team.pk], unnamed.get(team.pk, 0)),
            team.pk in waiting,
        )
        for team in listed
    ]


def _shortfalls(team: Team, members: Sequence[Member], unnamed: int) -> list[str]:
    rule = team.institute.team_rule
    if rule is None or team.override_reason or team.ended_at:
        return []
    return why_not(rule, members, unnamed=unnamed)


# --- What is said of one ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Arrangement:
    """Where a team's lesson study is taught, when the bells ring, who facilitates, and its days by kind."""

    host_school: School | None = None
    host_classroom: str = ""
    bell_times: str = ""
    facilitator: Person | None = None
    days: Mapping[str, date] = field(default_factory=dict)


@transaction.atomic
def arrange(team: Team, wanted: Arrangement, *, by: User) -> Team:
    """Keep what was arranged for a team. Who facilitates is for the provider's staff to say. Raises CannotChange."""
    fresh: Team = Team.objects.select_for_update(of=("self",)).select_related("institute").get(pk=team.pk)
    if fresh.ended_at:
        raise CannotChange(_("This team was withdrawn."))
    _must_follow(wanted.days, fresh.institute)
    if wanted.facilitator != fresh.facilitator and not Principal.of(by).is_provider:
        raise CannotChange(_("Who facilitates is arranged by our staff."))
    fresh.host_school, fresh.host_classroom = wanted.host_school, wanted.host_classroom
    fresh.bell_times, fresh.facilitator = wanted.bell_times, wanted.facilitator
    fresh.save(update_fields=["host_school", "host_classroom", "bell_times", "facilitator"])
    fresh.days.exclude(kind__in=wanted.days).delete()
    for kind, on in wanted.days.items():
        TeamDay.objects.update_or_create(team=fresh, kind=kind, defaults={"on": on})
    return fresh


def _must_follow(days: Mapping[str, date], institute: Institute) -> None:
    """Plan, teach, debrief, re-teach: each on its day or later than the one before, inside the institute's days."""
    before: tuple[str, date] | None = None
    for kind in TeamDayKind:
        if kind not in days:
            continue
        on = days[kind]
        if not institute.starts_on <= on <= institute.ends_on:
            when = printed.days(institute.starts_on, institute.ends_on)
            sentence = _("%(kind)s: choose a day of %(code)s, %(when)s.")
            raise CannotChange(sentence % {"kind": kind.label, "code": institute.code, "when": when})
        if before and on < before[1]:
            sentence = _("%(kind)s cannot come before %(before)s.")
            raise CannotChange(sentence % {"kind": kind.label, "before": TeamDayKind(before[0]).label})
        before = (kind, on)


@transaction.atomic
def allow(team: Team, *, reason: str, by: User) -> Team:
    """Staff let a team stand that is not as its institute wants it. Raises CannotChange."""
    if not Principal.of(by).is_provider:
        raise CannotChange(_("Only our staff can let a team come that is not as the institute wants it. Ask us."))
    if not reason.strip():
        raise CannotChange(_("Say why this team may come as it is."))
    fresh: Team = Team.objects.select_for_update(of=("self",)).get(pk=team.pk)
    fresh.override_reason, fresh.override_by = reason.strip(), by
    fresh.save(update_fields=["override_reason", "override_by"])
    return fresh


# --- In line ------------------------------------------------------------------------------------------------------------


def to_join(sponsor: Organization | None, institute: Institute, names: Collection[str]) -> dict[str, Team]:
    """By name, the sponsor's teams that have seats at an institute; where teams are the rule, no name is the smallest."""
    held = Count("seats", filter=Q(seats__released_at__isnull=True))
    rows = Team.objects.standing().filter(institute=institute, order__sponsor=sponsor).annotate(size=held)
    standing = list(rows.filter(size__gt=0).order_by("size", "pk"))
    found = {team.name: team for team in standing if team.name in names}
    if institute.team_rule_id and standing:
        found[""] = standing[0]
    return found


def ready(line: Sequence[WaitlistEntry], institute: Institute) -> list[WaitlistEntry]:
    """Those in line who could come: where teams are wanted, who joins one comes when it has room for her."""
    joined = {entry.joins_id for entry in line if entry.joins_id}
    if institute.team_rule is None or not joined:
        return list(line)
    room = rooms_in(joined, institute.team_rule)
    return [entry for entry in line if not entry.joins_id or room.get(entry.joins_id, 0) >= entry.seats]


def rooms_in(keys: Collection[int], rule: TeamRule) -> dict[int, int]:
    """By the team's key, how many more a team may have; nothing of one that was withdrawn."""
    held = Count("seats", filter=Q(seats__released_at__isnull=True))
    sizes = Team.objects.standing().filter(pk__in=keys).annotate(size=held).values_list("pk", "size")
    return {key: max(0, rule.largest - size) for key, size in sizes}

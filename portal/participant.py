"""What a participant sees: her institutes with their agendas, her badge, her hours and why, her certificates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from certificates.models import Certificate
from events import agenda
from events.models import Institute, Session
from people.models import Person
from registrations import badges, choices, hours
from registrations.hours_rules import Explanation
from registrations.models import Registration


@dataclass(frozen=True)
class Place:
    """A person's place at one institute: one registration, or several whose days do not overlap."""

    institute: Institute
    registrations: tuple[Registration, ...]
    explanations: tuple[Explanation, ...]
    agenda: tuple[agenda.Day, ...]
    certificates: tuple[Certificate, ...]
    is_over: bool
    has_begun: bool
    has_choices: bool

    @property
    def earned(self) -> int:
        return sum(told.earned for told in self.explanations)

    @property
    def offered(self) -> int:
        return sum(told.offered for told in self.explanations)


@dataclass(frozen=True)
class Badge:
    registration: Registration
    address: str
    drawing: str


def places_of(person: Person, *, at: datetime) -> list[Place]:
    """Hers and her aliases': what is on or comes next first, then what is over, the latest first.

    The number of queries does not grow with them.
    """
    rows = (
        Registration.objects.visible_to(person)
        .filter(person__in=[person.canonical_id, *person.aliases.values_list("pk", flat=True)])
        .live()
        .select_related("institute__hours_rule", "institute__venue", "person", "strand")
        .order_by("-institute__starts_on", "institute", "days")
    )
    held: dict[int, list[Registration]] = {}
    for registration in rows:
        held.setdefault(registration.institute_id, []).append(registration)
    explained = hours.explain_many([registration for group in held.values() for registration in group])
    certificates = _certificates_of(person)
    sessions = _sessions_of(list(held))
    places = [
        _place(group, explained, sessions.get(key, []), certificates.get(key, []), at=at) for key, group in held.items()
    ]
    over = [place for place in places if place.is_over]
    return [*reversed([place for place in places if not place.is_over]), *over]


def badge(registration: Registration, address: str) -> Badge:
    """The badge that is shown at the door, on a phone or on paper."""
    return Badge(registration, address, badges.drawing(address))


def _place(
    group: Sequence[Registration],
    explained: dict[int, Explanation],
    sessions: Sequence[Session],
    certificates: Sequence[Certificate],
    *,
    at: datetime,
) -> Place:
    institute = group[0].institute
    today = at.astimezone(institute.tz).date()
    return Place(
        institute=institute,
        registrations=tuple(group),
        explanations=tuple(explained[registration.pk] for registration in group),
        agenda=tuple(agenda.days_of(institute, _hers(group, sessions))),
        certificates=tuple(certificates),
        is_over=today > institute.ends_on,
        has_begun=today >= institute.starts_on,
        has_choices=any(session.strand_id for session in sessions) or bool(choices.in_parallel(list(sessions))),
    )


def _hers(group: Sequence[Registration], sessions: Sequence[Session]) -> list[Session]:
    """What everyone sits in and the strands she chose; every strand while she has a choice to make."""
    strands = {registration.strand_id for registration in group}
    return [one for one in sessions if None in strands or one.strand_id is None or one.strand_id in strands]


def _sessions_of(institutes: Sequence[int]) -> dict[int, list[Session]]:
    sessions: dict[int, list[Session]] = {}
    for session in Session.objects.filter(institute__in=institutes).select_related("strand").in_order():
        sessions.setdefault(session.institute_id, []).append(session)
    return sessions


def _certificates_of(person: Person) -> dict[int | None, list[Certificate]]:
    certificates: dict[int | None, list[Certificate]] = {}
    for certificate in Certificate.objects.of(person).current().order_by("pk"):
        certificates.setdefault(certificate.institute_id, []).append(certificate)
    return certificates

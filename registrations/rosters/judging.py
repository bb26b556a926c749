"""What will happen with each row of a roster, and why: new, known, ask, twice, needs an e-mail, refused."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from events import printed
from events.models import Institute
from people import names
from people.access import Who
from people.models import EmailAddress, Employment, GradeSpan, JobRole, Organization, Person, School
from registrations.models import Registration
from registrations.newcomers import Attendee
from registrations.rosters import cells


class Kind(TextChoices):
    NEW = "new", _("New person")
    KNOWN = "known", _("Known person")
    ASK_PERSON = "ask_person", _("The same person?")
    ASK_INBOX = "ask_inbox", _("A shared inbox?")
    REGISTERED = "registered", _("Registered already")
    TWICE = "twice", _("Here twice")
    NEEDS_EMAIL = "needs_email", _("Needs an e-mail")
    REFUSED = "refused", _("Needs a change")
    LEFT_OUT = "left_out", _("Left out")


SEATED = frozenset({Kind.NEW, Kind.KNOWN, Kind.NEEDS_EMAIL})
ASKING = frozenset({Kind.ASK_PERSON, Kind.ASK_INBOX})
NEEDS_ATTENTION = ASKING | {Kind.REFUSED, Kind.NEEDS_EMAIL}
SOMEONE_ELSE = "new"
LEAVE_OUT = "leave_out"


@dataclass(frozen=True)
class Row:
    """A row as it was given, or as it was changed since; `line` is its number in the sheet."""

    key: int
    line: int
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    school: str = ""
    role: str = ""
    grade: str = ""
    decision: str = ""
    person_id: int | None = None
    pays: str = ""
    as_written: str = ""

    @property
    def name(self) -> str:
        return names.full(self.given_name, self.family_name)

    @cached_property
    def name_key(self) -> str:
        return names.sort_key(self.given_name, self.family_name)

    def texts(self) -> tuple[str, ...]:
        return (self.given_name, self.family_name, self.email, self.school, self.role, self.grade)


@dataclass
class Verdict:
    """What will happen with one row, in a word and a sentence."""

    row: Row
    kind: Kind
    sentence: str = ""
    person: Person | None = None
    candidates: list[Person] = field(default_factory=list)
    school: School | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def takes_a_seat(self) -> bool:
        return self.kind in SEATED

    @property
    def needs_attention(self) -> bool:
        return self.kind in NEEDS_ATTENTION

    @property
    def blocks(self) -> bool:
        """Must be answered before the roster can go on."""
        return self.kind in ASKING or self.kind == Kind.REFUSED

    @property
    def tone(self) -> str:
        return _TONES.get(self.kind, "")

    @property
    def role(self) -> str:
        """Our word for the job on the roster."""
        return self.row.role if self.row.role in JobRole.values else cells.role_of(self.row.role)

    @property
    def grade_span(self) -> str:
        return self.row.grade if self.row.grade in GradeSpan.values else cells.grade_of(self.row.grade)

    def attendee(self) -> Attendee:
        return Attendee(
            given_name=self.row.given_name,
            family_name=self.row.family_name,
            email=self.row.email,
            person_id=self.person.pk if self.person else None,
            school_id=self.school.pk if self.school else None,
            role=self.role,
            grade_span=self.grade_span,
        )


_ELEM = re.compile(r"\belem\b")
_TONES = {
    Kind.NEW: "info",
    Kind.KNOWN: "good",
    Kind.ASK_PERSON: "warn",
    Kind.ASK_INBOX: "warn",
    Kind.NEEDS_EMAIL: "warn",
    Kind.REFUSED: "bad",
}


def judge(rows: Sequence[Row], sponsor: Organization, institute: Institute, at: datetime, *, who: Who) -> list[Verdict]:
    """A verdict for each row, in their order, in a fixed number of queries.

    Looks only among the people whom `who` may see, so that it never tells a coordinator more than she typed; names
    are compared within the district, as the state has many of each.
    """
    memory = _Memory(rows, sponsor, institute, at, who)
    first_lines: dict[tuple[str, str], Row] = {}
    verdicts = []
    for row in rows:
        verdict = _verdict(row, memory, first_lines)
        if verdict.takes_a_seat:
            first_lines.setdefault((row.name_key, row.email), row)
            first_lines.setdefault((row.name_key, ""), row)
            first_lines.setdefault(("@", row.email), row)
            if verdict.person:
                first_lines.setdefault(("person", str(verdict.person.pk)), row)
        verdicts.append(verdict)
    return verdicts


def _verdict(row: Row, memory: "_Memory", before: dict[tuple[str, str], Row]) -> Verdict:
    if row.decision == LEAVE_OUT:
        return Verdict(row, Kind.LEFT_OUT, "Gets no seat.")
    school, why_no_school = memory.school_of(row)
    refusal = _why_refused(row) or (why_no_school if school and not school.is_open else "")
    if refusal:
        return Verdict(row, Kind.REFUSED, refusal)
    twice = _the_same_before(row, before)
    if twice:
        return Verdict(row, Kind.TWICE, f"The same as line {twice.line}: one seat.")
    verdict = _match(row, memory)
    verdict.school = school
    verdict.notes = [note for note in (_case_note(row), why_no_school) if note]
    return _seen_before(verdict, memory, before)


def _why_refused(row: Row) -> str:
    formula = next((text for text in row.texts() if cells.is_formula(text)), "")
    if formula:
        return f"A cell holds the formula {formula[:60]}. Paste the text it shows instead."
    if cells.is_pupil(row.role):
        return "This row is about a pupil or a parent. Only staff can be registered."
    if not row.name_key:
        return "There is no name. Write one, or leave the row out."
    if len(row.given_name) > 100 or len(row.family_name) > 100:
        return "The name has more than 100 letters. Look whether the columns are right."
    if row.email and not cells.is_address(row.email):
        return f"“{row.email[:80]}” is no e-mail address. Correct it, or empty the cell."
    return ""


def _the_same_before(row: Row, before: dict[tuple[str, str], Row]) -> Row | None:
    """A row above with the same name and address; with the same name when one of the two has no address."""
    exact = before.get((row.name_key, row.email)) if row.email else None
    if exact or row.decision == SOMEONE_ELSE:
        return exact
    alike = before.get((row.name_key, ""))
    return alike if alike and not (alike.email and row.email) else None


def _match(row: Row, memory: "_Memory") -> Verdict:
    same_address = memory.by_address.get(row.email, []) if row.email else []
    same_both = [person for person in same_address if person.sort_key == row.name_key]
    same_name = [person for person in memory.by_name.get(row.name_key, []) if person not in same_both]
    chosen = memory.people.get(row.person_id or 0)
    if chosen or len(same_both) == 1:
        person = chosen or same_both[0]
        return Verdict(row, Kind.KNOWN, memory.sentence_for(person, row), person)
    if row.decision == SOMEONE_ELSE:
        return _new(row)
    if same_both or same_name:
        candidates = [*same_both, *same_name]
        known_as = "; ".join(memory.described(person) for person in candidates[:3])
        return Verdict(row, Kind.ASK_PERSON, f"We know {known_as}.", candidates=candidates)
    if same_address:
        known_as = ", ".join(person.display_name for person in same_address[:3])
        return Verdict(row, Kind.ASK_INBOX, f"This address is {known_as}’s.", candidates=same_address)
    return _new(row)


def _new(row: Row) -> Verdict:
    if not row.email:
        return Verdict(row, Kind.NEEDS_EMAIL, "Has a seat, but gets no mail until there is an address.")
    return Verdict(row, Kind.NEW)


def _seen_before(verdict: Verdict, memory: "_Memory", before: dict[tuple[str, str], Row]) -> Verdict:
    person = verdict.person
    if person and person.pk in memory.registered:
        verdict.kind, verdict.sentence = Kind.REGISTERED, f"Has a seat at {memory.institute.code} already."
    elif person and ("person", str(person.pk)) in before:
        line = before["person", str(person.pk)].line
        verdict.kind, verdict.sentence = Kind.TWICE, f"The same person as line {line}: one seat."
    elif person and not verdict.row.email and not memory.addresses.get(person.pk):
        verdict.kind = Kind.NEEDS_EMAIL
        verdict.sentence = "Has a seat, but gets no mail until there is an address."
    elif verdict.kind == Kind.NEW and verdict.row.decision != SOMEONE_ELSE:
        _ask_of_the_inbox(verdict, before)
    return verdict


def _ask_of_the_inbox(verdict: Verdict, before: dict[tuple[str, str], Row]) -> None:
    """Schools share inboxes, and sheets hold slips: a second name at one address is asked about."""
    other = before.get(("@", verdict.row.email))
    if other:
        verdict.kind = Kind.ASK_INBOX
        verdict.sentence = f"{other.name} in line {other.line} has this address too. Do they share it?"


def _case_note(row: Row) -> str:
    return f"Was written {row.as_written}." if row.as_written else ""


class _Memory:
    """What is known of the people and schools that a roster names."""

    def __init__(
        self, rows: Sequence[Row], sponsor: Organization, institute: Institute, at: datetime, who: Who
    ) -> None:
        self.institute = institute
        self.sponsor = sponsor
        self.addresses: dict[int, list[str]] = defaultdict(list)
        self.by_address: dict[str, list[Person]] = defaultdict(list)
        self.by_name: dict[str, list[Person]] = defaultdict(list)
        self.people = people = self._people(rows, at, who)
        for person in people.values():
            self.by_name[person.sort_key].append(person)
        self._read_addresses({row.email for row in rows if row.email}, people, who)
        live = Registration.objects.live().filter(institute=institute)
        seated = live.filter(Q(person__in=people) | Q(person__merged_into__in=people))
        self.registered = {merged or own for merged, own in seated.values_list("person__merged_into", "person")}
        self._read_schools()

    def _people(self, rows: Sequence[Row], at: datetime, who: Who) -> dict[int, Person]:
        """Those of the same name who work at the district, and those who were chosen, by key."""
        chosen = [row.person_id for row in rows if row.person_id]
        keys = {row.name_key for row in rows if row.name_key}
        here = Employment.objects.on(at.date()).filter(organization=self.sponsor)
        visible = Person.objects.visible_to(who).canonical()
        found = visible.filter(Q(sort_key__in=keys, pk__in=here.values("person")) | Q(pk__in=chosen))
        return {person.pk: person for person in found}

    def _read_addresses(self, wanted: set[str], people: dict[int, Person], who: Who) -> None:
        """The addresses of those found by name, and those found by their address."""
        visible = Person.objects.visible_to(who)
        rows = EmailAddress.objects.filter(
            Q(address__in=wanted, person__in=visible) | Q(person__in=people), person__merged_into__isnull=True
        )
        for row in rows.select_related("person").order_by("-is_preferred", "pk"):
            person = people.setdefault(row.person_id, row.person)
            self.addresses[person.pk].append(row.address)
            if row.address in wanted:
                self.by_address[row.address].append(person)

    def _read_schools(self) -> None:
        self.schools: dict[str, School] = {}
        schools = School.objects.filter(organization=self.sponsor)
        for school in sorted(schools, key=lambda school: school.is_open):  # of one name, the open one wins
            for key in (school.search_key, school.cds, (school.cds or "")[7:]):
                if key:
                    self.schools[key] = school

    def school_of(self, row: Row) -> tuple[School | None, str]:
        """The school that a row names, by name or code, and what is wrong with it."""
        if not row.school:
            return None, ""
        key = _ELEM.sub("elementary", names.fold(row.school))
        known = (cells.code(row.school), key, key.removesuffix(" school"), f"{key} school")
        school = next((self.schools[name] for name in known if name in self.schools), None)
        if school is None:
            return None, f"{self.sponsor} has no school “{row.school}” in the directory: registered without a school."
        if not school.is_open:
            when = f" on {printed.days(school.closed_on, school.closed_on)}" if school.closed_on else ""
            return school, f"{school} closed{when}. Write the school of today, or empty the cell."
        return school, ""

    def described(self, person: Person) -> str:
        """A person as a coordinator would tell her from another."""
        address = next(iter(self.addresses.get(person.pk, [])), "no address")
        return f"{person.display_name} ({address})"

    def sentence_for(self, person: Person, row: Row) -> str:
        if row.email and row.email not in self.addresses.get(person.pk, []):
            return f"{self.described(person)}: this address is added to hers."
        return "" if person.sort_key == row.name_key else f"Registered as {person.display_name}."

"""What will happen with each row of a roster, and why: new, known, ask, twice, needs an e-mail, refused."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from events.models import Institute, Session, Strand
from people.access import Who
from people.models import GradeSpan, JobRole, Organization, Person, School
from registrations import chaperones
from registrations.chaperones import CHAPERONE
from registrations.models import NeedKind, Registration, WaitsFor
from registrations.newcomers import Attendee
from registrations.rosters import cells
from registrations.rosters.memory import Memory
from registrations.rosters.rows import LEAVE_OUT, SOMEONE_ELSE, Row


class Kind(TextChoices):
    NEW = "new", _("New person")
    KNOWN = "known", _("Known person")
    ASK_PERSON = "ask_person", _("The same person?")
    ASK_INBOX = "ask_inbox", _("A shared inbox?")
    REGISTERED = "registered", _("Registered already")
    ADDED = "added", _("Registered already, changed")
    IN_LINE = "in_line", _("On the waitlist already")
    TWICE = "twice", _("Here twice")
    NEEDS_EMAIL = "needs_email", _("Needs an e-mail")
    UNNAMED = "unnamed", _("Name comes later")
    NOT_ELIGIBLE = "not_eligible", _("Not eligible")
    REFUSED = "refused", _("Needs a change")
    LEFT_OUT = "left_out", _("Left out")


SEATED = frozenset({Kind.NEW, Kind.KNOWN, Kind.NEEDS_EMAIL, Kind.UNNAMED})
ASKING = frozenset({Kind.ASK_PERSON, Kind.ASK_INBOX})
BLOCKING = ASKING | {Kind.REFUSED, Kind.NOT_ELIGIBLE}
NEEDS_ATTENTION = BLOCKING | {Kind.NEEDS_EMAIL}
HERE = SEATED | {Kind.REGISTERED, Kind.ADDED, Kind.IN_LINE}
"""Kinds of rows below which the same person comes twice."""


@dataclass
class Verdict:
    """What will happen with one row, in a word and a sentence."""

    row: Row
    kind: Kind
    sentence: str = ""
    person: Person | None = None
    candidates: list[Person] = field(default_factory=list)
    school: School | None = None
    strand: Strand | None = None
    sessions: list[Session] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    registration: Registration | None = None
    reached_at: str = ""
    why_no_chaperone: str = ""
    is_outsider: bool = False

    @property
    def takes_a_seat(self) -> bool:
        return self.kind in SEATED and not self.row.waits

    @property
    def is_chaperone(self) -> bool:
        """Costs nothing, and needs nobody who pays."""
        return self.row.pays == CHAPERONE and not self.why_no_chaperone

    @property
    def waits(self) -> bool:
        """Gets in line, for a place or for funds."""
        return self.kind in SEATED and bool(self.row.waits)

    @property
    def waits_for(self) -> str:
        return str(WaitsFor(self.row.waits).label) if self.waits else ""

    @property
    def is_silent(self) -> bool:
        """Has a seat, and no address to which anything could be mailed."""
        return self.kind == Kind.NEEDS_EMAIL

    @property
    def needs_attention(self) -> bool:
        return self.kind in NEEDS_ATTENTION

    @property
    def blocks(self) -> bool:
        """Must be answered before the roster can go on."""
        return self.kind in BLOCKING

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

    @property
    def needs(self) -> tuple[tuple[str, str], ...]:
        """What she needs to take part: pairs of a kind and her words."""
        asked = ((NeedKind.DIETARY.value, self.row.dietary), (NeedKind.ACCESS.value, self.row.access))
        return tuple((kind, text) for kind, text in asked if text)

    def attendee(self) -> Attendee:
        return Attendee(
            given_name=self.row.given_name,
            family_name=self.row.family_name,
            email=self.row.email,
            person_id=self.person.pk if self.person else None,
            school_id=self.school.pk if self.school else None,
            role=self.role,
            grade_span=self.grade_span,
            strand_id=self.strand.pk if self.strand else None,
            session_ids=tuple(session.pk for session in self.sessions),
            needs=self.needs,
            is_outsider=self.is_outsider,
        )


_TONES = {
    Kind.NEW: "info",
    Kind.KNOWN: "good",
    Kind.ADDED: "good",
    Kind.ASK_PERSON: "warn",
    Kind.ASK_INBOX: "warn",
    Kind.NEEDS_EMAIL: "warn",
    Kind.UNNAMED: "warn",
    Kind.NOT_ELIGIBLE: "bad",
    Kind.REFUSED: "bad",
}
_SEEN_LESS = "Has a seat, but gets no mail until there is an address."


def judge(rows: Sequence[Row], sponsor: Organization, institute: Institute, at: datetime, *, who: Who) -> list[Verdict]:
    """A verdict for each row, in their order, in a fixed number of queries.

    Looks only among the people whom `who` may see, so that it never tells a coordinator more than she typed; names
    are compared within the district, as the state has many of each.
    """
    memory = Memory(rows, sponsor, institute, at, who)
    first_lines: dict[tuple[str, str], Row] = {}
    verdicts = []
    for row in rows:
        verdict = _verdict(row, memory, first_lines)
        if verdict.kind in HERE and not row.is_unnamed:
            first_lines.setdefault((row.name_key, row.email), row)
            first_lines.setdefault((row.name_key, ""), row)
            first_lines.setdefault(("@", row.email), row)
            if verdict.person:
                first_lines.setdefault(("person", str(verdict.person.pk)), row)
        if verdict.person:
            verdict.reached_at = memory.address_of(verdict.person)
        verdicts.append(verdict)
    _tell_chaperones(verdicts, memory)
    return verdicts


def _tell_chaperones(verdicts: Sequence[Verdict], memory: Memory) -> None:
    """Say beside each who comes at no cost, and of whom there are too many."""
    room = memory.institute.chaperones - memory.chaperones
    coming = [one for one in verdicts if one.row.pays == CHAPERONE and (one.takes_a_seat or one.waits)]
    for number, verdict in enumerate(coming):
        if number >= room:
            verdict.why_no_chaperone = chaperones.sentence(memory.institute, memory.chaperones)
        verdict.notes.append(verdict.why_no_chaperone or str(_("A chaperone: takes a seat and costs nothing.")))


def _verdict(row: Row, memory: Memory, before: dict[tuple[str, str], Row]) -> Verdict:
    if row.decision == LEAVE_OUT:
        return Verdict(row, Kind.LEFT_OUT, "Gets no seat.")
    if row.is_unnamed:
        return _unnamed(row, memory)
    school, why_no_school = memory.school_of(row)
    strand, why_no_strand = memory.strand_of(row)
    sessions, why_no_sessions = memory.sessions_of(row)
    refusal = _why_refused(row) or (why_no_school if school and not school.is_open else "") or why_no_sessions
    refusal = refusal or (why_no_strand if memory.strands else "")
    if refusal:
        return Verdict(row, Kind.REFUSED, refusal)
    twice = _the_same_before(row, before)
    if twice:
        return Verdict(row, Kind.TWICE, f"The same as line {twice.line}: one seat.")
    verdict = _match(row, memory)
    verdict.school, verdict.strand, verdict.sessions = school, strand, sessions
    if memory.is_outside(row, school):
        verdict.is_outsider = True
        why_no_school = f"Does not work at {memory.sponsor}: registered without a job there."
    verdict.notes = [note for note in (_case_note(row), why_no_school, why_no_strand) if note]
    return _seen_before(verdict, memory, before)


def _unnamed(row: Row, memory: Memory) -> Verdict:
    refusal, due = _formula_in(row) or memory.why_not_unnamed, memory.institute.names_due_on
    if refusal or due is None:
        return Verdict(row, Kind.REFUSED, refusal)
    return Verdict(row, Kind.UNNAMED, f"Held without a name until {date_format(due, 'F j')}.")


def _formula_in(row: Row) -> str:
    formula = next((text for text in row.texts() if cells.is_formula(text)), "")
    return f"A cell holds the formula {formula[:60]}. Paste the text it shows instead." if formula else ""


def _why_refused(row: Row) -> str:
    if formula := _formula_in(row):
        return formula
    if cells.is_pupil(row.role):
        return "This row is about a pupil or a parent. Only staff can be registered."
    if not row.name_key:
        return "There is no name. Write one, or leave the row out."
    if len(row.given_name) > 100 or len(row.family_name) > 100:
        return "The name has more than 100 letters. Look whether the columns are right."
    if row.email and not cells.is_address(row.email):
        return f"“{row.email[:80]}” is no e-mail address. Correct it, or empty the cell."
    if len(row.dietary) > 300 or len(row.access) > 300:
        return "What this person needs is told in 300 letters at most. Say the rest to us by phone."
    return ""


def _the_same_before(row: Row, before: dict[tuple[str, str], Row]) -> Row | None:
    """A row above with the same name and address; with the same name when one of the two has no address."""
    exact = before.get((row.name_key, row.email)) if row.email else None
    if exact or row.decision == SOMEONE_ELSE:
        return exact
    alike = before.get((row.name_key, ""))
    return alike if alike and not (alike.email and row.email) else None


def _match(row: Row, memory: Memory) -> Verdict:
    same_address = memory.by_address.get(row.email, []) if row.email else []
    same_both = [person for person in same_address if person.sort_key == row.name_key]
    same_name = [person for person in memory.by_name.get(row.name_key, []) if person not in same_both]
    chosen = memory.people.get(row.person_id or 0)
    if chosen or len(same_both) == 1:
        person = chosen or same_both[0]
        return Verdict(row, Kind.KNOWN, memory.sentence_for(person, row), person)
    if row.decision == SOMEONE_ELSE:
        return _new(row)
    if len(same_name) == 1 and not same_both and _came_without_address(same_name[0], row, memory):
        return Verdict(row, Kind.KNOWN, "", same_name[0])
    if same_both or same_name:
        candidates = [*same_both, *same_name]
        known_as = "; ".join(memory.described(person) for person in candidates[:3])
        return Verdict(row, Kind.ASK_PERSON, f"We know {known_as}.", candidates=candidates)
    if same_address:
        known_as = ", ".join(person.display_name for person in same_address[:3])
        return Verdict(row, Kind.ASK_INBOX, f"This address is {known_as}’s.", candidates=same_address)
    return _new(row)


def _came_without_address(person: Person, row: Row, memory: Memory) -> bool:
    """The corrected sheet of a roster that was sent: the district's own seat, and an address missing then or now."""
    registration = memory.registered.get(person.pk)
    return bool(registration and memory.is_hers(registration) and not (memory.addresses.get(person.pk) and row.email))


def _new(row: Row) -> Verdict:
    return Verdict(row, Kind.NEW) if row.email else Verdict(row, Kind.NEEDS_EMAIL, _SEEN_LESS)


def _seen_before(verdict: Verdict, memory: Memory, before: dict[tuple[str, str], Row]) -> Verdict:
    person = verdict.person
    if verdict.kind in ASKING:
        return verdict
    if person and ("person", str(person.pk)) in before:
        line = before["person", str(person.pk)].line
        verdict.kind, verdict.sentence = Kind.TWICE, f"The same person as line {line}: one seat."
    elif person and person.pk in memory.registered:
        _say_what_changes(verdict, memory.registered[person.pk], memory)
    elif why_not := memory.why_not_eligible(person):
        verdict.kind, verdict.sentence = Kind.NOT_ELIGIBLE, why_not
    elif person and person.pk in memory.in_line:
        what = WaitsFor(memory.in_line[person.pk]).label.lower()
        verdict.kind, verdict.sentence = Kind.IN_LINE, f"Waits for {what} at {memory.institute.code} already."
    elif person and not verdict.row.email and not memory.addresses.get(person.pk):
        verdict.kind, verdict.sentence = Kind.NEEDS_EMAIL, _SEEN_LESS
    elif verdict.kind == Kind.NEW and verdict.row.decision != SOMEONE_ELSE:
        _ask_of_the_inbox(verdict, before)
    return verdict


def _say_what_changes(verdict: Verdict, registration: Registration, memory: Memory) -> None:
    """Of someone who is registered: what the row brings that her place did not have."""
    verdict.kind, verdict.registration = Kind.REGISTERED, registration
    verdict.sentence = f"Has a seat at {memory.institute.code} already."
    news = []
    if verdict.person and verdict.row.email and not memory.has(verdict.person, verdict.row.email):
        news.append("this address is added")
    if memory.is_hers(registration):
        news += [f"{words} from now on" for words in changes_of(verdict)]
    if news:
        verdict.kind, verdict.sentence = Kind.ADDED, f"Registered already; {', '.join(news)}."


def changes_of(verdict: Verdict) -> list[str]:
    """What of a place is told anew by its row, in words: school, role, grades."""
    place = verdict.registration
    if place is None:
        return []
    words = []
    if verdict.school and verdict.school.pk != place.school_id:
        words.append(str(verdict.school))
    if verdict.role and verdict.role != place.role:
        words.append(str(JobRole(verdict.role).label))
    if verdict.grade_span and verdict.grade_span != place.grade_span:
        words.append(str(GradeSpan(verdict.grade_span).label))
    return words


def _ask_of_the_inbox(verdict: Verdict, before: dict[tuple[str, str], Row]) -> None:
    """Schools share inboxes, and sheets hold slips: a second name at one address is asked about."""
    other = before.get(("@", verdict.row.email))
    if other:
        verdict.kind = Kind.ASK_INBOX
        verdict.sentence = f"{other.name} in line {other.line} has this address too. Do they share it?"


def _case_note(row: Row) -> str:
    return f"Was written {row.as_written}." if row.as_written else ""

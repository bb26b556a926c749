"""What is known of the people, schools and choices that a roster names: read once, in a fixed number of queries."""

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from events import printed
from events.models import Institute, Session, Strand
from people import names
from people.access import Who
from people.models import EmailAddress, Employment, Organization, Person, School
from registrations import admission, chaperones, doors
from registrations.models import Registration, WaitlistPerson
from registrations.newcomers import OUTSIDE
from registrations.rosters import cells
from registrations.rosters.rows import Row

_ELEM = re.compile(r"\belem\b")


class Memory:
    """Looks only among the people whom `who` may see, so that nobody is told more than she typed."""

    def __init__(
        self, rows: Sequence[Row], sponsor: Organization, institute: Institute, at: datetime, who: Who
    ) -> None:
        self.institute = institute
        self.sponsor = sponsor
        self.addresses: dict[int, list[str]] = defaultdict(list)
        self.by_address: dict[str, list[Person]] = defaultdict(list)
        self.by_name: dict[str, list[Person]] = defaultdict(list)
        self.outsiders = self._outsiders(rows)
        self.people = people = self._people(rows, at, who)
        for person in people.values():
            self.by_name[person.sort_key].append(person)
        self._read_addresses({row.email for row in rows if row.email}, people, who)
        self.registered = self._registered(people)
        self.in_line = self._in_line(people)
        self._read_schools()
        self.elsewhere = self._elsewhere(rows)
        self.strands = self._strands(rows)
        self.why_not_unnamed = admission.why_not_unnamed(1, institute, at)
        self.refusals = doors.refusals(institute, list(people.values()))
        self.why_not_new = doors.refusal_of_newcomers(institute)
        self.sessions = self._sessions(rows)
        is_asked = any(row.pays == chaperones.CHAPERONE for row in rows)
        self.chaperones = chaperones.here(sponsor, institute) if is_asked else 0

    # --- Reading ------------------------------------------------------------------------------------------------------

    def _people(self, rows: Sequence[Row], at: datetime, who: Who) -> dict[int, Person]:
        """Those of the same name who work at the district, and those who were chosen, by key."""
        chosen = [row.person_id for row in rows if row.person_id]
        keys = {row.name_key for row in rows if row.name_key}
        here = Employment.objects.on(at.date()).filter(organization=self.sponsor)
        visible = Person.objects.visible_to(who).canonical()
        found = visible.filter(Q(sort_key__in=keys, pk__in=here.values("person")) | Q(pk__in=chosen))
        outside = Person.objects.canonical().filter(pk__in=self.outsiders, sort_key__in=keys)
        return {person.pk: person for person in [*found, *outside]}

    def _outsiders(self, rows: Sequence[Row]) -> set[int]:
        """Those on these rows who sit here for the district without ever having worked there: it named them itself."""
        hers = Registration.objects.live().filter(
            institute=self.institute, seat__allotment__order__sponsor=self.sponsor
        )
        named = Q(person__sort_key__in={row.name_key for row in rows if row.name_key})
        reached = Q(person__addresses__address__in={row.email for row in rows if row.email})
        workers = Employment.objects.filter(organization=self.sponsor, person=OuterRef("person"))
        found = hers.filter(named | reached).exclude(Exists(workers))
        return set(found.values_list("person", flat=True))

    def _read_addresses(self, wanted: set[str], people: dict[int, Person], who: Who) -> None:
        """The addresses of those found by name, and those found by their address."""
        visible = Person.objects.visible_to(who)
        theirs = Q(person__in=people) | Q(person__merged_into__in=people)
        rows = EmailAddress.objects.filter(
            Q(address__in=wanted, person__in=visible) | Q(address__in=wanted, person__in=self.outsiders) | theirs
        )
        for row in rows.select_related("person__merged_into").order_by("-is_preferred", "pk"):
            canonical = row.person.merged_into or row.person
            person = people.setdefault(canonical.pk, canonical)
            self.addresses[person.pk].append(row.address)
            if row.address in wanted and person not in self.by_address[row.address]:
                self.by_address[row.address].append(person)

    def _registered(self, people: dict[int, Person]) -> dict[int, Registration]:
        """The places here of those who are known, by the person's key; all that the sponsor has where it has one."""
        live = Registration.objects.live().filter(institute=self.institute)
        seated = live.filter(Q(person__in=people) | Q(person__merged_into__in=people))
        rows = seated.select_related("person", "school", "seat__allotment__order").order_by("pk")
        return {row.person.canonical_id: row for row in rows}

    def _in_line(self, people: dict[int, Person]) -> dict[int, str]:
        """What those who stand in line here for this sponsor wait for, by the person's key."""
        waiting = WaitlistPerson.objects.filter(
            entry__institute=self.institute, entry__ended_at__isnull=True, entry__allotment__order__sponsor=self.sponsor
        )
        rows = waiting.filter(Q(person__in=people) | Q(person__merged_into__in=people))
        found = rows.values_list("person__merged_into", "person", "entry__waits_for")
        return {merged or own: waits_for for merged, own, waits_for in found}

    def _read_schools(self) -> None:
        self.schools: dict[str, School] = {}
        schools = School.objects.filter(organization=self.sponsor)
        for school in sorted(schools, key=lambda school: school.is_open):  # of one name, the open one wins
            for key in (school.search_key, school.cds, (school.cds or "")[7:]):
                if key:
                    self.schools[key] = school

    def _elsewhere(self, rows: Sequence[Row]) -> set[str]:
        """Names of other organizations, where a sheet has one in the column of schools."""
        written = {names.fold(row.school) for row in rows if row.school} - self.schools.keys()
        others = Organization.objects.filter(search_key__in=written).exclude(pk=self.sponsor.pk)
        return set(others.values_list("search_key", flat=True)) if written else set()

    def _strands(self, rows: Sequence[Row]) -> dict[str, Strand]:
        if not any(row.strand for row in rows):
            return {}
        return {names.fold(strand.name): strand for strand in Strand.objects.filter(institute=self.institute)}

    def _sessions(self, rows: Sequence[Row]) -> dict[str, Session]:
        if not any(row.sessions for row in rows):
            return {}
        return {names.fold(session.title): session for session in Session.objects.filter(institute=self.institute)}

    # --- Answers ------------------------------------------------------------------------------------------------------

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

    def is_outside(self, row: Row, school: School | None) -> bool:
        """Whether the row says that she works elsewhere, or no more; at a school of the district she works there."""
        if school or self.sponsor.kind in OUTSIDE:
            return False
        return names.fold(row.school) in self.elsewhere or cells.is_outside(row.school or row.role)

    def strand_of(self, row: Row) -> tuple[Strand | None, str]:
        """The strand that a row names, as a whole or by a part of its name that no other has; and why there is none."""
        if not row.strand:
            return None, ""
        key = names.fold(row.strand)
        alike = [strand for name, strand in self.strands.items() if key in name or name in key]
        found = self.strands.get(key) or (alike[0] if len(alike) == 1 else None)
        if found:
            return found, ""
        if not self.strands:
            return None, f"{self.institute.code} has no strands: “{row.strand}” is left out."
        known = ", ".join(str(strand) for strand in self.strands.values())
        return None, f"{self.institute.code} has no strand “{row.strand}”: choose among {known}."

    def sessions_of(self, row: Row) -> tuple[list[Session], str]:
        """The sessions that a row names, cut at semicolons, and what is wrong with one of them."""
        asked = [title.strip() for title in row.sessions.split(";") if title.strip()]
        unknown = next((title for title in asked if names.fold(title) not in self.sessions), "")
        if unknown:
            return [], f"{self.institute.code} has no session “{unknown}”. Write its title as the agenda has it."
        return [self.sessions[names.fold(title)] for title in asked], ""

    def why_not_eligible(self, person: Person | None) -> str:
        """Why the institute is not for this person, or for anyone whom we have not met."""
        return self.refusals.get(person.pk, "") if person else self.why_not_new

    def described(self, person: Person) -> str:
        """A person as a coordinator would tell her from another."""
        return f"{person.display_name} ({self.address_of(person) or 'no address'})"

    def address_of(self, person: Person) -> str:
        """The one she prefers."""
        return next(iter(self.addresses.get(person.pk, [])), "")

    def has(self, person: Person, address: str) -> bool:
        return address in self.addresses.get(person.pk, [])

    def is_hers(self, registration: Registration) -> bool:
        """Whether the seat is one of this sponsor's."""
        return registration.seat.allotment.order.sponsor_id == self.sponsor.pk

    def sentence_for(self, person: Person, row: Row) -> str:
        if row.email and not self.has(person, row.email):
            return f"{self.described(person)}: this address is added to hers."
        return "" if person.sort_key == row.name_key else f"Registered as {person.display_name}."

"""Which column is what: by its header, in the words of the systems districts export from, or by what its cells hold."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from people import names
from registrations.rosters import cells
from registrations.rosters.reading import Table

FIELDS = (
    "given_name", "family_name", "name", "email", "school", "role", "grade", "team", "strand", "sessions", "dietary",
    "access",
)  # fmt: skip

# Headers with everything but letters and digits left out, best first. Clever, OneRoster, School Data Sync, Great Minds,
# ESGI, Forefront, Track My Progress, and what people write by hand.
HEADERS: dict[str, tuple[str, ...]] = {
    "given_name": (
        "preferredfirstname", "firstname", "givenname", "teacherfirstname", "stafffirstname", "userfirstname", "tchfn",
        "stafflegalfirstname", "legalfirstname", "first", "fname", "given", "forename", "nombre",
    ),
    "family_name": (
        "preferredlastname", "lastname", "familyname", "surname", "teacherlastname", "stafflastname", "userlastname",
        "tchln", "stafflegallastname", "legallastname", "last", "lname", "family", "apellido", "apellidos",
    ),
    "name": (
        "name", "fullname", "displayname", "teachername", "staffname", "employeename", "participantname", "participant",
        "teacher", "attendee", "attendeename", "employee", "nombrecompleto", "lastfirst", "lastnamefirst",
        "lastfirstname", "lastnamefirstname", "namelastfirst", "firstlast", "firstnamelastname", "firstandlastname",
        "firstlastname", "names", "staff", "staffmember",
    ),
    "email": (
        "email", "emailaddress", "mail", "teacheremail", "staffemail", "useremail", "workemail", "schoolemail",
        "districtemail", "primaryemail", "emailwork", "correo", "correoelectronico", "activedirectorymatchid",
        "secondaryemail", "personalemail", "username", "userid", "login",
    ),
    "school": (
        "schoolname", "school", "site", "sitename", "campus", "schoolsite", "worksite", "location", "schoolcdscode",
        "cdscode", "cds", "cdsschoolcode", "schoolcode", "schcode", "schoolid", "schoolsisid", "orgsourcedids",
        "escuela", "building",
    ),
    "role": ("role", "jobtitle", "title", "position", "job", "assignment", "stafftype", "jobclass", "puesto"),
    "grade": (
        "gradespan", "gradeband", "grade", "grades", "gr", "gradelevel", "gradelevels", "gradelevelstaught", "gradestaught",
        "grado",
    ),
    "team": ("team", "teamname", "teamno", "teamnumber", "equipo"),
    "strand": ("strand", "track", "pathway", "strandchoice", "strandname", "whichstrand"),
    "sessions": ("session", "sessions", "sessionchoice", "sessionchoices", "breakout", "breakouts", "workshop"),
    "dietary": (
        "dietary", "dietaryneeds", "dietaryneed", "dietaryrestrictions", "dietaryrestriction", "diet", "food",
        "foodallergies", "allergies", "allergy", "meal", "mealpreference", "dieta", "alergias",
    ),
    "access": (
        "accessneeds", "accessneed", "accommodation", "accommodations", "accessibility", "accessibilityneeds",
        "accommodationsneeded", "acceso",
    ),
}  # fmt: skip

# What a system for professional learning has no business with. Matched anywhere in a header.
NEVER_KEPT = re.compile(
    r"birth|^dob$|race|ethnic|hispanic|gender|^sex$|passw|^pwd$|^pin$|(?<!acce)ssn|socialsec|religion|salary|homeaddress|disabil"
)
_PUPIL_HEADER = re.compile(r"student|pupil|guardian|^ssid$")

# CALPADS files have no header: fields 7.10 and 7.12 of SDEM, 8.05, 8.09 and 8.11 of SASS (the first field is x.01).
CALPADS: dict[str, dict[str, int]] = {
    "SDEM": {"given_name": 9, "family_name": 11},
    "SASS": {"school": 4, "given_name": 8, "family_name": 10},
}


class CannotKeep(Exception):
    """The table is about children, or about no people at all."""


@dataclass
class Guess:
    """What each column seems to be, and the rows below the headers with nothing in the columns that are never kept."""

    fields: dict[str, int] = field(default_factory=dict)
    headers: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    rows: Table = field(default_factory=list)

    @property
    def is_enough(self) -> bool:
        """A name can be had from it."""
        return bool({"given_name", "family_name", "name"} & set(self.fields))


def guess(table: Table) -> Guess:
    """Headers first; without any, what the cells hold. Raises CannotKeep for a list of pupils or of schools."""
    for index, row in enumerate(table[:10]):
        below = table[index + 1 :]
        if len(row) == 1:  # one column of "Torres, Ana", cut at its commas
            below = [[",".join(cells_)] for cells_ in below]
        _must_name_people(row, below)
        fields = by_header(row, below)
        if _is_header(row, fields):
            return _without_private(row, below, fields)
    kind = cells.clean(table[0][0]).upper()
    if kind in CALPADS:
        return _kept_only(table, CALPADS[kind])
    looks_like_header = len(table) > 1 and not any(any(map(str.isdigit, cell)) or "@" in cell for cell in table[0])
    fields = by_content(table)
    if looks_like_header and not Guess(fields).is_enough:
        return _without_private(table[0], table[1:], {})
    return Guess(fields, [], [], table)


def by_header(row: Sequence[str], below: Table) -> dict[str, int]:
    """The best column for each field; a column of logins is one of addresses only when it holds some."""
    squeezed = [_squeezed(cell) for cell in row]
    found: dict[str, int] = {}
    for name, words in HEADERS.items():
        for word in words:
            if word in squeezed and (
                word not in _LOGINS or _share(below, squeezed.index(word), "@".__contains__) > 0.5
            ):
                found[name] = squeezed.index(word)
                break
    if "given_name" in found and "family_name" in found:
        found.pop("name", None)
    return found


def _must_name_people(row: Sequence[str], below: Table) -> None:
    """Whoever exports staff finds a list of schools beside it."""
    squeezed = [_squeezed(cell) for cell in row]
    if "name" in squeezed and _share(below, squeezed.index("name"), lambda cell: bool(_PLACE.search(cell))) > 0.6:
        raise CannotKeep("This looks like a list of schools. Send the one of the staff.")


_LOGINS = frozenset({"username", "userid", "login", "activedirectorymatchid"})


def _is_header(row: Sequence[str], fields: dict[str, int]) -> bool:
    return bool(fields) and not any("@" in cell for cell in row) and (len(fields) > 1 or len(row) < 4)


def _without_private(headers: Sequence[str], rows: Table, fields: dict[str, int]) -> Guess:
    squeezed = [_squeezed(header) for header in headers]
    if any(_PUPIL_HEADER.search(header) for header in squeezed):
        raise CannotKeep(
            "This looks like a list of pupils. We never keep anything about children: send a list of staff only."
        )
    private = [index for index, header in enumerate(squeezed) if NEVER_KEPT.search(header)]
    kept = [["" if index in private else cell for index, cell in enumerate(row)] for row in rows] if private else rows
    named = [cells.clean(header) for header in headers]
    safe = {name: index for name, index in fields.items() if index not in private}
    return Guess(safe, named, [named[index] for index in private], kept)


def _kept_only(table: Table, fields: dict[str, int]) -> Guess:
    """Of a CALPADS file nothing but the columns that are used: it holds birth dates and race."""
    wanted = set(fields.values())
    rows = [[cell if index in wanted else "" for index, cell in enumerate(row)] for row in table]
    return Guess(dict(fields), [], ["birth date, gender, race and all other columns of CALPADS"], rows)


def by_content(table: Table) -> dict[str, int]:
    """Columns by what most of their cells look like."""
    found: dict[str, int] = {}
    sample = table[:200]
    width = max(map(len, sample))
    for name, holds in _LOOKS:
        for index in range(width):
            if index not in found.values() and name not in found and _share(sample, index, holds) > 0.6:
                found[name] = index
    texts = [index for index in range(width) if index not in found.values() and _share(sample, index, _is_name) > 0.6]
    return found | _names_among(sample, texts, width)


def _names_among(sample: Table, texts: list[int], width: int) -> dict[str, int]:
    whole = [
        index for index in texts if _share(sample, index, lambda cell: bool(re.search(r"\S[, ]\s*\S", cell))) > 0.6
    ]
    if whole and (len(texts) == 1 or whole[0] == texts[0]):
        return {"name": whole[0]}
    if len(texts) >= 2:
        first, second = texts[:2]
        last_comes_first = width == 2 and all(
            row[-1].startswith(" ") for row in sample
        )  # "Torres, Ana", cut at its comma
        return (
            {"given_name": second, "family_name": first}
            if last_comes_first
            else {"given_name": first, "family_name": second}
        )
    return {"name": texts[0]} if texts else {}


def _is_name(cell: str) -> bool:
    return (
        bool(cell) and not any(letter.isdigit() for letter in cell) and len(cell) < 60 and bool(re.search(r"\w", cell))
    )


_SCHOOL = re.compile(r"\b(?:school|elementary|middle|high|academy|elem|junior|charter|preparatory)\b", re.IGNORECASE)
_PLACE = re.compile(
    _SCHOOL.pattern + r"|\b(?:district|unified|college|university|department|ministry)\b", re.IGNORECASE
)
_LOOKS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("email", lambda cell: cells.is_address(cells.address(cell))),
    ("school", lambda cell: bool(_SCHOOL.search(cell)) or len(cells.code(cell)) == 14),
    ("grade", lambda cell: len(cell) < 8 and bool(cells.grade_of(cell))),
    ("role", lambda cell: bool(cells.role_of(cell))),
)


def _share(rows: Table, index: int, holds: Callable[[str], bool]) -> float:
    """Of the cells that are filled, how many are such."""
    filled = [row[index].strip() for row in rows[:200] if index < len(row) and row[index].strip()]
    return sum(map(holds, filled)) / len(filled) if filled else 0.0


def _squeezed(header: str) -> str:
    plain = names.fold(header)
    return re.sub(r"[^a-z0-9]", "", plain)

"""What a cell means: names as they should be printed, roles and grades in our words, codes with their zeros back."""

import re

from people import names
from people.models import GradeSpan, JobRole

_TITLE = re.compile(r"^(?:mr|mrs|ms|miss|mx|dr|prof)\.?\s+(?=\S)", re.IGNORECASE)
_SUFFIX = re.compile(r"^(?:jr|sr|ii|iii|iv|v|ph\.?d|ed\.?d|m\.?d)\.?$", re.IGNORECASE)
_ROMAN = frozenset({"ii", "iii", "iv"})
_QUOTES = '"“”„«»'
_ADDRESS = re.compile(r"[^\s@<>(),;:\"\[\]]+@[^\s@<>(),;:\"\[\]]+\.[^\s@<>(),;:\"\[\].]{2,}")
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)


def clean(text: str) -> str:
    """Composed, without outer quotes, doubled or non-breaking spaces, hyphens that do not break, or `.0` behind a number."""
    text = names.tidy(text.replace("\u2011", "-").replace("\u200b", "")).strip(_QUOTES).strip()
    return re.sub(r"^(\d+)\.0+$", r"\1", text)


def is_formula(text: str) -> bool:
    return text.lstrip().startswith("=")


def address(text: str) -> str:
    """The e-mail address in a cell, in small letters: also from "Ana Torres <ana@example.test>" or a mailto link."""
    found = _ADDRESS.search(clean(text).removeprefix("mailto:"))
    return found.group().rstrip(".").lower() if found else clean(text).lower()


def is_address(text: str) -> bool:
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


_NO_NAME = (
    r"(?:tb[and]|to be (?:determined|announced|named|hired|decided)|name(?:s)? to (?:follow|come)|unnamed|vacant|vacancy|"
    r"new hire|open position|no name(?: yet)?)"
)
_SEAT_WITHOUT_NAME = re.compile(
    rf"^(?:(?:teacher|staff|seat|name|person) )?{_NO_NAME}(?: {_NO_NAME})?(?: (?:teacher|staff|seat|person))?(?: \d+)?$"
)


def is_no_name(given: str, family: str) -> bool:
    """ "TBD", "to be named", "Vacant 3": a seat whose name comes later."""
    return bool(_SEAT_WITHOUT_NAME.match(names.fold(f"{given} {family}")))


def name_of(given: str, family: str, whole: str = "") -> tuple[str, str]:
    """Given and family name out of one cell or two, without titles: "Smith, John" and "John Smith" are the same."""
    given, family, whole = clean(given), clean(family), clean(whole)
    if not (given or family):
        given, family = _halves(whole)
    elif not family or not given:
        alone = given or family
        if "," in alone and not _is_suffix_only(alone):
            given, family = _halves(alone)
    return _TITLE.sub("", given), family


def _halves(whole: str) -> tuple[str, str]:
    if "," in whole and not _is_suffix_only(whole):
        family, _, given = whole.partition(",")
        return given.strip(), family.strip()
    words = _TITLE.sub("", whole).split(" ")
    if len(words) == 1:
        return words[0], ""
    tail = 2 if len(words) > 2 and _SUFFIX.match(words[-1].strip(",")) else 1
    while len(words) - tail > 1 and words[-tail - 1].lower() in _PARTICLES:
        tail += 1
    return " ".join(words[:-tail]), " ".join(words[-tail:])


_PARTICLES = frozenset(
    {"de", "la", "del", "las", "los", "der", "den", "van", "von", "da", "di", "dos", "st.", "y", "le"}
)


def _is_suffix_only(text: str) -> bool:
    return bool(_SUFFIX.match(text.partition(",")[2].strip()))


def proper_case(text: str) -> str:
    """ "MARIA DE LA CRUZ-O'NEILL III" as one would write it: "Maria De La Cruz-O'Neill III"."""
    cased = _WORD.sub(lambda word: _cased(word.group()), text)
    return re.sub(r"\b(['’])S\b", r"\1s", cased)


def _cased(word: str) -> str:
    small = word.lower()
    if small in _ROMAN:
        return word.upper()
    if small.startswith("mc") and len(small) > 3:
        return "Mc" + small[2:].capitalize()
    return small.capitalize()


def is_shouted(given: str, family: str) -> bool:
    """All in capitals, or all in small letters, as payroll exports write names."""
    letters = "".join(_WORD.findall(given + family))
    return len(letters) > 2 and (letters.isupper() or letters.islower())


ROLES = {
    JobRole.SUPERINTENDENT: ("superintendent",),
    JobRole.PRINCIPAL: (
        "principal",
        "vice principal",
        "asst principal",
        "assistant principal",
        "site admin",
        "school admin",
    ),
    JobRole.COACH: ("coach", "tosa", "on special assignment", "instructional specialist"),
    JobRole.TEACHER_LEADER: ("teacher leader", "lead teacher", "department chair", "dept chair", "mentor teacher"),
    JobRole.PARAPROFESSIONAL: ("paraprofessional", "para", "aide", "instructional assistant", "paraeducator"),
    JobRole.FACULTY: ("faculty", "professor", "lecturer"),
    JobRole.ADMINISTRATOR: ("administrator", "admin", "director", "coordinator", "curriculum", "program specialist"),
    JobRole.TEACHER: ("teacher", "teach", "educator", "tchr", "12"),
    JobRole.OTHER: ("other", "counselor", "librarian", "nurse", "classified", "pupil services", "staff"),
}
PUPILS = frozenset({"student", "pupil", "parent", "guardian"})


def role_of(text: str) -> str:
    """Our word for a job, or nothing where none is known."""
    folded = names.fold(text.replace("_", " "))
    if not folded:
        return ""
    for role, words in ROLES.items():
        if any(re.search(rf"\b{word}s?\b", folded) for word in words):
            return role.value
    return ""


def is_pupil(role_text: str) -> bool:
    return names.fold(role_text) in PUPILS


_OUTSIDE = re.compile(
    r"\b(?:retired|retiree|consultant|self employed|freelance|independent|private school|parochial|university|college)\b"
)


def is_outside(text: str) -> bool:
    """ "Retired", "Consultant", "a private school": no work at a district."""
    return bool(_OUTSIDE.search(names.fold(text)))


_BANDS = (
    (GradeSpan.TK_2, range(-1, 3)),
    (GradeSpan.GRADES_3_5, range(3, 6)),
    (GradeSpan.GRADES_6_8, range(6, 9)),
    (GradeSpan.GRADES_9_12, range(9, 13)),
)
_EARLY = {"tk": -1, "pk": -1, "prek": -1, "k": 0, "kinder": 0, "kindergarten": 0}
_LEVELS = {
    "elementary": GradeSpan.GRADES_3_5,
    "primary": GradeSpan.TK_2,
    "middle": GradeSpan.GRADES_6_8,
    "junior high": GradeSpan.GRADES_6_8,
    "high": GradeSpan.GRADES_9_12,
    "high school": GradeSpan.GRADES_9_12,
    "secondary": GradeSpan.GRADES_9_12,
    "all": GradeSpan.ALL,
    "all grades": GradeSpan.ALL,
    "none": GradeSpan.NONE,
    "n a": GradeSpan.NONE,
}


def grade_of(text: str) -> str:
    """Our band for "3", "3rd", "TK-2", "K–5", "6,7,8" or "High"; grades of two bands or more are all grades."""
    folded = names.fold(text)
    if folded in _LEVELS:
        return _LEVELS[folded].value
    grades = [_EARLY[word] for word in folded.split() if word in _EARLY]
    grades += [int(number) for number in re.findall(r"\d+", folded) if int(number) <= 12]
    bands = (
        {band for band, span in _BANDS if any(min(grades) <= grade <= max(grades) for grade in span)}
        if grades
        else set()
    )
    if len(bands) > 1:
        return GradeSpan.ALL.value
    return bands.pop().value if bands else ""


def is_total(line: str) -> bool:
    """The last line of many sheets: "Total: 40", "Grand total", "Count 12"."""
    return bool(
        re.fullmatch(
            r"\W*(?:(?:grand |sub)?total|count)(?: (?:teachers|people|staff|seats))?\W*\d*\W*",
            clean(line),
            re.IGNORECASE,
        )
    )


def code(text: str) -> str:
    """The digits of a CDS code with the zeros that a spreadsheet ate: 14 for a whole code, 7 for a school's own."""
    digits = re.sub(r"[\s-]", "", clean(text))
    if not digits.isdigit():
        return ""
    return digits.zfill(14) if len(digits) in {12, 13, 14} else digits.zfill(7) if len(digits) in {5, 6, 7} else ""

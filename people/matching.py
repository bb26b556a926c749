"""Two people who may be one: suggestions for staff, each with its reason. Nothing follows from one by itself.

The pairs are found by the database, all of them at once, from keys that are indexed or hashed (an address, a name in a
district, a word at a school); what is said of a pair is worked out when it is looked at, so that it is never stale.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from people.models import AddressClaim, EmailAddress, Employment, Likeness, Person, Suggestion, TwoPeople, User

SHARERS = 20
"""An address of more people than this is an inbox of an office and says nothing about who is who."""
NAMESAKES = 4
"""A name that more people than this bear in one district is common there, and says as little."""
PARTICLES = ["al", "da", "das", "de", "del", "den", "der", "do", "dos", "el", "la", "las", "los", "van", "von", "y"]

_KNOWN = """
    known AS MATERIALIZED (
        SELECT id, coalesce(merged_into_id, id) AS who, sort_key,
               ARRAY(SELECT word FROM unnest(string_to_array(sort_key, ' ')) word WHERE word <> ALL (%(particles)s)) AS words
        FROM people_person
    )
"""
_BY_CLAIM = """
    SELECT p.who AS a, q.who AS b, 1 AS reason
    FROM people_addressclaim claim
    JOIN people_emailaddress held ON held.address = claim.address
    JOIN known p ON p.id = claim.person_id JOIN known q ON q.id = held.person_id
    WHERE claim.confirmed_at IS NOT NULL
"""
_BY_ADDRESS = """
    SELECT p.who, q.who, 2
    FROM inbox x JOIN inbox y ON y.address = x.address AND x.person_id < y.person_id
    JOIN known p ON p.id = x.person_id JOIN known q ON q.id = y.person_id
    WHERE x.sharers BETWEEN 2 AND %(sharers)s AND p.words && q.words
"""
_BY_NAME = """
    SELECT x.who, y.who, 3
    FROM named x JOIN named y ON y.organization_id = x.organization_id AND y.sort_key = x.sort_key AND x.who < y.who
    WHERE x.namesakes BETWEEN 2 AND %(namesakes)s
"""
_BY_SCHOOL = """
    SELECT DISTINCT x.who, y.who, 4
    FROM taught x JOIN taught y ON y.school_id = x.school_id AND y.word = x.word AND x.who < y.who
    WHERE (cardinality(x.words) > 1 AND cardinality(y.words) > 1 AND (x.words <@ y.words OR y.words <@ x.words))
       OR similarity(x.sort_key, y.sort_key) > 0.55
"""
_PLACES = """
    inbox AS (
        SELECT address, person_id, count(*) OVER (PARTITION BY address) AS sharers FROM people_emailaddress
    ),
    named AS (
        SELECT organization_id, sort_key, who, count(*) OVER (PARTITION BY organization_id, sort_key) AS namesakes
        FROM (SELECT DISTINCT job.organization_id, known.sort_key, known.who
              FROM people_employment job JOIN known ON known.id = job.person_id) here
    ),
    taught AS MATERIALIZED (
        SELECT DISTINCT job.school_id, known.who, known.sort_key, known.words, word
        FROM people_employment job JOIN known ON known.id = job.person_id, unnest(known.words) word
        WHERE job.school_id IS NOT NULL
    )
"""
_SWEEP = f"""
    WITH {_KNOWN}, {_PLACES}, pairs AS (
        SELECT least(a, b) AS one, greatest(a, b) AS other, min(reason) AS reason
        FROM ({_BY_CLAIM} UNION ALL {_BY_ADDRESS} UNION ALL {_BY_NAME} UNION ALL {_BY_SCHOOL}) found
        WHERE a <> b GROUP BY 1, 2
    ), apart AS (
        SELECT least(p.who, q.who) AS one, greatest(p.who, q.who) AS other
        FROM people_twopeople said JOIN known p ON p.id = said.one_id JOIN known q ON q.id = said.other_id
    )
    INSERT INTO people_suggestion (one_id, other_id, reason, found_at)
    SELECT one, other, reason, %(at)s FROM pairs
    WHERE NOT EXISTS (SELECT FROM apart WHERE apart.one = pairs.one AND apart.other = pairs.other)
    ON CONFLICT (one_id, other_id) DO UPDATE SET reason = EXCLUDED.reason, found_at = EXCLUDED.found_at
"""  # noqa: S608 - made of our own constants


# --- Finding ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def sweep(*, at: datetime) -> int:
    """Look at everybody, and forget the pairs that are alike no more. Answers how many pairs there are."""
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP, {"particles": PARTICLES, "sharers": SHARERS, "namesakes": NAMESAKES, "at": at})
    Suggestion.objects.exclude(found_at=at).delete()
    return Suggestion.objects.open().count()


def look_at_claim(claim: AddressClaim, *, at: datetime) -> None:
    """Suggest whoever has the address that was confirmed, without waiting for the next sweep."""
    who = claim.person.canonical_id
    held = EmailAddress.objects.filter(address=claim.address).select_related("person")
    for other in {row.person.canonical_id for row in held} - {who}:
        one, two = sorted((who, other))
        if not TwoPeople.objects.filter(one=one, other=two).exists():
            said = {"reason": Likeness.CLAIM, "found_at": at}
            Suggestion.objects.update_or_create(one_id=one, other_id=two, defaults=said)


def suggestions() -> QuerySet[Suggestion]:
    """The pairs to look at, the strongest reason first."""
    return Suggestion.objects.open().select_related("one", "other").order_by("reason", "pk")


@transaction.atomic
def keep_apart(one: Person, other: Person, *, by: User | None, at: datetime) -> TwoPeople:
    """These are two people: they are not suggested again."""
    first, second = sorted((one.canonical_id, other.canonical_id))
    Suggestion.objects.filter(one=first, other=second).delete()
    said = {"by": by, "at": at}
    return TwoPeople.objects.get_or_create(one_id=first, other_id=second, defaults=said)[0]


# --- Saying why -------------------------------------------------------------------------------------------------------


@dataclass
class _Facts:
    """What is known of one person under all her names."""

    names: dict[str, str] = field(default_factory=dict)
    addresses: set[str] = field(default_factory=set)
    claims: dict[str, AddressClaim] = field(default_factory=dict)
    districts: dict[int, str] = field(default_factory=dict)
    schools: dict[int, str] = field(default_factory=dict)


def reasons(pairs: Sequence[tuple[Person, Person]]) -> list[list[str]]:
    """For each pair the sentences that say why the two may be one; in four queries for all of them."""
    facts = _facts({person.canonical_id for pair in pairs for person in pair})
    return [_sentences(facts[one.canonical_id], facts[other.canonical_id]) for one, other in pairs]


def _facts(keys: Iterable[int]) -> dict[int, _Facts]:
    facts = {key: _Facts() for key in keys}
    people = Person.objects.filter(Q(pk__in=facts) | Q(merged_into__in=facts))
    who = {person.pk: facts[person.canonical_id] for person in people}
    for person in people:
        who[person.pk].names[person.sort_key] = person.display_name
    for row in EmailAddress.objects.filter(person__in=who):
        who[row.person_id].addresses.add(row.address)
    for claim in AddressClaim.objects.filter(person__in=who, confirmed_at__isnull=False).select_related("person"):
        who[claim.person_id].claims[claim.address] = claim
    for job in Employment.objects.filter(person__in=who).select_related("organization", "school"):
        who[job.person_id].districts[job.organization_id] = job.organization.name
        if job.school:
            who[job.person_id].schools[job.school_id] = job.school.name
    return facts


def _sentences(one: _Facts, other: _Facts) -> list[str]:
    """The strongest first."""
    said = [_claimed(claim) for address, claim in one.claims.items() if address in other.addresses]
    said += [_claimed(claim) for address, claim in other.claims.items() if address in one.addresses]
    said += [_("Both have the address %s.") % address for address in sorted(one.addresses & other.addresses)]
    said += _of_names(one, other)
    schools = [one.schools[key] for key in one.schools.keys() & other.schools.keys()]
    districts = [one.districts[key] for key in one.districts.keys() & other.districts.keys()]
    said += [_("Both work or worked at %s.") % place for place in sorted(schools or districts)]
    return said


def _claimed(claim: AddressClaim) -> str:
    told = {"name": claim.person, "address": claim.address, "day": date_format(claim.confirmed_at or "", "F j, Y")}
    return _("%(name)s claims %(address)s, confirmed by link on %(day)s.") % told


def _of_names(one: _Facts, other: _Facts) -> list[str]:
    for key, name in one.names.items():
        for other_key, other_name in other.names.items():
            words, other_words = set(key.split()), set(other_key.split())
            if words == other_words:
                return [_("Both are called %s.") % name]
            if words < other_words or other_words < words:
                short, long = sorted((name, other_name), key=len)
                return [_("Every word of “%(short)s” is in “%(long)s”.") % {"short": short, "long": long}]
    name, other_name = next(iter(one.names.values())), next(iter(other.names.values()))
    return [_("“%(one)s” and “%(other)s” are alike.") % {"one": name, "other": other_name}]

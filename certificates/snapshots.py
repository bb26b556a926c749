"""What a certificate says: every word and every minute that is printed, as plain data that is never changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from events.models import Engagement, HourType, Institute, Modality
from people import names
from people.models import Organization, Person, Provider
from registrations import hours_rules
from registrations.hours_rules import Block, Explanation, Rule
from registrations.models import Compensation, Registration

Snapshot = dict[str, Any]


@dataclass(frozen=True)
class Frame:
    """What the certificates of one institute share; read once for all of them."""

    words: Snapshot
    blocks: Sequence[Block]
    offered: Mapping[date, int]
    standards: Mapping[int, str]
    presenters: Sequence[tuple[int | None, str, str]]


def frame(institute: Institute, blocks: Sequence[Block]) -> Frame:
    """The shared part: four queries, however many people came. `institute` comes with its program, venue and rule."""
    rule = Rule(institute.hours_rule.full_day_percent, institute.hours_rule.step_minutes)
    offered = {day.day: day.offered for day in hours_rules.explain(blocks, [], rule=rule).days if day.offered}
    engaged = Engagement.objects.filter(institute=institute).select_related("person").order_by("pk")
    return Frame(
        words=_shared_words(institute),
        blocks=blocks,
        offered=offered,
        standards=dict(institute.sessions.exclude(standards="").values_list("pk", "standards")),
        presenters=[(one.session_id, one.person.display_name, one.get_role_display()) for one in engaged],
    )


def of(
    person: Person, registrations: Sequence[Registration], explained: Sequence[Explanation], *, within: Frame
) -> Snapshot:
    """The snapshot of one person, over all her registrations at the institute in the order of their days."""
    days = _days(explained, within)
    earned, offered = sum(day["earned"] for day in days), sum(day["offered"] for day in days)
    attended = _attended(explained)
    last = registrations[-1]
    return within.words | {
        "heading": _("Certificate of attendance") if earned >= offered else _("Certificate of partial attendance"),
        "name": _name(person, registrations),
        "minutes": {"earned": earned, "offered": offered},
        "days": days,
        "types": _types(explained),
        "strands": _once(block.strand for block in attended if block.strand),
        "standards": _once(within.standards[block.id] for block in attended if block.id in within.standards),
        "presenters": _presenters(attended, within),
        "district": _district(last),
        "school": last.school.name if last.school else "",
        "compensation": _once(_compensation(one) for one in registrations),
    }


def _shared_words(institute: Institute) -> Snapshot:
    provider = Provider.objects.select_related("organization").get()
    partners = [institute.host, institute.fiscal_agent]
    return {
        "form": 1,
        "title": institute.title,
        "code": institute.code,
        "program": institute.program.name,
        "first_day": institute.starts_on.isoformat(),
        "last_day": institute.ends_on.isoformat(),
        "place": _place(institute),
        "provider": {"name": provider.name, "email": provider.email, "website": provider.website},
        "co_sponsors": _once(one.name for one in partners if one and one != provider.organization),
        "signatory": {"name": provider.signatory_name, "title": provider.signatory_title},
        "rule": _rule(institute),
        "acceptance": _(
            "This certificate is not a credential. Whether its hours count toward salary or units is decided by the "
            "employing district."
        ),
    }


def _place(institute: Institute) -> str:
    if institute.modality == Modality.ONLINE:
        return _("Synchronous online")
    venue = institute.venue
    there = ", ".join(part for part in [venue.name, venue.address] if part) if venue else ""
    if institute.modality == Modality.HYBRID:
        return _("%(place)s, and synchronous online") % {"place": there or _("In person")}
    return there


def _rule(institute: Institute) -> str:
    rule = institute.hours_rule
    told = {
        "full": rule.full_day_percent,
        "step": rule.step_minutes,
        "least": rule.certificate_percent,
    }
    words = _(
        "Presence for %(full)s %% or more of a day counts as the whole day; less is rounded down to steps of "
        "%(step)s minutes."
    )
    if rule.certificate_percent:
        words += " " + _("A certificate takes %(least)s %% of the hours offered.")
    return words % told


def _days(explained: Sequence[Explanation], within: Frame) -> list[Snapshot]:
    """Each day of the institute: what the person earned, of what was offered."""
    offered, earned = dict(within.offered), dict.fromkeys(within.offered, 0)
    for explanation in explained:
        for day in explanation.days:
            if day.offered:
                offered[day.day] = day.offered
                earned[day.day] = earned.get(day.day, 0) + day.earned
    return [{"day": day.isoformat(), "earned": earned[day], "offered": offered[day]} for day in sorted(offered)]


def _types(explained: Sequence[Explanation]) -> list[Snapshot]:
    sums: dict[str, int] = {}
    for explanation in explained:
        for hour_type, minutes in explanation.by_type.items():
            sums[hour_type] = sums.get(hour_type, 0) + minutes
    return [
        {"type": kind.value, "words": str(kind.label), "minutes": sums[kind.value]}
        for kind in HourType
        if sums.get(kind.value)
    ]


def _attended(explained: Sequence[Explanation]) -> list[Block]:
    """The blocks in which the person was present."""
    return [
        part.session
        for explanation in explained
        for day in explanation.days
        for part in day.blocks
        if part.minutes_present
    ]


def _presenters(attended: Sequence[Block], within: Frame) -> list[Snapshot]:
    """Who facilitated the whole institute, or a session that the person attended."""
    seen = {block.id for block in attended}
    here = _once((name, role) for session, name, role in within.presenters if session is None or session in seen)
    return [{"name": name, "role": role} for name, role in here]


def _name(person: Person, registrations: Sequence[Registration]) -> str:
    asked = [one.cert_name for one in registrations if one.cert_name]
    return names.tidy(asked[-1] if asked else person.display_name)


def _district(registration: Registration) -> str:
    """Where she worked then: her school's district, or whoever sent her."""
    school = registration.school
    sponsor: Organization | None = registration.seat.allotment.order.sponsor
    home = school.organization if school and school.organization else sponsor
    return home.name if home else ""


def _compensation(registration: Registration) -> str:
    words = str(Compensation(registration.compensation).label)
    if registration.compensation == Compensation.UNKNOWN or not registration.compensation_reported_by:
        return words
    return _("%(status)s, as reported by %(who)s") % {"status": words, "who": registration.compensation_reported_by}


def _once(words: Iterable[Any]) -> list[Any]:
    """Each once, in the order of its first coming."""
    return list(dict.fromkeys(words))

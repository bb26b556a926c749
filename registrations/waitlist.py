"""The waitlist of an institute: joining it, leaving it, and offering what becomes free to who is next.

First in, first offered; a team comes whole. Whose a free seat is, `places` says; when offers go out, `turns`; what becomes
of them, `offers`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from events.models import Institute
from office import digests
from people.models import Organization, Person, Provider, User
from registrations import chaperones, doors, enrollment, needs, newcomers, places, seating, teams, turns
from registrations.admission import Details
from registrations.enrollment import Group, Placement
from registrations.models import (
    AllotmentFunding,
    Offer,
    Order,
    Registration,
    Team,
    WaitEnd,
    WaitlistEntry,
    WaitlistPerson,
    WaitsFor,
)
from registrations.refusals import CannotChange, CannotRegister

# --- Joining ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def join(
    groups: Sequence[Group],
    *,
    sponsor: Organization,
    institute: Institute,
    key: str,
    by: User | None,
    at: datetime,
    order: Order | None = None,
    waits_for: WaitsFor = WaitsFor.PLACE,
) -> Order:
    """People stand in line for an institute: each alone, a team as one. No seat is taken and nothing is charged.

    With `order`, beside those of it who have seats; else in an order of their own, under a key that acts once. People of
    a team that has seats already wait, each alone, to join it; where the institute wants teams and none is named, that is
    the team which their sponsor has there, and if there is none, they are one. Raises CannotRegister.
    """
    defaults = {"sponsor": sponsor, "placed_by": by, "terms_id": institute.terms_id, "at": at}
    if order is None:
        order, is_new = Order.objects.get_or_create(key=key, defaults=defaults)
        if not is_new:
            return order
    attendees = [attendee for group in groups for attendee in group.attendees]
    people = newcomers.enlist(attendees, sponsor=sponsor, at=at)
    seating.lock_people(people)
    institute = seating.lock_institute(institute.pk)
    _must_be_welcome(people, institute, sponsor, by=by, at=at)
    free = sum(group.seats for group in groups if group.is_chaperone)
    if refusal := chaperones.why_not(free, sponsor, institute):
        raise CannotRegister(refusal)
    placements = enrollment.allot(groups, people, order, institute)
    details = enrollment.details_of(attendees, people)
    joining = _teams(groups, placements, details, order, institute, by=by, at=at)
    for placement, of_team in zip(placements, joining, strict=True):
        for together in _units(placement, of_team[0]):
            _stand(together, placement, of_team, details, waits_for, at)
    return order


def _must_be_welcome(
    people: Sequence[Person], institute: Institute, sponsor: Organization, *, by: User | None, at: datetime
) -> None:
    reasons = doors.reasons(institute, sponsor, people, at=at, by=by)
    keys = [person.pk for person in people]
    hers = Q(person__in=keys) | Q(person__merged_into__in=keys)
    for rows, sentence in (
        (Registration.objects.live().filter(institute=institute), _("Already registered for %(code)s: %(names)s.")),
        (_waiting_in(institute), _("Already in line for %(code)s: %(names)s.")),
    ):
        found = {merged or own for merged, own in rows.filter(hers).values_list("person__merged_into", "person")}
        names = [person.display_name for person in people if person.pk in found]
        if names:
            reasons.append(sentence % {"code": institute.code, "names": ", ".join(names)})
    if len(set(keys)) < len(keys):
        reasons.append(_("Somebody is on the roster twice."))
    if reasons:
        raise CannotRegister(" ".join(reasons))


def _waiting_in(institute: Institute) -> QuerySet[WaitlistPerson]:
    return WaitlistPerson.objects.filter(entry__institute=institute, entry__ended_at__isnull=True)


def _teams(
    groups: Sequence[Group],
    placements: Sequence[Placement],
    details: dict[int, Details],
    order: Order,
    institute: Institute,
    *,
    by: User | None,
    at: datetime,
) -> list[tuple[Team | None, Team | None]]:
    """Of each group the team that waits whole, or the one with seats that its people join; neither for who is alone."""
    named = [group.team.name if group.team else "" for group in groups]
    standing = teams.to_join(order.sponsor, institute, named) if institute.team_rule_id or any(named) else {}
    parties = enrollment.parties_of(groups, placements, details, order, institute)
    whole = [
        teams.Party(None, party.members, party.unnamed) if name in standing else party
        for name, party in zip(named, parties, strict=True)
    ]
    wanted = [party.team.name for party in whole if party.team]
    if len(set(wanted)) < len(wanted):
        raise CannotRegister(_("A team that waits is paid for by one line: choose one for all of it."))
    formed = teams.form(whole, order=order, institute=institute, by=by, at=at)
    if any(team and hasattr(team, "waiting") for team in formed):
        raise CannotRegister(_("This team is in line already: take it out, and put it in whole."))
    return [(team, standing.get(name)) for name, team in zip(named, formed, strict=True)]


def _units(placement: Placement, team: Team | None) -> Iterable[tuple[Sequence[Person], int]]:
    """What is offered at once: the whole team, or each person and each seat without a name."""
    if team:
        return [(placement.people, len(placement.people) + placement.unnamed)]
    return [*(([person], 1) for person in placement.people), *(((), 1) for _seat in range(placement.unnamed))]


def _stand(
    together: tuple[Sequence[Person], int],
    placement: Placement,
    of_team: tuple[Team | None, Team | None],
    details: dict[int, Details],
    waits_for: WaitsFor,
    at: datetime,
) -> None:
    people, seats = together
    entry = WaitlistEntry.objects.create(
        allotment=placement.allotment,
        institute_id=placement.allotment.institute_id,
        team=of_team[0],
        joins=of_team[1],
        seats=seats,
        waits_for=waits_for,
        joined_at=at,
    )
    waits = WaitlistPerson.objects.bulk_create(
        WaitlistPerson(
            entry=entry,
            person=person,
            school_id=details[person.pk].school_id,
            role=details[person.pk].role,
            grade_span=details[person.pk].grade_span,
            strand_id=details[person.pk].strand_id,
            session_ids=list(details[person.pk].session_ids),
        )
        for person in people
    )
    needs.wait(((one, details[one.person_id].needs) for one in waits), placement.allotment.institute)


# --- Leaving ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def leave(entry: WaitlistEntry, *, by: User | None, at: datetime) -> WaitlistEntry:
    """Stand in line no more; what was offered goes to the next. Raises CannotChange."""
    institute = seating.lock_institute(entry.institute_id)
    fresh: WaitlistEntry = WaitlistEntry.objects.select_related("team", "allotment__order__sponsor").get(pk=entry.pk)
    if fresh.ended_at:
        raise CannotChange(_("This entry left the line already."))
    for open_offer in fresh.offers.open():
        take_back(open_offer, institute, answer="declined", by=by, at=at)
    end(fresh, WaitEnd.LEFT, at=at)
    advance(institute, at=at)
    return fresh


def take_back(open_offer: Offer, institute: Institute, *, answer: str, by: User | None, at: datetime) -> None:
    """What an offer held is free again, at no charge. Under the institute's lock."""
    seats = seating.lock_seats(open_offer.seats.held().values_list("pk", flat=True))
    seating.give_back(seats, institute, words=_("Offer not taken: %(code)s") % {"code": institute.code}, by=by, at=at)
    open_offer.answered_at, open_offer.answer, open_offer.answered_by = at, answer, by
    open_offer.save(update_fields=["answered_at", "answer", "answered_by"])


def end(entry: WaitlistEntry, how: WaitEnd, *, at: datetime) -> None:
    """The wait is over. A team that came with it, and has no seats, is over too."""
    entry.ended_at, entry.ended_as, entry.refusal = at, how, ""
    entry.save(update_fields=["ended_at", "ended_as", "refusal"])
    needs.leave(entry)
    if entry.team and how != WaitEnd.SEATED:
        Team.objects.filter(pk=entry.team.pk, ended_at__isnull=True).update(ended_at=at)


# --- Advancing ----------------------------------------------------------------------------------------------------------


def movable(*, at: datetime) -> QuerySet[Institute]:
    """Institutes with a seat free and somebody in line to whom nothing was offered yet."""
    unasked = WaitlistEntry.objects.waiting().filter(
        ~Exists(Offer.objects.open().filter(entry=OuterRef("pk"))), institute=OuterRef("pk")
    )
    rows = Institute.objects.published().held().filter(Exists(unasked), seats_taken__lt=F("capacity"))
    coming: QuerySet[Institute] = rows.filter(starts_on__gte=(at - timedelta(days=1)).date())
    return coming


@transaction.atomic
def advance(institute: Institute, *, at: datetime, by: User | None = None) -> list[Offer]:
    """Offer what is free to those whose turn it is. Outside the hours of offers it does nothing: the next sweep does.

    Whose money refuses is passed by, and hears why; she keeps her place.
    """
    if not turns.is_time(at, institute):
        return []
    institute = seating.lock_institute(institute.pk)
    if institute.is_canceled or institute.published_at is None:
        return []
    here = places.of(institute, at=at)
    line = teams.ready(funded(places.line_of(institute)), institute)
    made: list[Offer] = []
    for entry in places.in_turn(line, here, passing=places.may_pass(institute, at=at)):
        offer = _offered(entry, institute, by=by, at=at)
        if offer:
            here.take(entry.seats, places.family_in_line(entry))
            made.append(offer)
    places.tell_passed(_passed(line, made), institute, at=at)
    return made


def _passed(line: Sequence[WaitlistEntry], made: Collection[Offer]) -> list[WaitlistEntry]:
    """Those for whom the seats did not suffice, and after whom somebody was offered one."""
    offered = {offer.entry_id for offer in made}
    last = max((index for index, entry in enumerate(line) if entry.pk in offered), default=0)
    return [entry for entry in line[:last] if entry.pk not in offered and not entry.refusal]


def funded(line: Sequence[WaitlistEntry]) -> list[WaitlistEntry]:
    """Without those who wait for money that is not there yet."""
    waiting = [entry for entry in line if entry.waits_for == WaitsFor.FUNDS]
    short = missing(waiting) if waiting else {}
    return [entry for entry in line if not short.get(entry.pk)]


def missing(entries: Sequence[WaitlistEntry]) -> dict[int, Decimal]:
    """By the entry's key, how many dollars its agreements are short of what its seats cost. In one query."""
    parts = AllotmentFunding.objects.filter(
        allotment__in=[entry.allotment_id for entry in entries], line__agreement__amount__isnull=False
    ).select_related("line__agreement")
    wanted: dict[int, list[AllotmentFunding]] = defaultdict(list)
    for part in parts:
        wanted[part.allotment_id].append(part)
    short = {}
    for entry in entries:
        by_agreement: dict[int, Decimal] = defaultdict(Decimal)
        left: dict[int, Decimal] = {}
        for part in wanted[entry.allotment_id]:
            agreement = part.line.agreement
            if agreement and agreement.left is not None:
                by_agreement[agreement.pk] += part.amount * entry.seats
                left[agreement.pk] = agreement.left
        short[entry.pk] = sum((max(Decimal(0), by_agreement[key] - left[key]) for key in left), Decimal(0))
    return short


def _offered(
    entry: WaitlistEntry, institute: Institute, *, by: User | None, at: datetime, reason: str = ""
) -> Offer | None:
    """The offer, or nothing where the money refuses or, meanwhile, the team has no room."""
    if not teams.ready([entry], institute):  # another took the room of its team in this walk
        return None
    team = entry.team or entry.joins
    try:
        made = turns.offer(entry, institute, team=team, by=by, at=at, reason=reason)
    except CannotRegister as refusal:
        if funded([entry]):  # else the seat before it took the last of the money for which it waits
            _tell_refused(entry, institute, str(refusal)[:300], at=at)
        return None
    if entry.refusal:
        entry.refusal = ""
        entry.save(update_fields=["refusal"])
    return made


def _tell_refused(entry: WaitlistEntry, institute: Institute, sentence: str, *, at: datetime) -> None:
    """Once for each sentence: the coordinators and we hear why an entry was passed by."""
    is_news, entry.refusal = entry.refusal != sentence, sentence
    if not is_news:
        return
    entry.save(update_fields=["refusal"])
    sponsor = entry.allotment.order.sponsor
    who = entry.team or ", ".join(row.person.display_name for row in entry.people.select_related("person"))
    text = _("%(who)s would be next, but cannot be paid for: %(why)s") % {"who": who or sponsor, "why": sentence}
    key = f"refused-{entry.pk}-{at:%Y%m%d%H%M}"
    if sponsor:
        url = reverse("registrations:waits")
        digests.note_coordinators(sponsor, heading=str(institute), text=text, url=url, key=key, at=at)
    provider = Provider.objects.first()
    if provider and provider.email:
        url = reverse("registrations:institute_waitlist", args=[institute.pk])
        digests.note(to=provider.email, heading=str(institute), text=text, url=url, key=f"{key}-staff", at=at)


@transaction.atomic
def offer_now(entry: WaitlistEntry, *, by: User, at: datetime, reason: str = "") -> Offer:
    """Staff offer to one entry by hand; before those whose turn it is, for a reason. Raises CannotChange."""
    institute = seating.lock_institute(entry.institute_id)
    line = places.line_of(institute)
    fresh = next((waiting for waiting in line if waiting.pk == entry.pk), None)
    if fresh is None:
        raise CannotChange(_("This entry left the line, or was offered its seats already."))
    if not turns.is_time(at, institute):
        when = turns.said(turns.next_time(at, institute), institute)
        raise CannotChange(_("Offers go out Monday to Saturday, 8 AM to 6 PM: the next on %(when)s.") % {"when": when})
    here = places.of(institute, at=at)
    if fresh.seats > here.left_for(places.family_in_line(fresh)):
        raise CannotChange(places.why_not_so_many(fresh.seats, institute) or _("The free seats are set aside."))
    ready = teams.ready(funded(line), institute)
    is_next = next(places.in_turn(ready, here, passing=places.may_pass(institute, at=at)), None) == fresh
    if not (is_next or reason):
        raise CannotChange(_("Others come first: say why this one goes before them."))
    made = _offered(fresh, institute, by=by, at=at, reason="" if is_next else reason)
    if made is None:
        # The caller's transaction would take back what was noted; the sentence itself says it.
        raise CannotChange(fresh.refusal or _("The team of this sponsor has no room for one more."))
    return made


def end_past(*, at: datetime) -> int:
    """Nobody waits for an institute that is over."""
    past = WaitlistEntry.objects.waiting().filter(institute__ends_on__lt=(at - timedelta(days=1)).date())
    return past.update(ended_at=at, ended_as=WaitEnd.LEFT, refusal="")

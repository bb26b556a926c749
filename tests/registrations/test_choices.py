"""Strands and sessions in parallel: each with its places."""

from datetime import date, timedelta

import pytest

from events.models import Institute, Session, Strand
from people.models import Organization
from registrations import choices, enrollment, naming, seating, substitutes, withdrawals
from registrations.enrollment import CannotRegister
from registrations.models import Choice, Registration, Seat
from registrations.newcomers import Attendee
from registrations.refusals import CannotChange
from tests import make


@pytest.fixture(autouse=True)
def _payee(provider):
    make.payee()


@pytest.fixture
def winter() -> Institute:
    return make.institute(code="LT27-01")


@pytest.fixture
def lower(winter) -> Strand:
    return make.strand(winter, "Grades K–2", capacity=1)


@pytest.fixture
def upper(winter) -> Strand:
    return make.strand(winter, "Grades 3–5")


@pytest.fixture
def pond(winter, lower) -> Session:
    return make.session(winter, strand=lower, title="Pond life", capacity=1)


@pytest.fixture
def rocks(winter, upper) -> Session:
    return make.session(winter, strand=upper, title="Rocks", capacity=2)


def come(sponsor: Organization, at: Institute, *names: str, **chosen) -> list[Registration]:
    order = make.placed(sponsor, at, *[Attendee("Pat", name, **chosen) for name in names])
    return list(Registration.objects.filter(seat__allotment__order=order).order_by("pk"))


def taken(session: Session) -> int:
    return Session.objects.get(pk=session.pk).seats_taken


def test_a_roster_brings_its_strands_and_sessions(alder_valley, winter, lower, rocks):
    [registration] = come(alder_valley, winter, "One", strand_id=lower.pk, session_ids=(rocks.pk,))

    assert (registration.strand, list(registration.choices.values_list("session", flat=True))) == (lower, [rocks.pk])
    assert taken(rocks) == 1


def test_a_strand_that_is_too_small_refuses_the_roster_with_its_places(alder_valley, winter, lower):
    with pytest.raises(CannotRegister, match=r"^Grades K–2 has 1 place left; 2 chose it\.$"):
        come(alder_valley, winter, "One", "Two", strand_id=lower.pk)

    assert Registration.objects.count() == 0


def test_a_session_that_is_too_small_refuses_the_roster(alder_valley, winter, pond):
    with pytest.raises(CannotRegister, match=r"^Pond life has 1 place left; 2 chose it\.$"):
        come(alder_valley, winter, "One", "Two", session_ids=(pond.pk,))

    assert (Registration.objects.count(), taken(pond)) == (0, 0)


def test_a_full_strand_says_so(alder_valley, winter, lower):
    come(alder_valley, winter, "One", strand_id=lower.pk)
    [second] = come(alder_valley, winter, "Two")

    with pytest.raises(CannotChange, match=r"^Grades K–2 is full\. Choose another\.$"):
        choices.choose(second, lower, by=None, at=make.NOW)


def test_another_session_of_that_time_takes_the_place_of_the_first(alder_valley, winter, pond, rocks):
    [registration] = come(alder_valley, winter, "One", session_ids=(pond.pk,))

    choices.choose(registration, rocks, by=None, at=make.NOW)

    assert (taken(pond), taken(rocks)) == (0, 1)
    assert Choice.objects.get().session == rocks


def test_the_same_choice_twice_is_one(alder_valley, winter, lower, pond):
    [registration] = come(alder_valley, winter, "One", strand_id=lower.pk, session_ids=(pond.pk,))

    choices.choose(registration, pond, by=None, at=make.NOW)
    choices.choose(registration, lower, by=None, at=make.NOW)

    assert (taken(pond), Choice.objects.count()) == (1, 1)


def test_sessions_at_other_times_stay(alder_valley, winter, upper, pond, rocks):
    later = make.session(winter, start="12:45", end="15:30", strand=upper, title="Weather")
    [registration] = come(alder_valley, winter, "One", session_ids=(pond.pk,))

    choices.choose(registration, later, by=None, at=make.NOW)

    assert Choice.objects.count() == 2


def test_what_another_institute_offers_cannot_be_chosen(alder_valley, winter):
    [registration] = come(alder_valley, winter, "One")
    elsewhere = make.institute()

    for foreign in (make.strand(elsewhere), make.session(elsewhere)):
        with pytest.raises(CannotChange, match=r"^Choose among what LT27-01 offers\.$"):
            choices.choose(registration, foreign, by=None, at=make.NOW)


def test_a_roster_that_names_a_strand_of_another_institute_is_refused(alder_valley, winter):
    foreign = make.strand(make.institute())

    with pytest.raises(CannotRegister, match=r"^Choose among what LT27-01 offers\.$"):
        come(alder_valley, winter, "One", strand_id=foreign.pk)


def test_she_chooses_until_it_begins_and_others_for_her_until_it_is_over(alder_valley, winter, lower, pond, omar):
    [registration] = come(alder_valley, winter, "One")
    begun = pond.starts_at + timedelta(minutes=5)

    with pytest.raises(CannotChange, match="It is too late to choose Pond life"):
        choices.choose(registration, pond, by=None, at=begun)
    choices.choose(registration, pond, by=omar, at=begun)
    with pytest.raises(CannotChange, match="It is too late to choose Grades K–2"):
        choices.choose(registration, lower, by=None, at=begun + timedelta(days=1))
    choices.choose(registration, lower, by=omar, at=begun + timedelta(days=1))


def test_who_left_chooses_nothing(alder_valley, winter, lower):
    [registration] = come(alder_valley, winter, "One")
    Registration.objects.update(ended_at=make.NOW)

    with pytest.raises(CannotChange, match="This place was given up"):
        choices.choose(registration, lower, by=None, at=make.NOW)


def test_a_seat_given_back_gives_back_its_strand_and_sessions(alder_valley, winter, lower, pond):
    [first] = come(alder_valley, winter, "One", strand_id=lower.pk, session_ids=(pond.pk,))

    withdrawals.withdraw([first.seat], by=None, at=make.NOW)

    [second] = come(alder_valley, winter, "Two", strand_id=lower.pk, session_ids=(pond.pk,))
    assert (second.strand, taken(pond)) == (lower, 1)


def test_a_form_keeps_exactly_what_was_ticked(alder_valley, winter, lower, upper, pond, rocks, omar):
    [registration] = come(alder_valley, winter, "One", strand_id=lower.pk, session_ids=(pond.pk,))

    choices.keep(registration, strand_id=upper.pk, session_ids=[rocks.pk], by=omar, at=make.NOW)
    registration.refresh_from_db()
    assert (registration.strand, taken(pond), taken(rocks)) == (upper, 0, 1)

    choices.keep(registration, strand_id=None, session_ids=[], by=omar, at=make.NOW)
    registration.refresh_from_db()
    assert (registration.strand, taken(rocks), Choice.objects.count()) == (None, 0, 0)


def test_a_form_that_is_refused_keeps_what_was(alder_valley, winter, lower, upper, pond, rocks, omar):
    come(alder_valley, winter, "One", session_ids=(pond.pk,))
    [second] = come(alder_valley, winter, "Two", strand_id=upper.pk, session_ids=(rocks.pk,))

    with pytest.raises(CannotChange, match="Pond life is full"):
        choices.keep(second, strand_id=None, session_ids=[pond.pk], by=omar, at=make.NOW)

    second.refresh_from_db()
    assert (second.strand, taken(rocks), second.choices.get().session) == (upper, 1, rocks)


def test_a_form_shows_what_is_left_of_each(alder_valley, winter, lower, upper, pond, rocks):
    [first] = come(alder_valley, winter, "One", strand_id=lower.pk, session_ids=(pond.pk,))
    [second] = come(alder_valley, winter, "Two")

    assert choices.menu_of(second) == choices.Menu(
        strands=[(lower.pk, "Grades K–2 · full"), (upper.pk, "Grades 3–5")],
        strand_id=None,
        slots=[
            choices.Slot(
                "Thursday, January 21, 8:00 AM", [(pond.pk, "Pond life · full"), (rocks.pk, "Rocks · 2 left")], None
            )
        ],
    )
    hers = choices.menu_of(first)
    assert (hers.strand_id, hers.slots[0].session_id, hers.strands[0][1]) == (lower.pk, pond.pk, "Grades K–2")


def test_sessions_without_limits_or_rivals_are_no_choice(winter, lower, upper):
    together = make.session(winter, title="Plenary", capacity=9)
    free = [make.session(winter, start="13:00", end="14:00", strand=strand) for strand in (lower, upper)]

    assert choices.in_parallel([together, *free]) == []


def test_a_substitute_takes_over_the_sessions_of_her_days(alder_valley, winter, lower, pond, rocks):
    [old] = come(alder_valley, winter, "One", strand_id=lower.pk, session_ids=(pond.pk,))
    friday = make.session(winter, winter.starts_on + timedelta(days=1), strand=lower, title="Weather", capacity=1)
    choices.take([old], {old.person_id: (friday.pk,)}, winter)
    days = type(winter.days)(friday.starts_at.date(), winter.days.upper)
    Registration.objects.filter(pk=old.pk).update(days=type(winter.days)(winter.starts_on, friday.starts_at.date()))
    new = Registration.objects.create(
        seat=old.seat, institute=winter, person=make.person("New One"), days=days, made_at=make.NOW
    )

    choices.hand_over(old, new)

    assert (new.strand, new.choices.get().session, old.choices.get().session) == (lower, friday, pond)
    assert (taken(pond), taken(friday)) == (1, 1)
    choices.release([new])
    assert taken(friday) == 0


def test_nothing_was_chosen_and_nothing_is_freed(winter):
    seating.free_sessions(Choice.objects.none())

    assert enrollment.Details().session_ids == ()


# --- Whoever comes later ----------------------------------------------------------------------------------------------


def held(sponsor: Organization, at: Institute) -> Seat:
    """A seat that has no name yet."""
    Institute.objects.filter(pk=at.pk).update(names_due_on=date(2027, 1, 7))
    return Seat.objects.get(allotment__order=make.placed(sponsor, at, unnamed=1))


def test_who_is_named_later_brings_her_strand_and_sessions(alder_valley, winter, lower, pond, omar):
    seat = held(alder_valley, winter)
    who = Attendee("Pat", "Late", strand_id=lower.pk, session_ids=(pond.pk,))

    named = naming.name(seat, who, by=omar, at=make.NOW)

    assert (named.strand, named.choices.get().session, taken(pond)) == (lower, pond, 1)


def test_who_is_named_later_finds_a_full_strand_or_session_full(alder_valley, winter, lower, pond, omar):
    seat = held(alder_valley, winter)
    come(alder_valley, winter, "One", strand_id=lower.pk, session_ids=(pond.pk,))

    with pytest.raises(CannotChange, match=r"^Grades K–2 is full\. Choose another\.$"):
        naming.name(seat, Attendee("Pat", "Late", strand_id=lower.pk), by=omar, at=make.NOW)
    with pytest.raises(CannotChange, match=r"^Pond life is full\. Choose another\.$"):
        naming.name(seat, Attendee("Pat", "Late", session_ids=(pond.pk,)), by=omar, at=make.NOW)

    assert (taken(pond), Registration.objects.live().count()) == (1, 1)


def test_a_seat_that_is_kept_open_keeps_its_strand_for_the_substitute(alder_valley, winter, lower, pond, omar):
    [old] = come(alder_valley, winter, "One", strand_id=lower.pk, session_ids=(pond.pk,))
    naming.leave_open([old], until=winter.starts_on, by=omar, at=make.NOW)

    with pytest.raises(CannotRegister, match=r"^Grades K–2 is full\. Choose another\.$"):
        come(alder_valley, winter, "Two", strand_id=lower.pk)
    named = naming.name(old.seat, Attendee("Pat", "Three"), by=omar, at=make.NOW)

    assert (named.strand, named.choices.get().session, taken(pond)) == (lower, pond, 1)


def test_a_substitute_may_bring_a_choice_of_her_own(alder_valley, winter, lower, upper, pond, rocks, omar):
    [old] = come(alder_valley, winter, "One", strand_id=lower.pk, session_ids=(pond.pk,))
    who = Attendee("Pat", "Two", strand_id=upper.pk, session_ids=(rocks.pk,))

    new = substitutes.substitute(old, who, by=omar, at=make.NOW).to_registration

    new.refresh_from_db()
    assert (new.strand, new.choices.get().session, taken(pond), taken(rocks)) == (upper, rocks, 0, 1)


def test_a_seat_that_two_share_by_days_takes_one_place_in_its_strand(alder_valley, winter, omar):
    two = make.strand(winter, "Grades 6–8", capacity=2)
    [old] = come(alder_valley, winter, "One", strand_id=two.pk)
    friday = winter.starts_on + timedelta(days=1)
    substitutes.substitute(old, Attendee("Pat", "Two"), from_day=friday, by=omar, at=make.NOW)

    [other] = come(alder_valley, winter, "Three", strand_id=two.pk)

    assert other.strand == two

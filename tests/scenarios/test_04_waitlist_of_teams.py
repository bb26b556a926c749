"""Scenario 4: over capacity, waitlisted as a team.

LT27-01 has 118 of 120. Lodestar submits a team of 4, all or none; Delta Vista one person, later.
"""

from datetime import date, datetime

import pytest

from events.models import Institute
from office.models import DigestLine, Message
from people.access import Role
from people.models import Organization
from registrations import enrollment, funding, lineups, offers, turns, waitlist
from registrations.enrollment import CannotRegister, Group, TeamWanted
from registrations.models import Offer, Order, Registration, Seat, WaitlistEntry
from registrations.newcomers import Attendee
from tests import make

TUESDAY = datetime(2026, 11, 3, 9, 0, tzinfo=make.PACIFIC)


@pytest.fixture(autouse=True)
def _payee(provider):
    make.payee()


@pytest.fixture
def lodestar() -> Organization:
    made = make.organization("Lodestar Public Schools", "99001050000000")
    make.user("lou@lodestar.example.test", Role.COORDINATOR, at=made, name="Lou Park")
    return made


@pytest.fixture
def delta_vista() -> Organization:
    made = make.organization("Delta Vista Unified", "99001040000000")
    make.user("dee@dvusd.example.test", Role.COORDINATOR, at=made, name="Dee Ruiz")
    return made


def institute_with(taken: int, **more) -> Institute:
    made = make.institute(code="LT27-01", **more)
    allotment = make.allotment(made, make.organization("Alder Valley Unified"), seats=taken)
    Seat.objects.bulk_create(Seat(allotment=allotment, institute=made) for _seat in range(taken))
    Institute.objects.filter(pk=made.pk).update(seats_taken=taken)
    made.refresh_from_db()
    return made


def group(sponsor: Organization, institute: Institute, *names: str, team: str = "") -> Group:
    share = funding.Share(make.line(sponsor), institute.starts_on, institute.ends_on)
    return Group([Attendee("Pat", name) for name in names], [share], team=TeamWanted(team) if team else None)


def team_waits(lodestar: Organization, institute: Institute, at: datetime = TUESDAY) -> WaitlistEntry:
    four = group(lodestar, institute, "One", "Two", "Three", "Four", team="Lodestar science")
    waitlist.join([four], sponsor=lodestar, institute=institute, key="team", by=None, at=at)
    return WaitlistEntry.objects.get(team__name="Lodestar science")


def registered(sponsor: Organization, institute: Institute, at: datetime = TUESDAY, **more) -> Order:
    single = group(sponsor, institute, "Single")
    return enrollment.place([single], sponsor=sponsor, institute=institute, key="single", by=None, at=at, **more)


def taken(institute: Institute) -> int:
    return Institute.objects.get(pk=institute.pk).seats_taken


# --- Whose the two seats are ------------------------------------------------------------------------------------------


def test_small_gaps_are_filled_and_the_team_stays_first_and_is_told(lodestar, delta_vista):
    winter = institute_with(118)
    team = team_waits(lodestar, winter)

    registered(delta_vista, winter)

    assert taken(winter) == 119
    [standing] = lineups.of_institute(Institute.objects.get(), at=TUESDAY)
    assert (standing.entry, standing.entry.seats) == (team, 4)
    assert standing.sentence == "1st in line; needs 4 seats and 1 is free."
    told = DigestLine.objects.get()
    assert (told.to, told.text) == (
        "lou@lodestar.example.test",
        "A later one was seated where 4 seats do not fit. Lodestar science stays in its place in line.",
    )


def test_where_nobody_passes_both_wait(lodestar, delta_vista):
    winter = institute_with(118, fills_small_gaps=False)
    team_waits(lodestar, winter)

    with pytest.raises(CannotRegister, match="Others wait for LT27-01, and its free seats are offered to them first"):
        registered(delta_vista, winter)
    single = group(delta_vista, winter, "Single")
    waitlist.join([single], sponsor=delta_vista, institute=winter, key="s", by=None, at=TUESDAY)

    assert waitlist.advance(winter, at=TUESDAY) == []
    assert taken(winter) == 118
    assert [standing.sentence for standing in lineups.of_institute(winter, at=TUESDAY)] == [
        "1st in line; needs 4 seats and 2 are free.",
        "2nd in line; the team before needs 4 seats and 2 are free. Nobody is passed here.",
    ]


def test_in_line_too_the_later_one_passes_where_gaps_are_filled(lodestar, delta_vista):
    winter = institute_with(118)
    team = team_waits(lodestar, winter)
    single = group(delta_vista, winter, "Single")
    waitlist.join([single], sponsor=delta_vista, institute=winter, key="s", by=None, at=TUESDAY)

    [offer] = waitlist.advance(winter, at=TUESDAY)

    assert offer.entry.allotment.order.sponsor == delta_vista
    assert taken(winter) == 119
    assert waitlist.advance(winter, at=TUESDAY) == []
    [_offered, standing] = lineups.of_institute(Institute.objects.get(), at=TUESDAY)
    assert (standing.entry, standing.number) == (team, 1)


@pytest.mark.parametrize(("day", "offers_made"), [(6, 1), (7, 0)])
def test_nobody_passes_from_14_days_before(day: int, offers_made: int, lodestar, delta_vista):
    """The first day is 21 January: on the 6th there are 15 days left, on the 7th 14."""
    at = datetime(2027, 1, day, 9, 0, tzinfo=make.PACIFIC)
    winter = institute_with(118)
    team_waits(lodestar, winter)
    single = group(delta_vista, winter, "Single")
    waitlist.join([single], sponsor=delta_vista, institute=winter, key="s", by=None, at=TUESDAY)

    assert len(waitlist.advance(winter, at=at)) == offers_made


def test_staff_register_past_the_line_with_a_reason(lodestar, delta_vista, omar):
    winter = institute_with(118, fills_small_gaps=False)
    team_waits(lodestar, winter)
    single = group(delta_vista, winter, "Single")
    asked = {"sponsor": delta_vista, "institute": winter, "key": "k", "by": omar, "at": TUESDAY}

    with pytest.raises(CannotRegister, match="Others wait"):
        enrollment.place([single], **asked)
    order = enrollment.place([single], **asked, past_the_line="She presents on Friday")

    assert taken(winter) == 119
    assert Order.objects.get(pk=order.pk).past_the_line == "She presents on Friday"


def test_a_district_does_not_pass_the_line_by_giving_a_reason(lodestar, delta_vista, dolores):
    winter = institute_with(118, fills_small_gaps=False)
    team_waits(lodestar, winter)

    with pytest.raises(CannotRegister, match="Others wait"):
        registered(delta_vista, winter, past_the_line="We want it")


def test_a_team_is_offered_its_seats_as_one_and_accepts_as_one(lodestar):
    winter = institute_with(116)
    team = team_waits(lodestar, winter)

    [offer] = waitlist.advance(winter, at=TUESDAY)
    registrations = offers.accept(offer, by=None, at=TUESDAY)

    assert len(registrations) == 4
    assert {registration.seat.team for registration in registrations} == {team.team}
    assert taken(winter) == 120
    team.refresh_from_db()
    assert (team.ended_as, Registration.objects.count()) == ("seated", 4)


# --- When -------------------------------------------------------------------------------------------------------------


def clock(day: int, hour: int, minute: int = 0, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=make.PACIFIC)


@pytest.mark.parametrize(
    ("sent", "ends"),
    [
        pytest.param(clock(3, 17, 30), clock(4, 17, 30), id="Tuesday 17:30 to Wednesday 17:30"),
        pytest.param(clock(7, 10), clock(9, 10), id="Saturday 10:00 to Monday 10:00"),
        pytest.param(clock(31, 10, month=10), clock(2, 10), id="over the clocks going back on Sunday 1 November"),
        pytest.param(
            clock(13, 10, month=3, year=2027), clock(15, 10, month=3, year=2027), id="over the clocks going forward"
        ),
    ],
)
def test_an_offer_ends_24_hours_later_sundays_not_counted(sent: datetime, ends: datetime):
    summer = make.institute(starts_on=date(2027, 6, 28), ends_on=date(2027, 7, 2))

    assert turns.end_of(sent, summer) == ends


@pytest.mark.parametrize(
    ("freed", "offered"),
    [
        pytest.param(clock(3, 19, 30), clock(4, 8), id="Tuesday 19:30: Wednesday 8:00"),
        pytest.param(clock(3, 7, 59), clock(3, 8), id="before the morning"),
        pytest.param(clock(3, 17, 59), clock(3, 17, 59), id="before six"),
        pytest.param(clock(3, 18), clock(4, 8), id="at six"),
        pytest.param(clock(7, 19), clock(9, 8), id="Saturday night: Monday"),
        pytest.param(clock(8, 12), clock(9, 8), id="Sunday: Monday"),
    ],
)
def test_offers_go_out_monday_to_saturday_from_8_to_18(freed: datetime, offered: datetime):
    winter = make.institute()

    assert turns.next_time(freed, winter) == offered
    assert turns.is_time(freed, winter) == (freed == offered)


def test_the_hours_are_those_of_the_institutes_zone():
    honolulu = make.institute(zone="Pacific/Honolulu")

    assert not turns.is_time(clock(3, 9), honolulu)  # there it is seven
    assert turns.is_time(clock(3, 19), honolulu)


def test_a_seat_freed_on_tuesday_night_is_offered_on_wednesday_morning_and_goes_to_the_next_on_thursday(
    lodestar, delta_vista
):
    winter = institute_with(119)
    for sponsor in (lodestar, delta_vista):
        one = group(sponsor, winter, f"Of {sponsor.pk}")
        waitlist.join([one], sponsor=sponsor, institute=winter, key=str(sponsor.pk), by=None, at=TUESDAY)

    offers.sweep(at=clock(3, 19, 30))
    assert Offer.objects.count() == 0
    offers.sweep(at=clock(4, 8))
    offers.sweep(at=clock(4, 8, 1))
    first = Offer.objects.get()
    offers.sweep(at=clock(5, 8))

    first.refresh_from_db()
    assert (first.entry.allotment.order.sponsor, first.ends_at, first.answer) == (lodestar, clock(5, 8), "lapsed")
    second = Offer.objects.open().get()
    assert (second.entry.allotment.order.sponsor, second.sent_at) == (delta_vista, clock(5, 8))
    assert taken(winter) == 120
    assert [message.subject for message in Message.objects.order_by("pk")] == [
        "1 seat at LT27-01 is yours until Thursday, November 5, 8:00 AM Pacific time",
        "1 seat at LT27-01 is yours until Friday, November 6, 8:00 AM Pacific time",
    ]

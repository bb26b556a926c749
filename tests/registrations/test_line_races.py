"""Eight at once: the last seat while an offer lapses, one line moved twice, seats set aside, the last place of a strand."""

from datetime import date, datetime, timedelta
from functools import partial

import pytest

from events.models import Institute, SetAside
from registrations import choices, enrollment, funding, offers, waitlist
from registrations.enrollment import CannotRegister, Group
from registrations.models import Offer, Registration, Seat, WaitlistEntry
from registrations.newcomers import Attendee
from registrations.refusals import CannotChange
from tests import make
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 3, 9, 0, tzinfo=make.PACIFIC)
LATER = AT + timedelta(days=1)


@pytest.fixture(autouse=True)
def _payee(provider):
    make.payee()


def group(line, at, name) -> Group:
    return Group([Attendee("Pat", name)], [funding.Share(line, at.starts_on, at.ends_on)])


def standing(at, line, *names) -> None:
    for name in names:
        one = group(line, at, name)
        waitlist.join([one], sponsor=line.organization, institute=at, key=name, by=None, at=AT)


def placing(at, line, number, when):
    one = group(line, at, f"New{number}")
    return partial(enrollment.place, [one], sponsor=line.organization, institute=at, key=f"{number}", by=None, at=when)


def counted(at: Institute) -> tuple[int, int]:
    return Institute.objects.get(pk=at.pk).seats_taken, Seat.objects.held().filter(institute=at).count()


def test_a_line_moved_by_eight_workers_offers_each_seat_once():
    winter = make.institute(capacity=2)
    standing(winter, make.line(make.organization()), "One", "Two", "Three")

    answers = at_once(*[partial(waitlist.advance, winter, at=AT) for _worker in range(8)])

    assert sorted(len(offered) for offered in answers) == [0] * 7 + [2]
    assert (Offer.objects.count(), counted(winter)) == (2, (2, 2))


def test_the_last_seat_goes_to_the_next_in_line_while_an_offer_lapses_and_seven_want_it():
    winter = make.institute(capacity=1)
    line = make.line(make.organization())
    standing(winter, line, "One", "Two")
    waitlist.advance(winter, at=AT)

    answers = at_once(partial(offers.sweep, at=LATER), *[placing(winter, line, number, LATER) for number in range(7)])

    assert sum(isinstance(answer, CannotRegister) for answer in answers) == 7
    second = Offer.objects.open().get()
    assert list(second.entry.people.values_list("person__family_name", flat=True)) == ["Two"]
    assert (counted(winter), Registration.objects.count()) == ((1, 1), 0)


def test_an_offer_accepted_by_four_and_lapsed_by_four_is_one_or_the_other():
    winter = make.institute(capacity=1)
    standing(winter, make.line(make.organization()), "One")
    [offer] = waitlist.advance(winter, at=AT)

    answers = at_once(
        *[partial(offers.accept, offer, by=None, at=LATER - timedelta(seconds=1)) for _click in range(4)],
        *[partial(offers.lapse_due, at=LATER) for _worker in range(4)],
    )

    seated = Registration.objects.count()
    assert seated + sum(answer for answer in answers if isinstance(answer, int)) == 1
    assert sum(isinstance(answer, CannotChange) for answer in answers) == 4 - seated
    assert counted(winter) == (seated, seated)
    assert WaitlistEntry.objects.get().ended_as == ("seated" if seated else "lapsed")


def test_seats_set_aside_are_left_by_eight_who_want_them():
    winter = make.institute(capacity=3)
    alder, other = make.organization(), make.organization("Bristlecone")
    SetAside.objects.create(institute=winter, organization=alder, seats=2, until=date(2026, 12, 1))
    line = make.line(other)

    answers = at_once(*[placing(winter, line, number, AT) for number in range(8)])

    assert sum(isinstance(answer, CannotRegister) for answer in answers) == 7
    assert counted(winter) == (1, 1)


def test_the_last_place_of_a_strand_goes_to_one_of_eight():
    winter = make.institute()
    strand = make.strand(winter, capacity=1)
    order = make.placed(make.organization(), winter, *[f"Pat Number{number}" for number in range(8)])
    registrations = Registration.objects.filter(seat__allotment__order=order)

    answers = at_once(*[partial(choices.choose, one, strand, by=None, at=AT) for one in registrations])

    assert sum(isinstance(answer, CannotChange) for answer in answers) == 7
    assert Registration.objects.filter(strand=strand).count() == 1


def test_the_last_place_of_a_session_goes_to_one_of_eight():
    winter = make.institute()
    session = make.session(winter, capacity=1)
    order = make.placed(make.organization(), winter, *[f"Pat Number{number}" for number in range(8)])
    registrations = Registration.objects.filter(seat__allotment__order=order)

    answers = at_once(*[partial(choices.choose, one, session, by=None, at=AT) for one in registrations])

    assert sum(isinstance(answer, CannotChange) for answer in answers) == 7
    session.refresh_from_db()
    assert (session.seats_taken, session.choices.count()) == (1, 1)

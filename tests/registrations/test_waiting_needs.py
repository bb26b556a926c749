"""What a person in line chose and needs waits with her, arrives with her seat, and goes when she leaves the line."""

from datetime import date

import pytest

from events.models import Institute
from people.models import Organization
from registrations import choices, needs, offers, waitlist
from registrations.enrollment import Group
from registrations.funding import Share
from registrations.models import Need, Offer, WaitingNeed, WaitlistEntry
from registrations.newcomers import Attendee
from tests import make

NUTS = (("dietary", "No nuts"), ("access", "A ramp"))


@pytest.fixture
def winter(provider: object) -> Institute:
    make.payee()
    return make.institute(code="LT27-01", capacity=1)


@pytest.fixture
def entry(winter: Institute, alder_valley: Organization) -> WaitlistEntry:
    strand = make.strand(winter)
    session = make.session(winter, capacity=5)
    who = Attendee("Ida", "Late", strand_id=strand.pk, session_ids=(session.pk,), needs=NUTS)
    group = Group([who], [Share(make.line(alder_valley), winter.starts_on, winter.ends_on)])
    waitlist.join([group], sponsor=alder_valley, institute=winter, key="late", by=None, at=make.NOW)
    return WaitlistEntry.objects.get()


def test_needs_wait_apart_from_the_line_and_know_their_last_day(entry: WaitlistEntry) -> None:
    waiting = WaitingNeed.objects.order_by("kind").values_list("kind", "text", "purge_on")

    assert list(waiting) == [("access", "A ramp", date(2027, 2, 6)), ("dietary", "No nuts", date(2027, 2, 6))]
    assert not Need.objects.exists()


def test_they_arrive_with_the_seat(entry: WaitlistEntry, winter: Institute) -> None:
    [offer] = waitlist.advance(winter, at=make.NOW)

    [registration] = offers.accept(offer, by=None, at=make.NOW)

    assert sorted(registration.needs.values_list("kind", "text")) == sorted(NUTS)
    assert (registration.strand, registration.choices.count()) == (winter.strands.get(), 1)
    assert choices.menu_of(registration).strand_id == registration.strand_id
    assert not WaitingNeed.objects.exists()


def test_who_leaves_the_line_leaves_no_need_behind(entry: WaitlistEntry) -> None:
    waitlist.leave(entry, by=None, at=make.NOW)

    assert not WaitingNeed.objects.exists()


def test_who_lets_an_offer_lapse_leaves_none_behind(entry: WaitlistEntry, winter: Institute) -> None:
    waitlist.advance(winter, at=make.NOW)

    offers.lapse_due(at=Offer.objects.get().ends_at)

    assert not WaitingNeed.objects.exists()


def test_they_are_forgotten_on_their_day_and_kept_the_day_before(entry: WaitlistEntry) -> None:
    needs.purge_due(on=date(2027, 2, 5))
    kept = WaitingNeed.objects.count()

    needs.purge_due(on=date(2027, 2, 6))

    assert (kept, WaitingNeed.objects.count()) == (2, 0)


def test_only_her_district_could_see_them(entry: WaitlistEntry, dolores: object, hal: object) -> None:
    assert [WaitingNeed.objects.visible_to(who).count() for who in (dolores, hal)] == [2, 0]

"""Standing in line, and what becomes of it: joining, leaving, offers by turn and by hand, money that refuses."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum

from billing.models import Charge, FundingAgreement
from events.models import Institute, SetAside
from office.models import DigestLine, Message
from people.models import Provider, User
from registrations import funding, lineups, offers, waitlist
from registrations.enrollment import CannotRegister, Group, TeamWanted
from registrations.models import Offer, Registration, Seat, WaitlistEntry, WaitsFor
from registrations.newcomers import Attendee
from registrations.refusals import CannotChange
from tests import make

AT = datetime(2026, 11, 3, 9, 0, tzinfo=make.PACIFIC)
LATER = AT + timedelta(days=1)


@pytest.fixture(autouse=True)
def _payee(provider: Provider):
    make.payee()
    provider.email = "office@ssc.example.test"
    provider.save()


@pytest.fixture
def winter() -> Institute:
    return make.institute(code="LT27-01", capacity=1)


def stand(sponsor, at: Institute, *names: Attendee | str, line=None, unnamed: int = 0, team: str = "", when=AT, **more):
    share = funding.Share(line or make.line(sponsor), at.starts_on, at.ends_on)
    people = [name if isinstance(name, Attendee) else Attendee("Pat", name) for name in names]
    group = Group(people, [share], unnamed=unnamed, team=TeamWanted(team) if team else None)
    key = str(hash((sponsor.pk, names, unnamed)))
    order = waitlist.join([group], sponsor=sponsor, institute=at, key=key, by=None, at=when, **more)
    return list(WaitlistEntry.objects.filter(allotment__order=order).order_by("pk"))


def sentences(at: Institute, when: datetime = AT) -> list[str]:
    return [one.sentence for one in lineups.of_institute(Institute.objects.get(pk=at.pk), at=when)]


# --- Joining ----------------------------------------------------------------------------------------------------------


def test_people_wait_each_alone_and_are_charged_nothing(alder_valley, winter):
    entries = stand(alder_valley, winter, "One", "Two", unnamed=1)

    assert [(entry.seats, entry.people.count()) for entry in entries] == [(1, 1), (1, 1), (1, 0)]
    assert (Seat.objects.count(), Charge.objects.count()) == (0, 0)
    assert [one.who for one in lineups.of_institute(winter, at=AT)] == [
        "Pat One",
        "Pat Two",
        "A seat without a name yet",
    ]


def test_joining_twice_under_a_key_is_once(alder_valley, winter):
    line = make.line(alder_valley)

    assert stand(alder_valley, winter, "One", line=line) == stand(alder_valley, winter, "One", line=line)
    assert WaitlistEntry.objects.count() == 1


def test_who_waits_or_sits_already_does_not_join(alder_valley, ana, winter):
    stand(alder_valley, winter, Attendee(person_id=ana.pk))
    noor = make.person("Noor Haddad")
    make.registration(noor, winter, alder_valley)

    with pytest.raises(
        CannotRegister,
        match=r"^Already registered for LT27-01: Noor Haddad\. Already in line for LT27-01: Ana Torres\.$",
    ):
        stand(alder_valley, winter, Attendee(person_id=ana.pk), Attendee(person_id=noor.pk))


def test_nobody_joins_twice_in_one_roster(alder_valley, ana, winter):
    with pytest.raises(CannotRegister, match="on the roster twice"):
        stand(alder_valley, winter, Attendee(person_id=ana.pk), Attendee(person_id=ana.pk, email="b@example.test"))


def test_nobody_joins_the_line_of_an_institute_that_is_closed(alder_valley):
    canceled = make.institute(code="LT27-01", canceled_at=make.NOW)

    with pytest.raises(CannotRegister, match="LT27-01 was canceled"):
        stand(alder_valley, canceled, "One")


def test_a_team_that_waits_is_in_line_once(alder_valley, winter):
    stand(alder_valley, winter, "One", "Two", team="North")

    with pytest.raises(CannotRegister, match="This team is in line already"):
        stand(alder_valley, winter, "Three", team="North")


# --- Accepting, declining, leaving --------------------------------------------------------------------------------------


def test_an_offer_charges_its_seat_and_names_it_when_accepted(alder_valley, winter, dolores):
    strand = make.strand(winter, capacity=1)
    session = make.session(winter, strand=strand, capacity=1)
    chosen = Attendee("Pat", "One", "pat@example.test", role="coach", strand_id=strand.pk, session_ids=(session.pk,))
    stand(alder_valley, winter, chosen)

    [offer] = waitlist.advance(winter, at=AT)
    assert (Charge.objects.get().amount, Seat.objects.unnamed().count()) == (Decimal(525), 0)
    [registration] = offers.accept(offer, by=dolores, at=AT)

    assert (registration.role, registration.strand, registration.choices.get().session) == ("coach", strand, session)
    offer.refresh_from_db()
    assert (offer.answer, offer.answered_by) == ("accepted", dolores)
    assert sentences(winter) == []


def test_a_strand_that_filled_up_meanwhile_is_left_open(alder_valley):
    winter = make.institute(capacity=9)
    strand, session = make.strand(winter, capacity=1), make.session(winter, capacity=1)
    stand(alder_valley, winter, Attendee("Pat", "One", strand_id=strand.pk, session_ids=(session.pk,)))
    [offer] = waitlist.advance(winter, at=AT)
    make.placed(alder_valley, winter, Attendee("Ana", "First", strand_id=strand.pk, session_ids=(session.pk,)))

    [registration] = offers.accept(offer, by=None, at=AT)

    assert (registration.strand, registration.choices.count()) == (None, 0)


def test_a_seat_without_a_name_is_named_by_the_institutes_day(alder_valley):
    due = make.NOW.date() + timedelta(days=30)
    winter = make.institute(capacity=1, names_due_on=due)
    stand(alder_valley, winter, unnamed=1)
    [offer] = waitlist.advance(winter, at=AT)

    assert offers.accept(offer, by=None, at=AT) == []

    assert Seat.objects.unnamed().get().name_by == due


def test_a_declined_offer_costs_nothing_and_goes_to_the_next(alder_valley, bristlecone, winter, dolores):
    agreement = make.agreement(alder_valley, amount=Decimal(525))
    stand(alder_valley, winter, "One", line=make.line(alder_valley, agreement))
    stand(bristlecone, winter, "Two")
    [first] = waitlist.advance(winter, at=AT)

    offers.decline(first, by=dolores, at=AT)

    assert FundingAgreement.objects.get().charged == 0
    assert Charge.objects.aggregate(sum=Sum("amount"))["sum"] == Decimal(525)
    assert Offer.objects.open().get().entry.allotment.order.sponsor == bristlecone
    assert Institute.objects.get().seats_taken == 1
    assert first.entry.__class__.objects.get(pk=first.entry_id).ended_as == "left"


def test_an_answered_offer_is_answered_once(alder_valley, winter):
    stand(alder_valley, winter, "One")
    [offer] = waitlist.advance(winter, at=AT)
    offers.accept(offer, by=None, at=AT)

    for verb in (offers.accept, offers.decline):
        with pytest.raises(CannotChange, match=r"^This offer was answered already: Accepted\.$"):
            verb(offer, by=None, at=AT)


def test_an_offer_is_not_taken_after_its_end(alder_valley, winter):
    stand(alder_valley, winter, "One")
    [offer] = waitlist.advance(winter, at=AT)

    with pytest.raises(CannotChange, match="This offer ended on Wednesday, November 4, 9:00 AM Pacific time"):
        offers.accept(offer, by=None, at=LATER)


def test_who_got_a_seat_meanwhile_is_not_seated_twice(alder_valley, ana):
    winter = make.institute(code="LT27-01", capacity=9)
    stand(alder_valley, winter, Attendee(person_id=ana.pk))
    [offer] = waitlist.advance(winter, at=AT)
    make.placed(alder_valley, winter, Attendee(person_id=ana.pk))

    with pytest.raises(CannotRegister, match=r"Already registered for LT27-01: Ana Torres\. Decline the offer"):
        offers.accept(offer, by=None, at=AT)


def test_leaving_gives_the_offer_to_the_next(alder_valley, bristlecone, winter):
    [first] = stand(alder_valley, winter, "One", "Two", team="North")[:1]
    Institute.objects.update(capacity=2)
    stand(bristlecone, winter, "Three")
    waitlist.advance(winter, at=AT)

    waitlist.leave(first, by=None, at=AT)

    first.refresh_from_db()
    assert (first.ended_as, first.team.ended_at) == ("left", AT)
    assert Offer.objects.open().get().entry.allotment.order.sponsor == bristlecone
    with pytest.raises(CannotChange, match="left the line already"):
        waitlist.leave(first, by=None, at=AT)


def test_a_lapsed_offer_is_told_to_the_coordinators(alder_valley, dolores, winter):
    stand(alder_valley, winter, "One")
    waitlist.advance(winter, at=AT)

    assert (offers.lapse_due(at=LATER), offers.lapse_due(at=LATER)) == (1, 0)

    assert WaitlistEntry.objects.get().ended_as == "lapsed"
    assert (Institute.objects.get().seats_taken, Registration.objects.count()) == (0, 0)
    assert DigestLine.objects.get().text == (
        "The offer for Pat One ended without an answer and went to the next in line. Join again if you want."
    )


def test_without_a_coordinator_whoever_ordered_is_told(bristlecone, omar, winter):
    group = Group([Attendee("Pat", "One")], [funding.Share(make.line(bristlecone), winter.starts_on, winter.ends_on)])
    waitlist.join([group], sponsor=bristlecone, institute=winter, key="k", by=omar, at=AT)

    waitlist.advance(winter, at=AT)

    assert Message.objects.get().to == omar.email


# --- Money --------------------------------------------------------------------------------------------------------------


def test_who_cannot_be_paid_for_is_passed_by_and_both_hear_why(alder_valley, bristlecone, dolores, winter):
    short = make.agreement(alder_valley, name="Alder PD", amount=Decimal(500))
    [refused] = stand(alder_valley, winter, "One", line=make.line(alder_valley, short))
    stand(bristlecone, winter, "Two")

    [offer] = waitlist.advance(winter, at=AT)

    assert offer.entry.allotment.order.sponsor == bristlecone
    refused.refresh_from_db()
    assert refused.ended_at is None
    assert "Alder PD" in refused.refusal
    told = dict(DigestLine.objects.values_list("to", "text"))
    assert set(told) == {dolores.email, "office@ssc.example.test"}
    assert told[dolores.email] == f"Pat One would be next, but cannot be paid for: {refused.refusal}"
    assert sentences(winter)[1] == f"1st in line; its turn came, but it cannot be paid for: {refused.refusal}"


def test_a_refusal_is_told_once_and_forgotten_when_money_comes(alder_valley, dolores, winter):
    short = make.agreement(alder_valley, name="Alder PD", amount=Decimal(500))
    stand(alder_valley, winter, "One", line=make.line(alder_valley, short))
    waitlist.advance(winter, at=AT)
    waitlist.advance(winter, at=AT + timedelta(minutes=1))
    assert DigestLine.objects.count() == 2
    FundingAgreement.objects.update(amount=Decimal(525))

    [offer] = waitlist.advance(winter, at=AT + timedelta(minutes=2))

    assert WaitlistEntry.objects.get(pk=offer.entry_id).refusal == ""


def test_who_cannot_be_paid_for_holds_up_nobody_who_registers(alder_valley, bristlecone, winter):
    short = make.agreement(alder_valley, amount=Decimal(500))
    stand(alder_valley, winter, "One", line=make.line(alder_valley, short))
    waitlist.advance(winter, at=AT)

    make.placed(bristlecone, winter, "Pat Two")

    assert Registration.objects.count() == 1


def test_who_waits_for_funds_is_offered_when_there_is_money_again(alder_valley):
    winter = make.institute(code="LT27-01")
    grant = make.agreement(name="NSF-LEAP", amount=Decimal(600))
    line = make.line(alder_valley, grant)
    stand(alder_valley, winter, "One", "Two", line=line, waits_for=WaitsFor.FUNDS)
    assert len(waitlist.advance(winter, at=AT)) == 1
    assert sentences(winter)[1] == "1st in line; waits for money: what is to pay is $450.00 short."

    FundingAgreement.objects.update(amount=Decimal(1050))
    offers.sweep(at=AT + timedelta(minutes=1))

    assert Offer.objects.open().count() == 2


def test_who_waits_for_funds_has_no_claim_to_free_seats(alder_valley, bristlecone, winter):
    grant = make.agreement(amount=Decimal(0))
    stand(alder_valley, winter, "One", line=make.line(alder_valley, grant), waits_for=WaitsFor.FUNDS)

    make.placed(bristlecone, winter, "Pat Two")

    assert Registration.objects.count() == 1


# --- By hand ------------------------------------------------------------------------------------------------------------


def test_staff_offer_out_of_turn_for_a_reason(alder_valley, bristlecone, omar: User, winter):
    stand(alder_valley, winter, "One")
    [second] = stand(bristlecone, winter, "Two")

    with pytest.raises(CannotChange, match="Others come first: say why"):
        waitlist.offer_now(second, by=omar, at=AT)
    made = waitlist.offer_now(second, by=omar, at=AT, reason="She presents on Friday")

    assert (made.sent_by, made.reason) == (omar, "She presents on Friday")
    with pytest.raises(CannotChange, match="was offered its seats already"):
        waitlist.offer_now(second, by=omar, at=AT)


def test_the_next_in_line_needs_no_reason(alder_valley, omar: User, winter):
    [first] = stand(alder_valley, winter, "One")

    assert waitlist.offer_now(first, by=omar, at=AT, reason="Not needed").reason == ""


def test_nobody_is_offered_a_seat_at_night_or_that_is_not_there(alder_valley, bristlecone, omar: User, winter):
    [first] = stand(alder_valley, winter, "One")

    with pytest.raises(CannotChange, match="the next on Wednesday, November 4, 8:00 AM Pacific time"):
        waitlist.offer_now(first, by=omar, at=AT + timedelta(hours=12))
    aside = SetAside.objects.create(institute=winter, organization=bristlecone, seats=1, until=winter.ends_on)
    with pytest.raises(CannotChange, match="The free seats are set aside"):
        waitlist.offer_now(first, by=omar, at=AT)
    aside.delete()
    Institute.objects.update(capacity=0)
    with pytest.raises(CannotChange, match="LT27-01 has no seats left; you asked for 1"):
        waitlist.offer_now(first, by=omar, at=AT)


def test_by_hand_too_the_money_has_the_last_word(alder_valley, omar: User, winter):
    short = make.agreement(alder_valley, name="Alder PD", amount=Decimal(500))
    [first] = stand(alder_valley, winter, "One", line=make.line(alder_valley, short))

    with pytest.raises(CannotChange, match="Alder PD"):
        waitlist.offer_now(first, by=omar, at=AT)

    assert (Offer.objects.count(), Institute.objects.get().seats_taken) == (0, 0)


# --- Lines and their institutes -----------------------------------------------------------------------------------------


def test_a_district_with_seats_set_aside_is_offered_them_although_nobody_passes(alder_valley, bristlecone):
    winter = make.institute(capacity=2, fills_small_gaps=False)
    SetAside.objects.create(institute=winter, organization=bristlecone, seats=1, until=winter.starts_on)
    stand(alder_valley, winter, "One", "Two", team="North")
    stand(bristlecone, winter, "Three")

    [offer] = waitlist.advance(winter, at=AT)

    assert offer.entry.allotment.order.sponsor == bristlecone


def test_a_canceled_institute_offers_nothing_and_a_past_one_has_no_line(alder_valley, winter):
    stand(alder_valley, winter, "One")
    Institute.objects.update(canceled_at=AT)
    assert waitlist.advance(winter, at=AT) == []

    offers.sweep(at=datetime(2027, 1, 26, 9, 0, tzinfo=make.PACIFIC))

    assert WaitlistEntry.objects.get().ended_as == "left"


def test_nothing_is_offered_once_the_institute_has_begun(alder_valley, winter):
    stand(alder_valley, winter, "One", when=AT)
    eve = datetime(2027, 1, 20, 9, 0, tzinfo=make.PACIFIC)

    assert waitlist.advance(winter, at=eve + timedelta(days=1)) == []
    [offer] = waitlist.advance(winter, at=eve)
    assert offer.ends_at == datetime(2027, 1, 21, 8, 0, tzinfo=make.PACIFIC)


@pytest.mark.parametrize("rows", [1, 3])
def test_a_line_is_read_in_a_fixed_number_of_questions(rows, alder_valley, winter, django_assert_num_queries):
    stand(alder_valley, winter, *[f"Number {number}" for number in range(rows)])

    with django_assert_num_queries(4):
        lineups.of_institute(winter, at=AT)


def test_what_each_reads_of_her_place(alder_valley, bristlecone, ana):
    winter = make.institute(code="LT27-01", capacity=1)
    stand(bristlecone, winter, "One", "Two", team="North")
    stand(alder_valley, winter, Attendee(person_id=ana.pk), "Three")
    night = AT + timedelta(hours=12)

    assert sentences(winter) == [
        "1st in line; needs 2 seats and 1 is free.",
        "2nd in line; its turn: the offer goes out within a minute.",
        "3rd in line; the team before needs 2 seats and none is free.",
    ]
    [(institute, standing)] = lineups.of_person(ana, at=night)
    assert (institute, standing.sentence) == (
        winter,
        "2nd in line; its turn: the offer goes out on Wednesday, November 4, 8:00 AM Pacific time.",
    )


def test_the_one_before_is_told_apart_from_a_team(alder_valley, winter):
    Institute.objects.update(capacity=0)
    stand(alder_valley, winter, "One", "Two")

    assert sentences(winter) == [
        "1st in line; needs 1 seat and none is free.",
        "2nd in line; the one before needs 1 seat and none is free.",
    ]

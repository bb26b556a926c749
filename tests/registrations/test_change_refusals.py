"""What stands in the way of a change of mind, and what the history says of those that were made."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from billing import invoicing, payments
from billing.models import PaymentMethod
from events.models import Audience, Institute, TeamRule
from people.models import GradeSpan, JobRole, Person
from registrations import (
    billable,
    changes,
    closures,
    costs,
    moves,
    naming,
    substitutes,
    takeovers,
    transfers,
    unnamed,
    withdrawals,
)
from registrations.forms.changes import WhoForm
from registrations.funding import Share
from registrations.models import Allotment, Offer, Order, Registration, Seat, Team, Withdrawal, WithdrawalCause
from registrations.newcomers import Attendee
from registrations.refusals import CannotChange
from registrations.teams import TeamWanted
from tests import make

TOMAS = Attendee("Tomas", "Wexler")
AFTER = datetime(2027, 1, 24, 18, 0, tzinfo=UTC)
DUE = date(2027, 1, 7)


@pytest.fixture
def winter(provider) -> Institute:
    make.payee()
    return make.institute(code="LT27-01", names_due_on=DUE)


@pytest.fixture
def spring(winter) -> Institute:
    days = {"starts_on": date(2027, 4, 22), "ends_on": date(2027, 4, 24), "names_due_on": date(2027, 4, 8)}
    return make.institute(code="LT27-02", registration_closes_at=datetime(2027, 4, 20, tzinfo=UTC), **days)


@pytest.fixture
def line(alder_valley):
    return make.line(alder_valley)


@pytest.fixture
def order(winter, alder_valley, dolores, line) -> Order:
    return make.placed(alder_valley, winter, "Ines Barragán", unnamed=1, by=dolores, paid_by=line)


@pytest.fixture
def ines(order) -> Registration:
    return Registration.objects.select_related("seat").get()


@pytest.fixture
def open_seat(order) -> Seat:
    return Seat.objects.unnamed().get()


def offered(seat: Seat, at: Institute, sponsor) -> Seat:
    """The seat as an open offer holds it."""
    entry = make.waiting(at, sponsor)
    seat.offer = Offer.objects.create(entry=entry, sent_at=make.NOW, ends_at=make.NOW + timedelta(days=1))
    seat.save()
    return seat


def shares(line, at: Institute) -> list[Share]:
    return [Share(line, at.starts_on, at.ends_on)]


# --- Substitutes and names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strand", "grades", "fits"),
    [
        ("Grades 3–5", GradeSpan.GRADES_3_5, True),
        ("Grades TK–2", GradeSpan.TK_2, True),
        ("K-2", GradeSpan.GRADES_3_5, False),
        ("Grades 6–8", GradeSpan.GRADES_9_12, False),
        ("High school", GradeSpan.GRADES_9_12, True),
        ("High school", GradeSpan.GRADES_6_8, False),
        ("Administrators", GradeSpan.GRADES_6_8, True),
        ("Grades 6–8", GradeSpan.ALL, True),
        ("Grades 6–8", "", True),
    ],
)
def test_a_strand_suits_those_who_teach_its_grades(strand, grades, fits, winter):
    assert substitutes.suits(make.strand(winter, strand), grades) is fits


def test_without_a_strand_everyone_suits():
    assert substitutes.suits(None, GradeSpan.TK_2)


def test_who_gave_up_the_seat_is_not_substituted(ines, dolores):
    substitutes.substitute(ines, TOMAS, by=dolores, at=make.NOW)

    with pytest.raises(CannotChange, match="Ines Barragán does not sit in this seat any more"):
        substitutes.substitute(ines, Attendee("Una", "Vane"), by=dolores, at=make.NOW)


@pytest.mark.parametrize("verb", ["substitute", "name", "leave_open"])
def test_a_canceled_institute_changes_no_more(verb, ines, open_seat, winter, dolores):
    Institute.objects.filter(pk=winter.pk).update(canceled_at=make.NOW)
    known = {"by": dolores, "at": make.NOW}
    calls = {
        "substitute": lambda: substitutes.substitute(ines, TOMAS, **known),
        "name": lambda: naming.name(open_seat, TOMAS, **known),
        "leave_open": lambda: naming.leave_open([ines], until=DUE, **known),
    }

    with pytest.raises(CannotChange, match=r"LT27-01 was canceled\."):
        calls[verb]()


def test_an_institute_that_is_over_changes_no_more(ines, open_seat, dolores):
    known = {"by": dolores, "at": AFTER}

    with pytest.raises(CannotChange, match="LT27-01 is over: who came is on record"):
        substitutes.substitute(ines, TOMAS, **known)
    with pytest.raises(CannotChange, match="LT27-01 is over: who came is on record"):
        naming.name(open_seat, TOMAS, **known)
    with pytest.raises(CannotChange, match="LT27-01 is over: its seats stay"):
        withdrawals.withdraw([ines.seat], **known)
    with pytest.raises(CannotChange, match="LT27-01 has begun: name the substitute now"):
        naming.leave_open([ines], until=DUE, **known)


def test_terms_may_leave_substitution_to_the_provider(winter, alder_valley, dolores, omar):
    Institute.objects.filter(pk=winter.pk).update(terms=make.terms(free_substitution=False))
    winter.refresh_from_db()
    make.placed(alder_valley, winter, "Ines Barragán", by=dolores)
    ines = Registration.objects.get()

    with pytest.raises(CannotChange, match="A colleague takes a place only when the provider agrees"):
        substitutes.substitute(ines, TOMAS, by=dolores, at=make.NOW)
    assert substitutes.substitute(ines, TOMAS, by=omar, at=make.NOW).by == omar


def test_whom_the_institute_is_not_for_is_no_substitute(ines, winter, dolores):
    Audience.objects.create(institute=winter, appointment="staff_developer")

    with pytest.raises(CannotChange, match="Tomas Wexler is not among those whom LT27-01 is for"):
        substitutes.substitute(ines, TOMAS, by=dolores, at=make.NOW)


def test_who_was_merged_just_now_is_looked_at_again(ines, alder_valley, dolores, monkeypatch):
    tomas, kept = (make.person("Tomas Wexler", at=alder_valley) for _one in range(2))
    monkeypatch.setattr("registrations.newcomers.enlist", lambda *_people, **_more: [tomas])
    tomas.__class__.objects.filter(pk=tomas.pk).update(merged_into=kept)

    with pytest.raises(CannotChange, match="Tomas Wexler was merged with someone else just now"):
        substitutes.substitute(ines, Attendee(person_id=tomas.pk), by=dolores, at=make.NOW)


def test_a_person_who_pays_herself_asks_us(winter):
    own = Order.objects.create(payer_person=make.person("Owen Prather"), terms=winter.terms, key="own", at=make.NOW)
    allotment = Allotment.objects.create(order=own, institute=winter, seats_wanted=1, price=Decimal(0))
    seat = Seat.objects.create(allotment=allotment, institute=winter)

    with pytest.raises(CannotChange, match="This seat is paid by a person herself"):
        naming.name(seat, TOMAS, by=None, at=make.NOW)
    with pytest.raises(CannotChange, match="This seat is paid by a person herself"):
        naming.somebody("Tomas", "Wexler", "", seat=seat, who=None, at=make.NOW)


def test_who_is_registered_already_is_told_so_by_name(ines, open_seat, dolores):
    with pytest.raises(CannotChange):
        naming.somebody("Ines", "Barragán", "", seat=open_seat, who=dolores, at=make.NOW)


def test_a_seat_that_is_offered_waits_for_its_answer(open_seat, ines, winter, spring, alder_valley, line, dolores):
    seat, known = offered(open_seat, winter, alder_valley), {"by": dolores, "at": make.NOW}

    with pytest.raises(CannotChange, match="offered to someone in line"):
        naming.name(seat, TOMAS, **known)
    with pytest.raises(CannotChange, match="offered to someone in line"):
        withdrawals.withdraw([seat], **known)
    with pytest.raises(CannotChange, match="offered to someone in line"):
        transfers.transfer([seat], to=spring, **known)
    with pytest.raises(CannotChange, match="offered to someone in line"):
        moves.move([seat], shares=shares(line, winter), **known)


def test_names_are_taken_off_those_who_are_still_there(ines, dolores):
    Registration.objects.filter(pk=ines.pk).update(ended_at=make.NOW)

    with pytest.raises(CannotChange, match="Someone was changed meanwhile"):
        naming.leave_open([ines], until=DUE, by=dolores, at=make.NOW)
    with pytest.raises(CannotChange, match="Nobody sits there any more"):
        naming.leave_open([], until=DUE, by=dolores, at=make.NOW)


# --- Teams ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def team(winter, alder_valley, dolores) -> Team:
    """A principal and three teachers at an institute that wants four with an administrator."""
    rule = TeamRule.objects.create(name="Four to six", smallest=4, largest=6, needs_administrator=True)
    Institute.objects.filter(pk=winter.pk).update(team_rule=rule)
    winter.refresh_from_db()
    people = [Attendee("Ada", f"No{number}", role=JobRole.TEACHER) for number in range(3)]
    people.append(Attendee("Paz", "Ruiz", role=JobRole.PRINCIPAL))
    make.placed(alder_valley, winter, *people, by=dolores, team=TeamWanted("Alder"))
    return Team.objects.get()


def test_a_team_is_withdrawn_as_one(team, dolores, omar):
    seats = list(team.seats.order_by("pk"))

    with pytest.raises(CannotChange, match="Alder would not be whole: A team has 4 to 6 people; this one has 3"):
        withdrawals.withdraw(seats[:1], by=dolores, at=make.NOW)
    withdrawals.withdraw(seats, by=dolores, at=make.NOW)

    team.refresh_from_db()
    assert team.ended_at == make.NOW


def test_staff_take_one_out_of_a_team(team, omar):
    withdrawals.withdraw(list(team.seats.all()[:1]), by=omar, at=make.NOW)

    team.refresh_from_db()
    assert (team.seats.held().count(), team.ended_at) == (3, None)


def test_a_team_without_its_administrator_is_asked_about(team, dolores):
    paz = Registration.objects.get(person__given_name="Paz")
    teacher = Attendee("Tomas", "Wexler", role=JobRole.TEACHER)

    with pytest.raises(substitutes.NeedsAnswer, match="A team brings an administrator"):
        substitutes.substitute(paz, teacher, by=dolores, at=make.NOW)
    substitutes.substitute(paz, teacher, is_sure=True, by=dolores, at=make.NOW)

    assert Registration.objects.live().filter(seat__team=team).count() == 4


# --- Transfers, payers, takeovers -------------------------------------------------------------------------------------


def test_what_cannot_move_says_why(ines, winter, spring, bristlecone, dolores, hal, omar):
    known = {"by": dolores, "at": make.NOW}
    make.placed(bristlecone, winter, "Bo Li", by=hal)
    foreign = Seat.objects.get(allotment__order__sponsor=bristlecone)

    with pytest.raises(CannotChange, match="Say what happened"):
        transfers.transfer([ines.seat], to=spring, is_forced=True, by=omar, at=make.NOW)
    with pytest.raises(CannotChange, match="Move the seats of one district at a time"):
        transfers.transfer([ines.seat, foreign], to=spring, **known)
    with pytest.raises(CannotChange, match="They are at LT27-01 already"):
        transfers.transfer([ines.seat], to=winter, **known)


def test_a_seat_that_two_people_share_cannot_move(ines, spring, dolores):
    make.agenda(ines.institute)
    substitutes.substitute(ines, TOMAS, from_day=date(2027, 1, 22), by=dolores, at=make.NOW)

    with pytest.raises(CannotChange, match="Two people share one of these seats"):
        transfers.transfer([ines.seat], to=spring, by=dolores, at=make.NOW)


def test_an_unnamed_seat_moves_without_a_name(open_seat, spring, dolores):
    [made] = transfers.transfer([open_seat], to=spring, by=dolores, at=make.NOW)

    assert (made.from_registration, made.to_seat.name_by) == (None, spring.names_due_on)
    assert changes.history_of([made.to_seat])[made.to_seat_id][0].sentence == "Moved here from LT27-01"
    assert changes.history_of([open_seat])[open_seat.pk][0].sentence == "Moved to LT27-02"


def test_a_line_that_does_not_pay_all_days_moves_nothing(ines, winter, line, dolores, alder_valley):
    other = make.line(alder_valley)

    with pytest.raises(CannotChange, match="Choose who pays for LT27-01 from January 22 on"):
        moves.move([ines.seat], shares=[Share(other, date(2027, 1, 21), date(2027, 1, 21))], by=dolores, at=make.NOW)


def test_a_grant_that_is_spent_moves_nothing(ines, winter, alder_valley, dolores):
    grant = make.line(alder_valley, make.agreement(name="NSF-LEAP", amount=Decimal(500)))

    with pytest.raises(CannotChange, match="NSF-LEAP"):
        moves.move([ines.seat], shares=shares(grant, winter), by=dolores, at=make.NOW)
    assert costs.of_giving_back([ines.seat], at=make.NOW).price == Decimal(525)


def test_the_history_tells_of_payers_and_of_districts_that_were_asked(
    ines, winter, alder_valley, bristlecone, dolores, hal
):
    other = make.line(alder_valley, account_string="01-4035")
    moves.move([ines.seat], shares=shares(other, winter), by=dolores, at=make.NOW)
    asked = takeovers.ask(ines.seat, bristlecone, by=dolores, at=make.NOW + timedelta(hours=1))
    takeovers.decline(asked, by=hal, at=make.NOW + timedelta(hours=2))

    told = [(entry.who, entry.sentence) for entry in changes.history_of([ines.seat])[ines.seat_id]]
    assert told == [
        ("Hal Nakamura", "Bristlecone Joint Union Elementary did not take the seat over"),
        ("Dolores Quintero", "Bristlecone Joint Union Elementary was asked to take the seat over"),
        ("Dolores Quintero", "Paid by Title II, Part A · 01-4035, Alder Valley Unified"),
    ]


def test_a_seat_is_taken_over_by_somebody_else_who_can_answer(ines, alder_valley, bristlecone, dolores):
    with pytest.raises(CannotChange, match="The seat is yours already"):
        takeovers.ask(ines.seat, alder_valley, by=dolores, at=make.NOW)
    with pytest.raises(CannotChange, match="has no coordinator here who could accept"):
        takeovers.ask(ines.seat, bristlecone, by=dolores, at=make.NOW)


def test_a_question_ends_with_the_seat(ines, bristlecone, dolores, hal):
    asked = takeovers.ask(ines.seat, bristlecone, by=dolores, at=make.NOW)

    withdrawals.withdraw([ines.seat], by=dolores, at=make.NOW)

    asked.refresh_from_db()
    assert asked.is_accepted is False


# --- Sweeps and closures ----------------------------------------------------------------------------------------------


def test_a_sweep_goes_on_past_a_seat_that_was_named_meanwhile(open_seat, monkeypatch):
    def named_meanwhile(*_seats, **_more):
        raise CannotChange("A seat was given back meanwhile.")

    monkeypatch.setattr(withdrawals, "withdraw", named_meanwhile)

    assert unnamed.release_due(at=AFTER) == []


def test_what_was_paid_stands_beside_what_comes_back(order, winter, omar):
    [draft] = billable.draft_invoices(winter, by=omar, at=make.NOW)
    invoice = invoicing.issue(draft, by=omar, at=make.NOW)
    share = [payments.Share(invoice, Decimal(400))]
    payments.record(
        payer=invoice.payer, payee=invoice.payee, method=PaymentMethod.CHECK, reference="W-1", amount=Decimal(400),
        received_on=make.NOW.date(), shares=share, by=omar, at=make.NOW,
    )  # fmt: skip

    [told] = closures.price(winter).returns
    assert (told.credited, told.paid) == (Decimal(1050), Decimal(400))


def test_an_institute_without_seats_is_canceled_too(winter, omar):
    assert closures.cancel(winter, reason="No room", by=omar, at=make.NOW) == []


def test_an_offer_ends_with_its_institute(open_seat, winter, alder_valley, omar):
    seat = offered(open_seat, winter, alder_valley)

    closures.cancel(winter, reason="No room", by=omar, at=make.NOW)

    seat.offer.refresh_from_db()
    assert (seat.offer.answer, Withdrawal.objects.count()) == ("lapsed", 1)


def test_what_staff_give_back_is_told_to_the_district(ines, omar, dolores):
    withdrawals.withdraw([ines.seat], cause=WithdrawalCause.OTHER, by=omar, at=make.NOW)

    assert dolores.person.digest_lines.get().text == "1 seat went back; $525.00 of their price came back."


@pytest.mark.django_db
def test_a_form_refuses_an_address_that_is_none():
    form = WhoForm({"given_name": "Una", "email": "una at home"}, people=Person.objects.none())

    assert isinstance(form.errors.as_data()["email"][0], ValidationError)

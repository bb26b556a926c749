"""The invoices of an institute: who stands on their lines, and what they come to."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from billing import invoicing, ledger
from billing.models import AgreementCap, Charge, ChargeKind, FundingLine, Invoice, Payee, Source
from events.models import Institute
from people.models import Organization, Person, Provider
from registrations import billable, enrollment, funding
from registrations.models import Order, Registration, Seat, SeatCharge
from registrations.newcomers import Attendee
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


@pytest.fixture(autouse=True)
def _payee(provider: Provider) -> Payee:
    return make.payee()


def seat(names: list[str], line: FundingLine, institute: Institute, sponsor: Organization) -> list[Registration]:
    """People registered and charged, all paid by one line."""
    people = [make.person(name) for name in names]
    allotment = make.allotment(institute, sponsor, len(people), paid_by=line)
    return enrollment.register(people, allotment=allotment, by=None, at=make.NOW)


def draft(institute: Institute) -> list[Invoice]:
    return billable.draft_invoices(institute, by=None, at=make.NOW)


def words(invoice: Invoice) -> list[str]:
    return list(invoice.lines.order_by("pk").values_list("words", flat=True))


def test_each_participant_has_a_line_with_a_price_in_the_order_of_names(alder_valley):
    institute = make.institute()
    seat(["Ana Torres", "Zoe Adams"], make.line(alder_valley), institute, alder_valley)

    (made,) = draft(institute)

    assert words(made) == ["Zoe Adams", "Ana Torres"]
    assert {line.amount for line in made.lines.all()} == {Decimal("525.00")}
    assert made.about == f"{institute.code} Leadership Training, January 21–23, 2027"


def test_all_districts_are_drafted_in_one_action(alder_valley, bristlecone):
    institute = make.institute()
    for district in (alder_valley, bristlecone):
        seat(["Ana Torres"], make.line(district), institute, district)
    seat(["Bo Li"], make.line(alder_valley), make.institute(), alder_valley)

    assert {made.payer.organization for made in draft(institute)} == {alder_valley, bristlecone}


def test_a_grant_is_never_invoiced_to_the_district(alder_valley):
    institute = make.institute()
    grant = make.agreement(amount=Decimal(60000))
    seat(["Ana Torres"], make.line(alder_valley, grant), institute, alder_valley)

    assert draft(institute) == []
    assert billable.waiting(institute) == []
    assert [(row.line.agreement, row.amount) for row in billable.granted(institute)] == [(grant, Decimal("525.00"))]


def test_drafting_again_replaces_the_drafts(alder_valley):
    institute = make.institute()
    line = make.line(alder_valley)
    seat(["Ana Torres"], line, institute, alder_valley)
    draft(institute)
    seat(["Bo Li"], line, institute, alder_valley)

    (made,) = draft(institute)

    assert words(made) == ["Bo Li", "Ana Torres"]
    assert list(Invoice.objects.all()) == [made]


def test_what_is_issued_stays_and_the_rest_is_drafted(alder_valley):
    institute = make.institute()
    line = make.line(alder_valley)
    seat(["Ana Torres"], line, institute, alder_valley)
    first = invoicing.issue(draft(institute)[0], by=None, at=make.NOW)
    seat(["Bo Li"], line, institute, alder_valley)

    (second,) = draft(institute)

    assert (words(first), words(second)) == (["Ana Torres"], ["Bo Li"])


def test_a_draft_names_who_comes_instead(alder_valley):
    """Scenario 5."""
    institute = make.institute()
    (ines,) = seat(["Ines Barragán"], make.line(alder_valley), institute, alder_valley)
    drafts = draft(institute)
    put(make.person("Tomas Wexler"), in_seat_of=ines, days=ines.days)
    Registration.objects.filter(pk=ines.pk).update(ended_at=make.NOW)

    assert billable.has_changed(drafts)
    assert [words(made) for made in draft(institute)] == [["Tomas Wexler"]]


def put(person: Person, *, in_seat_of: Registration, days: DateRange) -> None:
    Registration.objects.filter(pk=in_seat_of.pk).update(ended_at=make.NOW)
    Registration.objects.create(
        seat=in_seat_of.seat, institute=in_seat_of.institute, person=person, days=days, made_at=make.NOW
    )


def test_a_seat_that_two_people_share_names_both(alder_valley):
    """Scenario 6."""
    institute = make.institute()
    line = make.line(alder_valley)
    seat([f"Person {number}" for number in range(8)], line, institute, alder_valley)
    (ines,) = seat(["Ines Barragán"], line, institute, alder_valley)
    put(make.person("Tomas Wexler"), in_seat_of=ines, days=DateRange(date(2027, 1, 22), date(2027, 1, 24)))
    Registration.objects.filter(pk=ines.pk).update(ended_at=None, days=DateRange(date(2027, 1, 21), date(2027, 1, 22)))

    (made,) = draft(institute)

    assert "seat 9 (Barragán 21 Jan; Wexler 22–23 Jan)" in words(made)


def test_who_shares_a_seat_over_two_months_is_named_with_both(alder_valley):
    institute = make.institute(starts_on=date(2027, 5, 30), ends_on=date(2027, 6, 2))
    (ines,) = seat(["Cher"], make.line(alder_valley), institute, alder_valley)
    put(make.person("Tomas Wexler"), in_seat_of=ines, days=DateRange(date(2027, 5, 31), date(2027, 6, 3)))
    Registration.objects.filter(pk=ines.pk).update(ended_at=None, days=DateRange(date(2027, 5, 30), date(2027, 5, 31)))

    assert words(draft(institute)[0]) == ["seat 1 (Cher 30 May; Wexler 31 May–2 Jun)"]


def test_an_unnamed_seat_says_so(alder_valley):
    institute = make.institute()
    (ines,) = seat(["Ines Barragán"], make.line(alder_valley), institute, alder_valley)
    Registration.objects.filter(pk=ines.pk).update(ended_at=make.NOW)

    assert words(draft(institute)[0]) == ["Seat not yet named"]


def test_a_seat_given_back_too_late_says_so(alder_valley):
    institute = make.institute()
    (ines,) = seat(["Ines Barragán"], make.line(alder_valley), institute, alder_valley)
    Registration.objects.filter(pk=ines.pk).update(ended_at=make.NOW)
    Seat.objects.update(released_at=make.NOW)

    assert words(draft(institute)[0]) == ["Seat given back"]


def test_a_fee_says_what_it_is_for(alder_valley):
    institute = make.institute()
    line = make.line(alder_valley)
    (ana,) = seat(["Ana Torres"], line, institute, alder_valley)
    (fee,) = ledger.charge_all(
        [
            ledger.Wanted(
                line, make.payee(), ChargeKind.FEE, "Late change", Decimal(25), institute.starts_on, institute.starts_on
            )
        ],
        by=None,
        at=make.NOW,
    )
    SeatCharge.objects.create(seat=ana.seat, charge=fee)

    assert sorted(words(draft(institute)[0])) == ["Ana Torres", "Ana Torres: Late change"]


def test_what_was_taken_back_waits_for_no_invoice(alder_valley):
    institute = make.institute()
    seat(["Ana Torres"], make.line(alder_valley), institute, alder_valley)
    drafts = draft(institute)
    ledger.reverse_all(Charge.objects.all(), words="Withdrawn", by=None, at=make.NOW)

    assert billable.has_changed(drafts)
    assert draft(institute) == []
    assert not Invoice.objects.exists()


def test_drafts_that_nothing_happened_to_have_not_changed(alder_valley):
    institute = make.institute()
    seat(["Ana Torres"], make.line(alder_valley), institute, alder_valley)

    assert not billable.has_changed(draft(institute))


def test_what_is_missing_for_an_invoice_is_said_before_it_is_issued(alder_valley):
    institute = make.institute(terms=make.terms(po_due_days=21))
    line = make.line(alder_valley, source=Source.LCFF_SUPPLEMENTAL)
    type(line.payer).objects.update(ap_email="")
    seat(["Ana Torres"], line, institute, alder_valley)

    (row,) = billable.waiting(institute)

    assert row.warnings(institute) == [
        "Alder Valley Unified has no accounts payable e-mail: the invoice will be issued, but not sent.",
        "No purchase order yet, and the terms ask for one.",
        "LCAP reference pending.",
    ]


def test_nothing_is_missing_when_everything_is_there(alder_valley):
    institute = make.institute(terms=make.terms(po_due_days=21))
    line = make.line(alder_valley)
    seat(["Ana Torres"], line, institute, alder_valley)
    ledger.draw(make.purchase_order(alder_valley), Charge.objects.all(), by=None, at=make.NOW)

    (row,) = billable.waiting(institute)

    assert row.warnings(institute) == []


def test_split_funding_in_one_roster(alder_valley):
    """Scenario 13: two invoices to the district, $4,725 and $2,100, and $1,575 charged to the grant; each its own PO."""
    institute = make.institute()
    grant = make.agreement(name="NSF-LEAP", amount=Decimal(60000))
    AgreementCap.objects.create(agreement=grant, organization=alder_valley)
    orders = [make.purchase_order(alder_valley, "5250.00", number=f"B27-{n}") for n in (1, 2)]
    shares = [
        funding.Share(make.line(alder_valley, account_string="01-4035-0-1110-2140-5200"), *span(institute), orders[0]),
        funding.Share(
            make.line(
                alder_valley,
                source=Source.LCFF_SUPPLEMENTAL,
                account_string="0930-17",
                lcap_year="2026-27",
                lcap_goal="2",
                lcap_action="2.3",
            ),
            *span(institute),
            orders[1],
        ),
        funding.Share(make.line(alder_valley, grant), *span(institute)),
    ]

    place(shares, [9, 4, 3], institute, alder_valley)
    issued = [invoicing.issue(made, by=None, at=make.NOW) for made in draft(institute)]

    said = {
        (made.purchase_order_number, made.funding_words, made.lines.count(), invoicing.total_of(made))
        for made in issued
    }
    assert said == {
        ("B27-1", "Source: Title II, Part A\nAccount: 01-4035-0-1110-2140-5200", 9, Decimal(4725)),
        (
            "B27-2",
            "Source: LCFF supplemental and concentration\nAccount: 0930-17\nLCAP 2026-27 Goal 2 Action 2.3",
            4,
            Decimal(2100),
        ),
    }
    assert [row.amount for row in billable.granted(institute)] == [Decimal(1575)]


def span(institute: Institute) -> tuple[date, date]:
    return institute.starts_on, institute.ends_on


def place(shares: list[funding.Share], counts: list[int], institute: Institute, sponsor: Organization) -> Order:
    """One order whose people are paid by several lines."""
    groups = [
        enrollment.Group([Attendee(given_name="Person", family_name=f"{index}-{n}") for n in range(count)], [share])
        for index, (share, count) in enumerate(zip(shares, counts, strict=True))
    ]
    return enrollment.place(groups, sponsor=sponsor, institute=institute, key="order", by=None, at=make.NOW)


def test_an_institute_over_30_june_is_two_invoices(alder_valley):
    """Scenario 20: $6,000 for 2026-27 and $4,000 for 2027-28; the 35 hours are not billing's matter."""
    institute = make.institute(starts_on=date(2027, 6, 28), ends_on=date(2027, 7, 2), price=Decimal(1250), capacity=160)
    share = funding.Share(make.line(alder_valley), *span(institute))

    place([share], [8], institute, alder_valley)
    made = draft(institute)

    assert [(one.service_years, invoicing.total_of(one), one.lines.count()) for one in made] == [
        ("2026-27", Decimal(6000), 8),
        ("2027-28", Decimal(4000), 8),
    ]


def test_a_grant_pays_its_days_and_a_purchase_order_the_days_after(alder_valley):
    """Scenario 20, grant variant: 8 × $750 to NSF-LEAP, 8 × $500 invoiced under PO B."""
    institute = make.institute(starts_on=date(2027, 6, 28), ends_on=date(2027, 7, 2), price=Decimal(1250))
    grant = make.agreement(name="NSF-LEAP", amount=Decimal(60000))
    later = make.purchase_order(alder_valley, number="B", expires_on=date(2028, 6, 30))
    last_of_june = date(2027, 6, 30)
    group = enrollment.Group(
        [Attendee(given_name="Person", family_name=str(n)) for n in range(8)],
        [
            funding.Share(make.line(alder_valley, grant), institute.starts_on, last_of_june),
            funding.Share(make.line(alder_valley), last_of_june + timedelta(days=1), institute.ends_on, later),
        ],
    )

    enrollment.place([group], sponsor=alder_valley, institute=institute, key="order", by=None, at=make.NOW)
    (made,) = draft(institute)

    grant.refresh_from_db()
    assert grant.charged == Decimal(6000)
    assert (made.purchase_order, invoicing.total_of(made)) == (later, Decimal(4000))

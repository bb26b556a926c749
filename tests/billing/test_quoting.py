"""Quotes: numbered without gaps, copied for good, and the same paper twice for the same words."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pypdf
import pytest
from django.db import DatabaseError, transaction

from billing import quoting
from billing.models import Quote
from billing.quoting import CannotQuote, Item, Wording
from office import paper
from tests import make
from tests.races import at_once

pytestmark = pytest.mark.django_db

SEATS = Item("LT27-01 Leadership Training, January 21–23, 2027", 16, Decimal("525.00"))
STRING = "01-4035-0-1110-2140-5200"


@pytest.fixture
def district(provider, alder_valley):
    make.payee()
    return alder_valley


def quoted(district, *lines: Item, key: str = "roster-1", at=make.NOW, wording: Wording | None = None) -> Quote:
    return quoting.quote(
        payer=make.payer(district),
        payee=make.payee(),
        lines=lines or [SEATS],
        about="LT27-01 Leadership Training",
        order_key=key,
        valid_until=date(2026, 12, 31),
        wording=wording,
        organization=district,
        by=None,
        at=at,
    )


def test_sixteen_seats_are_quoted_at_8400(district):
    """Scenario 1."""
    made = quoted(district)

    assert (made.reference, made.total) == ("Q-2027-0001", Decimal(8400))
    assert made.lines == [
        {"words": SEATS.words, "quantity": 16, "price": "525.00", "amount": "8400.00"},
    ]


def test_each_quote_takes_the_next_number_of_its_payee_and_fiscal_year(district):
    references = [quoted(district, key=f"roster-{number}").reference for number in range(3)]
    july = quoted(district, key="roster-9", at=make.NOW.replace(month=7, year=2026, day=1))
    earlier = quoted(district, key="roster-8", at=make.NOW.replace(month=6, year=2026, day=30))

    assert references == ["Q-2027-0001", "Q-2027-0002", "Q-2027-0003"]
    assert (july.reference, earlier.reference) == ("Q-2027-0004", "Q-2026-0001")


def test_asked_twice_in_the_same_words_it_is_the_same_quote(district):
    first, second = quoted(district), quoted(district, at=make.NOW + timedelta(hours=1))
    dearer = quoted(district, Item(SEATS.words, 17, SEATS.price))

    assert first == second
    assert dearer.reference == "Q-2027-0002"


def test_a_quote_that_is_over_is_written_anew(district):
    first, later = quoted(district), quoted(district, at=make.NOW + timedelta(days=90))

    assert later != first


def test_eight_who_ask_at_once_get_eight_numbers_without_a_gap(transactional_db):
    make.provider()
    make.payee()
    district = make.organization()
    make.payer(district)

    answers = at_once(*[lambda number=number: quoted(district, key=f"roster-{number}") for number in range(8)])

    assert sorted(made.number for made in answers) == list(range(1, 9))


def test_nothing_to_pay_is_nothing_to_quote(district):
    with pytest.raises(CannotQuote, match="nothing to quote"):
        quoted(district, Item("A guest", 2, Decimal(0)))

    assert Quote.objects.count() == 0


def test_a_quote_is_never_changed(district):
    made = quoted(district)

    with pytest.raises(DatabaseError, match="a_quote_is_never_changed"), transaction.atomic():
        Quote.objects.filter(pk=made.pk).update(total=1)


def test_a_later_rename_rewrites_no_quote(district):
    made = quoted(district)

    district.name = "Alder Valley Union"
    district.save()
    made.refresh_from_db()

    assert made.bill_to == "Alder Valley Unified\n1 Alder Way\nAlder, CA 99001"


# --- On paper ---------------------------------------------------------------------------------------------------------


def page_of(made: Quote) -> str:
    return paper.markup("paper/quote.html", {"title": "Quote", **quoting.context_of(made)})


def test_the_paper_says_everything_a_purchase_order_is_written_from(district):
    wording = Wording(STRING, "LCAP 2026-27 Goal 2 Action 2.3", "Substituting a colleague is always free.")

    page = page_of(quoted(district, wording=wording))

    for words in (
        "Quote Q-2027-0001", "Alder Valley Unified", "1 Alder Way", "PO Box 9", STRING, "November 2, 2026",
        "December 31, 2026", "LCAP 2026-27 Goal 2 Action 2.3", SEATS.words, "$525.00", "$8,400.00",
        "it holds no seat", "Substituting a colleague is always free.",
    ):  # fmt: skip
        assert words in page


def test_what_a_district_wrote_is_text_on_paper(district):
    page = page_of(quoted(district, wording=Wording("<b>01</b>")))

    assert "&lt;b&gt;01&lt;/b&gt;" in page


@pytest.mark.paper
def test_the_pdf_is_tagged_and_titled(district):
    root = pypdf.PdfReader(io.BytesIO(quoting.pdf_of(quoted(district)))).trailer["/Root"]

    assert (root["/MarkInfo"]["/Marked"], root["/ViewerPreferences"]["/DisplayDocTitle"]) == (True, True)
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"].startswith("en")
    assert b'pdfuaid:part="1"' in root["/Metadata"].get_data()

"""A remittance or bank file: matched by number, purchase order, name or amount; each payment recorded once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from billing import books, invoicing, remittance_rows, remittances
from billing.models import Invoice, Payment, PaymentMethod, Remittance
from billing.remittances import AlreadyImported, CannotImport, CannotRead, Suggestion
from people.models import Organization, User
from tests import make
from tests.billing.test_ledger import charge
from tests.races import at_once

HEADER = "Warrant Number,Date,District,PO Number,Amount\n"


def invoice(district: Organization, amount: str = "525.00", po: str = "") -> Invoice:
    more = {"purchase_order": make.purchase_order(district, "9999", number=po)} if po else {}
    [made] = charge(make.line(district), amount, **more)
    lines = [invoicing.LineWanted(made, "Seat")]
    [draft] = invoicing.draft_all(lines, about="LT27-01", subject_key="institute:1", by=None, at=make.NOW)
    return invoicing.issue(draft, by=None, at=make.NOW)


def brought(rows: str, by: User, *, header: str = HEADER, **more: Any) -> Remittance:
    facts: dict[str, Any] = {
        "name": "county.csv",
        "payee": make.payee(),
        "method": PaymentMethod.WARRANT,
        "at": make.NOW,
    }
    return remittances.start((header + rows).encode(), by=by, **facts | more)


def told(rows: str, by: User, **more: Any) -> list[Suggestion]:
    return remittances.suggestions(brought(rows, by, **more))


@pytest.mark.parametrize("written", ["INV-2027-0001", "inv-2027-0001", "PO-77", "for PO-77, thanks"])
def test_a_payment_is_matched_by_number(alder_valley, omar, written):
    owed = invoice(alder_valley, po="PO-77")

    [found] = told(f'W1,10/30/2026,Whoever,"{written}",525.00\n', omar)

    assert (found.payer, [(each.invoice, each.amount) for each in found.shares]) == (owed.payer, [(owed, Decimal(525))])
    assert (found.is_sure, found.problems) == (True, [])


def test_rows_of_one_warrant_are_one_payment(alder_valley, omar):
    owed = [invoice(alder_valley, amount, po) for amount, po in [("525.00", "PO-1"), ("4200.00", "PO-2")]]
    rows = 'W1,10/30/2026,Alder,PO-1,525.00\nW1,10/30/2026,Alder,PO-2,"4,200.00"\n'

    file = brought(rows, omar)
    [found] = remittances.suggestions(file)
    made = remittances.accept(file, 1, payer=owed[0].payer, shares=found.shares, by=omar, at=make.NOW)

    assert (found.item.lines, made.amount) == ((1, 2), Decimal(4725))
    assert not Invoice.objects.open()
    assert list(books.broken_equations()) == []


def test_a_name_or_an_amount_alone_is_a_suggestion_and_not_sure(alder_valley, bristlecone, omar):
    theirs, others = invoice(alder_valley), invoice(bristlecone, "99.00")

    by_name, by_amount, nobody = told(
        "W1,10/30/2026,ALDER VALLEY Unified,,525.00\nW2,10/30/2026,?,,99.00\nW3,10/30/2026,?,,7.00\n", omar
    )

    assert ([each.invoice for each in by_name.shares], by_name.is_sure) == ([theirs], False)
    assert ([each.invoice for each in by_amount.shares], by_amount.is_sure) == ([others], False)
    assert (nobody.payer, nobody.problems) == (None, ["Nobody is found for it: choose who paid."])


def test_a_short_payment_an_unknown_number_and_two_districts_are_not_sure(alder_valley, bristlecone, omar):
    invoice(alder_valley, po="PO-1")
    invoice(bristlecone, po="PO-2")

    short, over, both = told(
        "W1,10/30/2026,,PO-1,500.00\nW2,10/30/2026,,PO-1,600.00\nW3,10/30/2026,,PO-1 PO-2,1050.00\n", omar
    )

    assert (short.problems, short.is_sure) == (["INV-2027-0001 stays open by $25.00."], False)
    assert (over.problems, over.is_sure) == (["$75.00 would be left as credit."], False)
    assert both.problems == ["Its numbers are of several districts."]


def test_all_that_are_sure_are_recorded_at_once_and_once(alder_valley, bristlecone, omar):
    for district, po in [(alder_valley, "PO-1"), (bristlecone, "PO-2")]:
        invoice(district, po=po)
    file = brought("W1,10/30/2026,,PO-1,525.00\nW2,10/30/2026,,PO-2,525.00\nW3,10/30/2026,,PO-3,1.00\n", omar)

    made, refusals = remittances.accept_sure(file, by=omar, at=make.NOW)
    file.refresh_from_db()
    again = remittances.accept_sure(file, by=omar, at=make.NOW)

    assert ([each.reference for each in made], refusals, again) == (["W1", "W2"], [], ([], []))
    assert [each.payment for each in remittances.suggestions(file)] == [made[0].pk, made[1].pk, None]
    assert list(books.broken_equations()) == []


def test_what_was_recorded_by_hand_before_is_said(alder_valley, omar):
    owed = invoice(alder_valley, po="PO-1")
    file = brought("W1,10/30/2026,,PO-1,525.00\n", omar)
    remittances.accept(file, 1, payer=owed.payer, shares=[], by=omar, at=make.NOW)

    [found] = told("W1,10/30/2026,,PO-1,525.00\n", omar, again=True)

    assert found.problems == ["A payment W1 of Alder Valley Unified is recorded already."]


def test_the_same_file_is_asked_about(provider, omar):
    brought("W1,10/30/2026,,PO-1,525.00\n", omar)

    with pytest.raises(AlreadyImported, match="This file came on November 2, 2026 before"):
        brought("W1,10/30/2026,,PO-1,525.00\n", omar)
    assert brought("W1,10/30/2026,,PO-1,525.00\n", omar, again=True).pk


def test_a_line_is_decided_once(alder_valley, omar):
    owed = invoice(alder_valley)
    file = brought("W1,10/30/2026,,INV-2027-0001,525.00\nW2,10/30/2026,,bank fee,5.00\n", omar)
    remittances.accept(file, 1, payer=owed.payer, shares=[], by=omar, at=make.NOW)
    remittances.leave_out(file, 2, reason="A fee of the bank's")

    for line, words in [(1, "recorded already"), (2, "left out: A fee"), (3, "starts no payment")]:
        with pytest.raises(CannotImport, match=words):
            remittances.accept(file, line, payer=owed.payer, shares=[], by=omar, at=make.NOW)
    with pytest.raises(CannotImport, match="decided already"):
        remittances.remap(file, {"amount": 0})
    with pytest.raises(CannotImport, match="Write why"):
        remittances.leave_out(file, 1, reason=" ")


def test_what_lacks_an_amount_a_day_or_a_number_is_not_recorded(alder_valley, omar):
    owed = invoice(alder_valley)
    file = brought(",someday,,INV-2027-0001,nothing\nW2,10/30/2026,,INV-2027-0001,(5.00)\n", omar)

    blank, negative = remittances.suggestions(file)

    assert blank.problems[:3] == [
        "There is no amount.",
        "There is no day.",
        "There is no number of a check, warrant or transfer.",
    ]
    assert negative.problems[0] == "Money that goes out is not recorded here."
    with pytest.raises(CannotImport, match="Line 1 has no amount, no day or no number"):
        remittances.accept(file, 1, payer=owed.payer, shares=[], by=omar, at=make.NOW)


def test_columns_may_be_told(alder_valley, omar):
    invoice(alder_valley, po="PO-1")
    file = brought("x;W1;10/30/2026;PO-1;525.00;9.00\n", omar, header="a;b;c;d;e;f\n")

    remittances.remap(file, {"amount": 4, "reference": 1, "on": 2, "numbers": 3})
    file.refresh_from_db()

    assert [each.is_sure for each in remittances.suggestions(file) if each.item.amount] == [True]


def test_a_file_without_headers_is_read_by_what_its_cells_are(db):
    headers, columns, rows = remittance_rows.guess([["2026-10-30", "W-90817", "PO 1", "525.00"]])

    assert (headers, columns, len(rows)) == ([], {"on": 0, "reference": 1, "amount": 3}, 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04", "Save the spreadsheet as CSV"),
        (b"a,b\n" * 5001, "5,000 rows at most"),
    ],
)
def test_what_is_no_table_says_why(content, words):
    with pytest.raises(CannotRead, match=words):
        remittance_rows.table_of(content)


@pytest.mark.parametrize(
    ("text", "dollars"),
    [("$1,250.00", "1250.00"), ("(25.00)", "-25.00"), ("25.00-", "-25.00"), ("NaN", None), ("x", None)],
)
def test_dollars_are_read_as_they_are_written(text, dollars):
    assert remittance_rows.dollars_of(text) == (Decimal(dollars) if dollars else None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_in_its_own_letters(encoding):
    assert remittance_rows.table_of("Número,Amount\nÑ,1.00".encode(encoding)) == [["Número", "Amount"], ["Ñ", "1.00"]]


@pytest.mark.django_db(transaction=True)
def test_eight_who_accept_one_line_record_one_payment():
    """Seen failing without the lock on the file: eight payments."""
    make.provider()
    omar, district = make.user("omar@example.test"), make.organization()
    owed = invoice(district, po="PO-1")
    file = brought("W1,10/30/2026,,PO-1,525.00\n", omar)

    facts: dict[str, Any] = {"payer": owed.payer, "shares": [], "again": True, "by": omar, "at": make.NOW}
    answers = at_once(*[lambda: remittances.accept(file, 1, **facts)] * 8)

    assert sorted(type(answer).__name__ for answer in answers) == ["CannotImport"] * 7 + ["Payment"]
    assert Payment.objects.count() == 1


# --- The pages --------------------------------------------------------------------------------------------------------


@pytest.fixture
def _no_second_factor(settings):
    settings.DEMO = True


def upload(client: Any, rows: str, **more: Any) -> Any:
    file = SimpleUploadedFile("county.csv", (HEADER + rows).encode())
    page = reverse("billing:remittances")
    return client.post(page, {"file": file, "payee": make.payee().pk, "method": "warrant"} | more)


@pytest.mark.usefixtures("_no_second_factor")
def test_a_file_is_brought_in_and_its_sure_payments_recorded_on_its_page(as_user, omar, alder_valley):
    invoice(alder_valley, po="PO-1")
    client, day = as_user(omar), (timezone.localdate() - timedelta(days=2)).isoformat()

    page = upload(client, f"W1,{day},,PO-1,525.00\nW2,{day},,PO-9,1.00\n").url
    shown = client.get(page).context
    client.post(page + "accept/", {"all": "yes"})

    assert (shown["sure"], shown["undecided"]) == (1, 2)
    assert Payment.objects.get().reference == "W1"
    assert upload(client, f"W1,{day},,PO-1,525.00\nW2,{day},,PO-9,1.00\n").status_code == 422


@pytest.mark.usefixtures("_no_second_factor")
def test_a_line_is_recorded_as_it_was_seen_or_not_at_all(as_user, omar, alder_valley):
    invoice(alder_valley)
    client, day = as_user(omar), (timezone.localdate() - timedelta(days=2)).isoformat()
    page = upload(client, f"W1,{day},Alder Valley,,525.00\n").url
    [found] = client.get(page).context["suggestions"]

    other = client.post(page + "accept/", {"line": 1, "seen": "other"}, follow=True)
    for _time in range(2):
        client.post(page + "accept/", {"line": 1, "seen": found.seen})

    assert "has changed meanwhile" in other.content.decode()
    assert Payment.objects.count() == 1


@pytest.mark.usefixtures("_no_second_factor")
def test_a_line_is_recorded_by_hand_or_left_out(as_user, omar, alder_valley):
    owed = invoice(alder_valley)
    client, day = as_user(omar), (timezone.localdate() - timedelta(days=2)).isoformat()
    page = upload(client, f"W1,{day},?,,500.00\nW2,{day},Bank,,5.00\n").url

    payers = client.get(page + "lines/1/", {"q": "alder"}).context["payers"]
    shares = {f"invoice_{owed.pk}": "500.00", "reason": "Bank fee disputed"}
    client.post(f"{page}lines/1/?payer={owed.payer_id}", shares)
    client.post(page + "lines/2/leave-out/", {"reason": "Interest"})

    assert list(payers) == [owed.payer]
    assert Payment.objects.get().allocations.get().reason == "Bank fee disputed"
    assert client.get(page).context["undecided"] == 0
    assert client.get(page + "lines/9/").status_code == 404

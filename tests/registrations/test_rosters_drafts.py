"""A roster is a draft until it is sent: found again, changed row by row, laid over by the corrected sheet."""

from decimal import Decimal

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from billing.models import Charge
from office.models import Attachment, Message
from people.models import Organization, User
from registrations import confirmations, tasks
from registrations.enrollment import CannotRegister
from registrations.models import Order, Registration, RosterDraft, Seat
from registrations.rosters import drafting, judging, reading, sending
from registrations.rosters.drafting import CannotDraft
from registrations.rosters.judging import Kind
from registrations.rosters.rows import Row
from tests import make

SHEET = "First,Last,Email\nAna,Torres,ana@example.test\nBo,Li,\nCy,Wu,cy@example.test\n"


@pytest.fixture
def draft(alder_valley: Organization, dolores: User) -> RosterDraft:
    return drafting.start(alder_valley, make.institute(code="LT27-01"), by=dolores, at=make.NOW)


def lay(draft: RosterDraft, text: str, *, replacing: bool = True) -> RosterDraft:
    drafting.lay(draft, reading.read_text(text), replacing=replacing, at=make.NOW)
    return draft


def texts(draft: RosterDraft) -> list[tuple[str, str]]:
    draft.refresh_from_db()
    return [(row.name, row.email) for row in drafting.rows_of(draft)]


def test_a_corrected_sheet_changes_only_the_rows_that_changed(draft: RosterDraft):
    lay(draft, SHEET)
    drafting.change_rows(draft, [1, 2, 3], at=make.NOW, pays="line-7")

    lay(draft, SHEET.replace("Bo,Li,", "Bo,Li,bo@example.test").replace("Cy,Wu,cy", "Cy,Wu,cyrus"))

    assert texts(draft) == [
        ("Ana Torres", "ana@example.test"),
        ("Bo Li", "bo@example.test"),
        ("Cy Wu", "cyrus@example.test"),
    ]
    assert [(row.key, row.pays) for row in drafting.rows_of(draft)] == [(1, "line-7"), (2, "line-7"), (3, "line-7")]


def test_a_corrected_name_is_found_by_its_address(draft: RosterDraft):
    lay(draft, SHEET)

    lay(draft, SHEET.replace("Torres", "Tores"))

    draft.refresh_from_db()
    assert [row.key for row in drafting.rows_of(draft)] == [1, 2, 3]


def test_what_was_decided_falls_with_the_name_it_was_about(draft: RosterDraft):
    lay(draft, SHEET)
    drafting.change_rows(draft, [1, 3], at=make.NOW, decision="new")

    lay(draft, SHEET.replace("Torres", "Tores"))

    draft.refresh_from_db()
    assert [row.decision for row in drafting.rows_of(draft)] == ["", "", "new"]


def test_rows_missing_from_the_corrected_sheet_go(draft: RosterDraft):
    lay(draft, SHEET)

    lay(draft, "First,Last,Email\nCy,Wu,cy@example.test\n")

    assert texts(draft) == [("Cy Wu", "cy@example.test")]


def test_a_second_sheet_may_be_added(draft: RosterDraft):
    lay(draft, SHEET)

    lay(draft, "First,Last,Email\nBo,Li,bo@example.test\nDi,Xu,di@example.test\n", replacing=False)

    assert texts(draft) == [
        ("Ana Torres", "ana@example.test"),
        ("Bo Li", "bo@example.test"),
        ("Cy Wu", "cy@example.test"),
        ("Di Xu", "di@example.test"),
    ]
    assert [row.key for row in drafting.rows_of(draft)] == [1, 2, 3, 4]


def test_columns_can_be_chosen_anew(draft: RosterDraft):
    lay(draft, "Torres,Ana\nLi,Bo\n")
    assert texts(draft) == [("Torres Ana", ""), ("Li Bo", "")]

    drafting.remap(draft, {"family_name": 0, "given_name": 1}, at=make.NOW)

    assert texts(draft) == [("Ana Torres", ""), ("Bo Li", "")]


def test_headers_nobody_knows_leave_the_roster_as_it_was(draft: RosterDraft):
    lay(draft, SHEET)

    lay(draft, "Aaa,Bbb\n123,4\n")

    assert len(texts(draft)) == 3
    assert draft.columns == {} or draft.columns["headers"] == ["Aaa", "Bbb"]


def test_people_who_are_known_are_added_once(draft: RosterDraft, alder_valley: Organization):
    ana = make.person("Ana Torres", "ana@example.test", at=alder_valley)
    lay(draft, "First,Last,Email\nBo,Li,bo@example.test\n")

    drafting.add_people(draft, [ana], at=make.NOW)
    drafting.add_people(draft, [ana], at=make.NOW)

    draft.refresh_from_db()
    assert [(row.name, row.person_id, row.line) for row in drafting.rows_of(draft)] == [
        ("Bo Li", None, 2),
        ("Ana Torres", ana.pk, 3),
    ]


def test_two_sheets_may_not_make_more_than_5000_rows(draft: RosterDraft):
    sheet = "\n".join(f"Ana,No{number}" for number in range(3_000))
    lay(draft, sheet)

    with pytest.raises(CannotDraft, match="A roster has 5,000 rows at most"):
        lay(draft, sheet.replace("Ana", "Bo"), replacing=False)


# --- Sending ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def paid(draft: RosterDraft, alder_valley: Organization) -> RosterDraft:
    """Three people on a roster whom one line pays for."""
    make.payee()
    lay(draft, SHEET)
    line = make.line(alder_valley)
    return drafting.change_rows(draft, [1, 2, 3], at=make.NOW, pays=f"line-{line.pk}")


def sent(draft: RosterDraft, by: User) -> Order:
    order = sending.submit(draft, by=by, at=make.NOW)
    assert order is not None
    return order


def test_a_roster_is_sent_with_seats_money_and_mail(paid: RosterDraft, dolores: User):
    order = sent(paid, dolores)
    confirmations.send(order, at=make.NOW)

    assert [str(r) for r in Registration.objects.in_name_order()] == [
        "Bo Li at LT27-01",
        "Ana Torres at LT27-01",
        "Cy Wu at LT27-01",
    ]
    assert sum(charge.amount for charge in Charge.objects.all()) == Decimal(1575)
    assert sorted(Message.objects.filter(about=f"order {order.pk}").values_list("to", flat=True)) == [
        "ana@example.test",
        "cy@example.test",
        "dolores@avusd.example.test",
    ]
    assert Attachment.objects.count() == 2


def test_sending_a_roster_leaves_its_mail_to_the_worker(paid: RosterDraft, dolores: User):
    order = sent(paid, dolores)

    job = ProcrastinateJob.objects.get(task_name="registrations.confirm")
    assert job.args == {"order": order.pk}
    assert not Message.objects.exists()


def test_the_worker_writes_the_mail_of_an_order_once(paid: RosterDraft, dolores: User):
    order = sent(paid, dolores)

    tasks.confirm(order.pk)
    tasks.confirm(order.pk)

    assert Message.objects.count() == 3


def test_an_order_without_seats_is_told_to_nobody(alder_valley: Organization):
    confirmations.send(make.order(alder_valley), at=make.NOW)

    assert not Message.objects.exists()


def test_an_order_that_nobody_signed_is_told_to_its_people_only(paid: RosterDraft, dolores: User):
    order = sent(paid, dolores)
    order.placed_by = None

    confirmations.send(order, at=make.NOW)

    assert Message.objects.filter(to="dolores@avusd.example.test").count() == 0


def test_an_order_whose_people_have_no_address_is_told_to_the_coordinator(alder_valley, dolores: User):
    make.payee()
    draft = lay(drafting.start(alder_valley, make.institute(), by=dolores, at=make.NOW), "Bo Li")
    drafting.change_rows(draft, [1], at=make.NOW, pays=f"line-{make.line(alder_valley).pk}")

    confirmations.send(sent(draft, dolores), at=make.NOW)

    message = Message.objects.get()
    assert message.to == "dolores@avusd.example.test"
    assert "1 person has no e-mail address yet and got none." in message.text


def test_each_calendar_entry_has_a_name_of_its_own(paid: RosterDraft, dolores: User):
    confirmations.send(sent(paid, dolores), at=make.NOW)

    names = set()
    for attachment in Attachment.objects.select_related("file"):
        with attachment.file.bytes.open() as entry:
            names |= {line for line in entry.read().split(b"\r\n") if line.startswith(b"UID:day1.")}
    assert len(names) == 2


def test_a_roster_sent_twice_is_one_order(paid: RosterDraft, dolores: User):
    first = sending.submit(paid, by=dolores, at=make.NOW)

    assert sending.submit(paid, by=dolores, at=make.NOW) == first
    assert Seat.objects.count() == 3


def test_a_roster_that_was_sent_is_changed_no_more(paid: RosterDraft, dolores: User):
    sending.submit(paid, by=dolores, at=make.NOW)

    with pytest.raises(CannotDraft, match="This roster was sent already"):
        drafting.change_rows(paid, [1], at=make.NOW, given_name="Anna")


def test_unanswered_rows_are_sent_by_nobody(paid: RosterDraft, dolores: User):
    drafting.change_rows(paid, [1], at=make.NOW, email="ana@@")

    with pytest.raises(CannotRegister, match=r"^1 row needs an answer first\. Line 2: “ana@@” is no e-mail address"):
        sending.submit(paid, by=dolores, at=make.NOW)


def test_everyone_is_paid_for(paid: RosterDraft, dolores: User):
    drafting.change_rows(paid, [1, 2], at=make.NOW, pays="")

    with pytest.raises(CannotRegister, match=r"^Choose who pays for 2 people\.$"):
        sending.submit(paid, by=dolores, at=make.NOW)


def test_money_that_cannot_pay_here_is_said(paid: RosterDraft, dolores: User):
    drafting.change_rows(paid, [1, 2], at=make.NOW, pays="agreement-0")

    with pytest.raises(CannotRegister, match="cannot pay here"):
        sending.submit(paid, by=dolores, at=make.NOW)


def test_a_roster_without_seats_is_not_sent(paid: RosterDraft, dolores: User):
    drafting.change_rows(paid, [1, 2, 3], at=make.NOW, decision="leave_out")

    with pytest.raises(CannotRegister, match=r"^No row of this roster takes a seat\.$"):
        sending.submit(paid, by=dolores, at=make.NOW)


def test_a_purchase_order_covers_the_seats_of_its_line(paid: RosterDraft, dolores: User, alder_valley: Organization):
    purchase_order = make.purchase_order(alder_valley)
    pays = drafting.rows_of(RosterDraft.objects.get())[0].pays
    drafting.choose_purchase_order(paid, pays, purchase_order.pk, at=make.NOW)

    sending.submit(paid, by=dolores, at=make.NOW)

    purchase_order.refresh_from_db()
    assert purchase_order.drawn == Decimal(1575)


def test_words_of_a_verdict_have_a_tone():
    assert judging.Verdict(Row(1, 1), Kind.REFUSED).tone == "bad"
    assert judging.Verdict(Row(1, 1), Kind.TWICE).tone == ""

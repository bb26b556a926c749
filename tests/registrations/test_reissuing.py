"""An issued invoice that is wrong is taken back whole by a credit memo, and issued anew: by another line if wanted."""

from decimal import Decimal

import pytest
from django.urls import reverse

from billing import books, invoicing, payments
from billing.models import FundingLine, Invoice, Payment, PaymentMethod, Source
from events.models import Institute
from people.models import User
from registrations import billable, recount, reissuing, withdrawals
from registrations.models import AllotmentFunding, PayerMove, Seat, SeatCharge
from registrations.reissuing import CannotReissue
from tests import make


@pytest.fixture
def winter(provider) -> Institute:
    make.payee()
    return make.institute(code="LT27-01")


@pytest.fixture
def paper(alder_valley):
    return make.purchase_order(alder_valley, "2100", number="PO-1")


@pytest.fixture
def invoice(winter, alder_valley, omar, paper) -> Invoice:
    make.placed(alder_valley, winter, "Ada Moss", "Ben Ito", by=omar, purchase_order=paper)
    [draft] = billable.draft_invoices(winter, by=omar, at=make.NOW)
    return invoicing.issue(draft, by=omar, at=make.NOW)


def reissued(invoice: Invoice, by: User, **more: object) -> reissuing.Reissued:
    return reissuing.reissue(invoice, reason="Wrong account", by=by, at=make.NOW, **more)  # type: ignore[arg-type]


def balance(invoice: Invoice) -> Decimal:
    return Invoice.objects.with_balance().get(pk=invoice.pk).balance


def all_is_true() -> bool:
    return [*books.broken_equations(), *recount.broken_equations()] == []


def test_the_invoice_is_credited_whole_and_drafted_anew(invoice, omar):
    made = reissued(invoice, omar)

    [draft] = made.drafts
    assert (made.memo.reference, invoicing.total_of(made.memo)) == ("CM-2027-0001", Decimal(-1050))
    assert (balance(invoice), invoicing.total_of(draft)) == (Decimal(0), Decimal(1050))
    assert made.memo.lines.order_by("pk")[0].words == "Ben Ito: Charged anew: Wrong account, November 2"
    assert all_is_true()


def test_every_charge_stays_with_its_seat(invoice, omar):
    reissued(invoice, omar)

    for seat in Seat.objects.all():
        amounts = SeatCharge.objects.filter(seat=seat).order_by("charge").values_list("charge__amount", flat=True)
        assert list(amounts) == [Decimal(525), Decimal(-525), Decimal(525)]


def test_another_line_and_purchase_order_pay_from_now_on(invoice, omar, alder_valley, paper):
    lcff = make.line(alder_valley, source=Source.LCFF_BASE)
    other = make.purchase_order(alder_valley, "1050", number="PO-2")

    [draft] = reissued(invoice, omar, line=lcff, purchase_order=other).drafts

    paper.refresh_from_db()
    other.refresh_from_db()
    parts = AllotmentFunding.objects.filter(allotment__seats__isnull=False).distinct()
    assert draft.funding_words == "Source: LCFF base"
    assert (draft.purchase_order, paper.drawn, other.drawn) == (other, Decimal(0), Decimal(1050))
    assert {(part.line, part.purchase_order) for part in parts} == {(lcff, other)}
    assert set(PayerMove.objects.values_list("reason", flat=True)) == {"Wrong account"}
    assert all_is_true()


def test_another_account_string_is_a_line_of_its_own(invoice, omar):
    line = reissuing.line_of(invoice)

    again = reissuing.with_account(line, "01-3010-0", by=omar, at=make.NOW)
    [draft] = reissued(invoice, omar, line=again).drafts

    assert draft.funding_words.endswith("Account: 01-3010-0")
    assert reissuing.with_account(line, "01-3010-0", by=omar, at=make.NOW) == again
    assert FundingLine.objects.count() == 2


def test_what_was_paid_waits_for_the_new_invoice(invoice, omar):
    payments.record(
        payer=invoice.payer, payee=invoice.payee, method=PaymentMethod.CHECK, reference="7", amount=Decimal(1050),
        received_on=make.NOW.date(), shares=[payments.Share(invoice, Decimal(1050))], by=omar, at=make.NOW,
    )  # fmt: skip

    [draft] = reissued(invoice, omar).drafts
    again = invoicing.issue(draft, by=omar, at=make.NOW)
    assert Payment.objects.with_rest().get().rest == Decimal(1050)

    payments.use_credit(again, by=omar, at=make.NOW)
    assert (balance(again), Payment.objects.with_rest().get().rest) == (Decimal(0), Decimal(0))
    assert all_is_true()


def test_what_is_kept_of_a_withdrawal_is_charged_anew(invoice, omar, winter):
    late = make.NOW.replace(year=2027, month=1, day=12)
    withdrawals.withdraw(list(Seat.objects.order_by("pk")[:1]), by=omar, at=late)
    [memo] = billable.draft_invoices(winter, by=omar, at=late)
    invoicing.issue(memo, by=omar, at=late)

    [draft] = reissuing.reissue(invoice, reason="Wrong payer", by=omar, at=late).drafts

    assert (balance(invoice), invoicing.total_of(draft)) == (Decimal(0), Decimal("787.50"))
    assert all_is_true()


def test_a_line_that_cannot_pay_changes_nothing(invoice, omar, alder_valley):
    poor = make.line(alder_valley, make.agreement(alder_valley, name="Small", amount=Decimal(100)))

    with pytest.raises(CannotReissue, match=r"Small has \$100.00 left; this needs \$1,050.00"):
        reissued(invoice, omar, line=poor)
    assert balance(invoice) == Decimal(1050)


def test_a_purchase_order_of_another_district_is_refused(invoice, omar, bristlecone):
    theirs = make.purchase_order(bristlecone, "2100", number="PO-B")

    with pytest.raises(CannotReissue, match="Purchase order PO-B is not one of Alder Valley Unified"):
        reissued(invoice, omar, purchase_order=theirs)


def test_a_draft_a_memo_and_what_was_taken_back_are_refused(invoice, omar):
    made = reissued(invoice, omar)

    with pytest.raises(CannotReissue, match="Nothing of INV-2027-0001 stands any more"):
        reissued(invoice, omar)
    with pytest.raises(CannotReissue, match="CM-2027-0001 is not an issued invoice"):
        reissued(made.memo, omar)
    with pytest.raises(CannotReissue, match="is not an issued invoice"):
        reissued(made.drafts[0], omar)
    with pytest.raises(CannotReissue, match="Write why"):
        reissuing.reissue(invoice, reason=" ", by=omar, at=make.NOW)


def test_the_page_takes_it_back_once(settings, as_user, invoice, omar, alder_valley):
    settings.DEMO = True
    client, page = as_user(omar), reverse("registrations:reissue", args=[invoice.pk])
    key = client.get(page).context["form"]["submission_key"].value()

    posted = {"reason": "Wrong account", "account_string": "01-3010-0", "submission_key": key}
    answers = [client.post(page, posted) for _time in range(2)]

    [draft] = Invoice.objects.drafts()
    assert [answer.url for answer in answers] == [reverse("billing:invoice", args=[draft.pk])] * 2
    assert draft.funding_words.endswith("Account: 01-3010-0")


def test_the_page_says_why_not(settings, as_user, invoice, omar, hal):
    settings.DEMO = True
    reissued(invoice, omar)

    answer = as_user(omar).post(reverse("registrations:reissue", args=[invoice.pk]), {"reason": "Again"})

    assert answer.status_code == 422
    assert "Nothing of INV-2027-0001 stands any more." in answer.content.decode()
    assert as_user(hal).get(reverse("registrations:reissue", args=[invoice.pk])).status_code == 404

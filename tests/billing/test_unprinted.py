"""An invoice that cannot be printed says why, keeps nobody else waiting, and is tried again."""

from typing import Any

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from billing import sending
from billing.models import Dispatch, Invoice, Payer
from office import paper
from office.models import Misprint
from tests import make
from tests.billing.test_invoicing import issued
from tests.billing.test_ledger import charge

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


@pytest.fixture
def unprintable(settings, provider) -> Invoice:
    """For a district whose name has a letter that no font has."""
    settings.DEMO = True
    return issued(*charge(make.line(make.organization("Alder \uf8ff"))))


@pytest.fixture
def fine(unprintable, bristlecone) -> Invoice:
    return issued(*charge(make.line(bristlecone)))


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def shown(client: Any, invoice: Invoice) -> str:
    return text(client.get(reverse("billing:invoice", args=[invoice.pk])))


@pytest.mark.paper
def test_one_that_cannot_be_printed_keeps_nobody_else_waiting(unprintable, fine, as_user, omar):
    sending.send_all([unprintable.pk, fine.pk], by=None, at=make.NOW, key="first")

    assert [dispatch.invoice for dispatch in Dispatch.objects.all()] == [fine]
    page = shown(as_user(omar), unprintable)
    assert "Could not be printed</p> <p>No font here has" in page
    assert "Try again" in page
    assert "every 2s" not in page


def test_the_page_of_an_invoice_on_its_way_asks_for_itself(fine, as_user, omar):
    assert 'hx-trigger="every 2s" hx-select="#sent"' in shown(as_user(omar), fine)


@pytest.mark.paper
def test_one_that_went_out_asks_no_more(fine, as_user, omar):
    sending.send(fine, by=None, at=make.NOW)

    assert "every 2s" not in shown(as_user(omar), fine)


@pytest.mark.paper
@pytest.mark.parametrize(("address", "told"), [("", "is printed again."), ("ap@x.test", "goes to ap@x.test.")])
def test_it_is_tried_again_with_or_without_an_address(unprintable, as_user, omar, address: str, told: str):
    sending.send_all([unprintable.pk], by=None, at=make.NOW, key="first")
    Payer.objects.update(ap_email=address)
    ProcrastinateJob.objects.all().delete()
    client = as_user(omar)

    answer = text(client.post(reverse("billing:send", args=[unprintable.pk]), {"submission_key": "k"}, follow=True))

    assert told in answer
    assert "every 2s" in answer
    assert ProcrastinateJob.objects.get().args["invoices"] == [unprintable.pk]
    assert not Misprint.objects.exists()


@pytest.mark.paper
def test_a_reason_goes_when_the_invoice_is_printed_after_all(fine, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as no_pango:
        no_pango.setattr(paper, "_WHY_NOT", "no libpango")
        sending.send_all([fine.pk], by=None, at=make.NOW, key="first")
    assert list(sending.reasons_unprinted([fine])) == [fine.pk]

    sending.send_all([fine.pk], by=None, at=make.NOW, key="first")

    assert sending.reasons_unprinted([fine]) == {}
    assert Dispatch.objects.count() == 1

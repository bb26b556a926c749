"""The invoices tab of an institute, and the programs of an agreement."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from billing import sending
from billing.models import Dispatch, FundingAgreement, Invoice, Payer
from events.models import Institute
from office import files, paper
from registrations import scopes
from registrations.models import FundingScope, Registration
from tests import make
from tests.registrations.test_billable import draft, seat

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_no_second_factor")]


@pytest.fixture
def _no_second_factor(settings):
    settings.DEMO = True


@pytest.fixture
def institute(provider, alder_valley):
    """LT27-01 with two people of Alder Valley, one paid by the district and one by a grant."""
    make.payee()
    made = make.institute()
    seat(["Ana Torres"], make.line(alder_valley), made, alder_valley)
    grant = make.agreement(name="NSF-LEAP", amount=Decimal(60000))
    seat(["Bo Li"], make.line(alder_valley, grant), made, alder_valley)
    return made


def page(name: str, institute: Institute) -> str:
    return reverse(f"registrations:{name}", args=[institute.pk])


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_the_page_says_what_would_be_invoiced_and_what_a_grant_pays(as_user, omar, institute):
    answer = as_user(omar).get(page("institute_invoices", institute))

    assert [(str(row.line.payer), row.amount) for row, _warnings in answer.context["waiting"]] == [
        ("Alder Valley Unified", Decimal(525))
    ]
    assert [(str(row.line.agreement), row.amount) for row in answer.context["granted"]] == [("NSF-LEAP", Decimal(525))]
    assert "Charged to grants, not invoiced" in text(answer)


def test_an_institute_without_seats_says_what_comes_here(as_user, omar):
    assert "Nothing to invoice yet" in text(as_user(omar).get(page("institute_invoices", make.institute())))


def test_what_is_missing_stands_beside_the_row(as_user, omar, institute):
    Payer.objects.update(ap_email="")

    assert "has no accounts payable e-mail" in text(as_user(omar).get(page("institute_invoices", institute)))


def test_all_are_drafted_by_one_press(as_user, omar, institute):
    answer = as_user(omar).post(page("draft_invoices", institute), follow=True)

    assert "1 invoice is drafted" in text(answer)
    assert "Ana Torres" in text(answer)
    assert [invoice.total for invoice in answer.context["drafts"]] == [Decimal(525)]


def test_drafting_nothing_says_so(as_user, omar):
    answer = as_user(omar).post(page("draft_invoices", make.institute()), follow=True)

    assert "Nothing waits for an invoice." in text(answer)


def test_all_are_issued_by_one_press_and_sent_in_the_background(as_user, omar, institute):
    (unissued,) = draft(institute)

    answer = as_user(omar).post(page("issue_invoices", institute), {"draft": [unissued.pk]}, follow=True)

    reference = Invoice.objects.get().reference
    assert "1 invoice is issued, and mailed if its payer has an accounts payable e-mail." in text(answer)
    assert reference in text(answer)
    assert ProcrastinateJob.objects.get().args["invoices"] == [unissued.pk]


def test_pressed_twice_it_is_issued_once(as_user, omar, institute):
    (unissued,) = draft(institute)
    client = as_user(omar)

    for _time in range(2):
        client.post(page("issue_invoices", institute), {"draft": [unissued.pk, "nonsense"]})

    assert Invoice.objects.get().number == 1
    assert ProcrastinateJob.objects.count() == 1


def test_a_draft_that_nobody_looked_at_is_not_issued(as_user, omar, institute):
    draft(institute)

    as_user(omar).post(page("issue_invoices", institute), {"draft": []})

    assert not Invoice.objects.issued()


def test_drafts_that_have_changed_are_drafted_again_first(as_user, omar, institute):
    draft(institute)
    Registration.objects.update(ended_at=make.NOW)

    answer = text(as_user(omar).get(page("institute_invoices", institute)))

    assert "someone else sits in a seat" in answer
    assert "Issue all and send" not in answer


def test_what_is_on_its_way_is_counted(as_user, omar, institute):
    (unissued,) = draft(institute)
    client = as_user(omar)
    client.post(page("issue_invoices", institute), {"draft": [unissued.pk]})

    before = text(client.get(page("invoices_progress", institute)))
    kept = files.keep(b"%PDF-", name="x.pdf", type=files.PDF, by=None, at=make.NOW)
    Dispatch.objects.create(invoice=unissued, file=kept, at=make.NOW)
    after = text(client.get(page("invoices_progress", institute)))

    assert "0 of 1" in before
    assert "hx-get" in before
    assert "Done: 1 of 1" in after
    assert "Not sent" in text(client.get(page("institute_invoices", institute)))
    assert f'hx-get="{page("institute_invoices", institute)}" hx-trigger="load" hx-select="#issued"' in after


def test_what_could_not_be_printed_says_why_beside_the_invoice(as_user, omar, institute, monkeypatch):
    (unissued,) = draft(institute)
    client = as_user(omar)
    client.post(page("issue_invoices", institute), {"draft": [unissued.pk]})
    with monkeypatch.context() as no_pango:
        no_pango.setattr(paper, "_WHY_NOT", "no libpango")
        sending.send_all([unissued.pk], by=None, at=make.NOW, key="first")

    shown = text(client.get(page("institute_invoices", institute)))

    assert "Not printed" in shown
    assert "Paper needs Pango" in shown
    assert "every 2s" not in shown
    assert "Done: 0 of 1" in text(client.get(page("invoices_progress", institute)))


@pytest.mark.parametrize("who", ["dolores", "bea", "hal"])
def test_the_tab_is_for_staff_who_see_money(request, as_user, institute, who):
    client = as_user(request.getfixturevalue(who))

    assert client.get(page("institute_invoices", institute)).status_code == 403
    assert client.get(page("invoices_progress", institute)).status_code == 403
    assert client.post(page("draft_invoices", institute)).status_code == 403
    assert client.post(page("issue_invoices", institute)).status_code == 403


def test_the_page_asks_as_much_for_one_district_as_for_three(as_user, omar):
    make.payee()
    client = as_user(omar)
    counts = []
    for districts in (1, 3):
        made = make.institute()
        for _number in range(districts):
            district = make.organization("District")
            seat(["Ana Torres"], make.line(district), made, district)
            seat(["Bo Li"], make.line(district, make.agreement()), made, district)
        client.post(page("issue_invoices", made), {"draft": [one.pk for one in draft(made)]})
        for _state in ("drafted", "waiting"):
            draft(made)
            for _number in range(districts):
                district = make.organization("District")
                seat(["Ana Torres"], make.line(district), made, district)
        client.get(page("institute_invoices", made))
        with CaptureQueriesContext(connection) as queries:
            client.get(page("institute_invoices", made))
        counts.append(len(queries))

    assert counts[0] == counts[1]


# --- Programs of an agreement ----------------------------------------------------------------------------------------


def scope_page(agreement: FundingAgreement) -> str:
    return reverse("registrations:agreement_scope", args=[agreement.pk])


def test_an_agreement_is_limited_to_programs(as_user, omar):
    grant, program = make.agreement(), make.program()
    make.program()

    as_user(omar).post(scope_page(grant), {"programs": [program.pk]})

    assert scopes.programs_of(grant) == [program]


def test_the_programs_of_an_agreement_are_changed(as_user, omar):
    grant, old, new = make.agreement(), make.program(), make.program()
    scopes.limit(grant, [old])
    client = as_user(omar)

    assert f'value="{old.pk}" id="id_programs_0" checked' in text(client.get(scope_page(grant)))
    client.post(scope_page(grant), {"programs": [new.pk]})

    assert scopes.programs_of(grant) == [new]


def test_no_program_ticked_is_any(as_user, omar):
    grant = make.agreement()
    scopes.limit(grant, [make.program()])

    as_user(omar).post(scope_page(grant), {})

    assert not FundingScope.objects.exists()


def test_a_program_that_is_none_comes_back(as_user, omar):
    assert as_user(omar).post(scope_page(make.agreement()), {"programs": ["0"]}).status_code == 422


def test_a_district_limits_no_agreement(as_user, dolores, alder_valley):
    assert as_user(dolores).get(scope_page(make.agreement(alder_valley))).status_code == 403

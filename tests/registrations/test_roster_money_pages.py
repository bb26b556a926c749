"""Who pays for a roster: chosen, priced, refused and sent."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing.models import Charge, FundingAgreement, FundingLine, PurchaseOrder
from people.models import User
from registrations.models import Order, RosterDraft
from registrations.rosters import drafting
from tests import make
from tests.registrations.roster_pages import page, post


@pytest.fixture
def clean(draft: RosterDraft) -> RosterDraft:
    """Two people, one left out."""
    return drafting.change_rows(draft, [3], at=make.NOW, decision="leave_out")


def test_the_ticked_are_paid_for_by_what_was_chosen(clean, alder_valley, dolores: User, as_user):
    title, grant = make.line(alder_valley), make.agreement(name="NSF-LEAP", amount=Decimal(600))
    client = as_user(dolores)

    post(client, "roster_funding", clean.pk, everyone="yes", pays=f"line-{title.pk}")
    post(client, "roster_funding", clean.pk, rows=[2], pays=f"agreement-{grant.pk}")

    price = page(client, "roster_funding", clean.pk).context["price"]
    assert {str(bill.option): (bill.seats, bill.amount, bill.left_after) for bill in price.bills} == {
        "NSF-LEAP": (1, Decimal(525), Decimal(75)),
        str(title): (1, Decimal(525), None),
    }
    assert (price.total, price.unpaid) == (Decimal(1050), 0)


def test_money_is_chosen_for_someone(clean, alder_valley, dolores: User, as_user):
    line = make.line(alder_valley)

    answer = post(as_user(dolores), "roster_funding", clean.pk, pays=f"line-{line.pk}")

    assert answer.status_code == 422
    assert "Tick the people this money pays for" in answer.content.decode()


def test_a_grant_that_ends_in_the_middle_needs_someone_for_the_rest(clean, alder_valley, dolores: User, as_user):
    grant = make.agreement(ends_on=make.date(2027, 1, 22))
    line = make.line(alder_valley)
    client = as_user(dolores)

    answer = post(client, "roster_funding", clean.pk, everyone="yes", pays=f"agreement-{grant.pk}")
    assert "pays from January 21 to January 22 only" in answer.content.decode()
    post(client, "roster_funding", clean.pk, everyone="yes", pays=f"agreement-{grant.pk}", rest=f"line-{line.pk}")
    price = page(client, "roster_funding", clean.pk).context["price"]
    post(client, "roster_confirm", clean.pk)

    assert [(bill.seats, bill.amount) for bill in price.bills] == [(2, Decimal(700)), (2, Decimal(350))]
    assert sorted(charge.amount for charge in Charge.objects.all()) == [Decimal(175)] * 2 + [Decimal(350)] * 2


def test_a_rest_that_does_not_cover_the_other_days_pays_for_nobody(clean, dolores: User, as_user):
    early, late = make.agreement(ends_on=make.date(2027, 1, 21)), make.agreement(starts_on=make.date(2027, 1, 23))
    client = as_user(dolores)

    pays = {"pays": f"agreement-{early.pk}", "rest": f"agreement-{late.pk}"}
    post(client, "roster_funding", clean.pk, everyone="yes", **pays)

    assert page(client, "roster_funding", clean.pk).context["price"].unpaid == 2
    assert "does not cover all the days" in post(client, "roster_confirm", clean.pk).content.decode()


def test_a_line_is_added_on_the_spot(clean, dolores: User, as_user):
    client = as_user(dolores)
    asked = {"source": "lcff_supplemental", "account_string": "01-0930", "lcap_year": "2026-27", "lcap_goal": "2"}
    refused = post(client, "roster_line", clean.pk, **asked)

    post(client, "roster_line", clean.pk, **asked, attests="on", is_contributing="on")

    assert "LCFF money needs someone who attests it." in refused.content.decode()
    line = FundingLine.objects.get()
    assert (line.attested_by, line.account_string, line.is_contributing) == ("Dolores Quintero", "01-0930", True)


def test_a_purchase_order_is_added_and_chosen(clean, alder_valley, dolores: User, as_user):
    line = make.line(alder_valley)
    client = as_user(dolores)
    post(client, "roster_funding", clean.pk, everyone="yes", pays=f"line-{line.pk}")

    post(client, "roster_new_order", clean.pk, number="B27-0042", amount="5250.00", expires_on="2027-06-30")
    post(
        client,
        "roster_purchase_order",
        clean.pk,
        option=f"line-{line.pk}",
        purchase_order=PurchaseOrder.objects.get().pk,
    )
    post(client, "roster_confirm", clean.pk)

    assert PurchaseOrder.objects.get().drawn == Decimal(1050)


def test_a_number_that_is_here_with_another_amount_is_refused(clean, alder_valley, dolores: User, as_user):
    make.purchase_order(alder_valley, number="B27-0042")

    answer = post(as_user(dolores), "roster_new_order", clean.pk, number="B27-0042", amount="1.00")

    assert "Purchase order B27-0042 is here already, over $5,250.00." in answer.content.decode()


def test_what_the_money_refuses_is_said_and_nothing_is_lost(clean, alder_valley, dolores: User, as_user):
    grant = make.agreement(name="NSF-LEAP", amount=Decimal(600))
    client = as_user(dolores)
    post(client, "roster_funding", clean.pk, everyone="yes", pays=f"agreement-{grant.pk}")

    answer = post(client, "roster_confirm", clean.pk)

    assert answer.status_code == 422
    assert "NSF-LEAP has $600.00 left; this needs $1,050.00 (2 × $525.00)." in answer.content.decode()
    assert (Order.objects.count(), RosterDraft.objects.unsubmitted().count()) == (0, 1)


def test_confirming_twice_shows_the_same_order(clean, alder_valley, dolores: User, as_user):
    client = as_user(dolores)
    post(client, "roster_funding", clean.pk, everyone="yes", pays=f"line-{make.line(alder_valley).pk}")

    first, second = post(client, "roster_confirm", clean.pk), post(client, "roster_confirm", clean.pk)

    assert first.url == second.url == reverse("registrations:order", args=[Order.objects.get().pk])
    for name in ("roster", "roster_funding", "roster_confirm"):
        assert page(client, name, clean.pk).url == first.url


# --- Money that is spent ----------------------------------------------------------------------------------------------


@pytest.fixture
def almost_spent(provider) -> FundingAgreement:
    """A grant that pays for no whole seat any more."""
    return make.agreement(name="NSF-LEAP", amount=Decimal(5250), charged=Decimal(5000))


def test_a_grant_that_pays_for_no_whole_seat_is_shown_as_spent_and_not_offered(
    clean, almost_spent, alder_valley, dolores: User, as_user
):
    line = make.line(alder_valley)
    client = as_user(dolores)

    shown = page(client, "roster_funding", clean.pk)
    answer = post(client, "roster_funding", clean.pk, everyone="yes", pays=f"agreement-{almost_spent.pk}")

    assert [key for key, _words in shown.context["form"].fields["pays"].choices] == [f"line-{line.pk}"]
    assert [bill.option.is_spent for bill in shown.context["price"].bills] == [True, False]
    assert "Spent" in shown.content.decode()
    assert answer.status_code == 422
    clean.refresh_from_db()
    assert [row["pays"] for row in clean.rows] == ["", "", ""]


def test_a_grant_that_pays_for_one_more_seat_is_offered(clean, almost_spent, dolores: User, as_user):
    FundingAgreement.objects.update(charged=Decimal(4725))

    form = page(as_user(dolores), "roster_funding", clean.pk).context["form"]

    assert [key for key, _words in form.fields["pays"].choices] == [f"agreement-{almost_spent.pk}"]


def test_a_roster_that_chose_a_grant_before_it_was_spent_says_so(clean, almost_spent, dolores: User, as_user):
    drafting.change_rows(clean, [1, 2], at=make.NOW, pays=f"agreement-{almost_spent.pk}")
    client = as_user(dolores)

    for name in ("roster_funding", "roster_confirm"):
        assert (
            "Spent since it was chosen: choose other money for 2 people."
            in page(client, name, clean.pk).content.decode()
        )
    refused = post(client, "roster_confirm", clean.pk)

    assert "NSF-LEAP has $250.00 left; this needs $1,050.00" in refused.content.decode()


def test_where_all_money_is_spent_the_page_says_what_to_do(clean, almost_spent, dolores: User, as_user):
    shown = page(as_user(dolores), "roster_funding", clean.pk).content.decode()

    assert "Everything that could pay here is spent. Add a line of your budget" in shown


def test_what_costs_nothing_is_never_spent(clean, almost_spent, dolores: User, as_user):
    clean.institute.price = Decimal(0)
    clean.institute.save()

    assert not page(as_user(dolores), "roster_funding", clean.pk).context["price"].bills[0].option.is_spent


def test_a_purchase_order_and_a_line_keep_their_papers(clean: RosterDraft, dolores: User, as_user) -> None:
    client = as_user(dolores)
    pdf = SimpleUploadedFile("po.pdf", b"%PDF-1.7\n%%EOF\n")

    post(client, "roster_new_order", clean.pk, number="B27-0042", amount="5250.00", issued_on="2026-11-02", file=pdf)
    pdf.seek(0)
    post(client, "roster_line", clean.pk, source="title_ii", evidence=pdf)

    order, line = PurchaseOrder.objects.get(), FundingLine.objects.get()
    assert (order.file.name, order.issued_on, line.evidence.name) == ("po.pdf", make.date(2026, 11, 2), "po.pdf")


@pytest.mark.parametrize(
    ("name", "field", "asked"),
    [
        ("roster_new_order", "file", {"number": "B27", "amount": "1.00"}),
        ("roster_line", "evidence", {"source": "title_ii"}),
    ],
)
def test_a_paper_of_another_kind_is_refused_beside_its_field(name, field, asked, clean, dolores, as_user) -> None:
    answer = post(
        as_user(dolores), name, clean.pk, **asked, **{field: SimpleUploadedFile("a.xls", b"\xd0\xcf\x11\xe0")}
    )

    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert (PurchaseOrder.objects.count(), FundingLine.objects.count()) == (0, 0)

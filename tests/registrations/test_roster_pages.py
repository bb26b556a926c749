"""The pages of a roster: three steps from a spreadsheet to seats, money and mail."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from billing.models import Charge, FundingLine, PurchaseOrder
from people.models import Organization, Person, User
from registrations.models import Order, Registration, RosterDraft
from registrations.rosters import drafting, reading
from tests import make

SHEET = "First,Last,Email\nAna,Ruiz,ana@example.test\nBo,Li,bo@example.test\nCy,Wu,cy@@\n"


@pytest.fixture
def winter(provider):
    make.payee()
    return make.institute(
        code="LT27-01",
        registration_opens_at=make.datetime(2020, 1, 1, tzinfo=make.UTC),
        registration_closes_at=make.datetime(2120, 1, 1, tzinfo=make.UTC),
    )


@pytest.fixture
def draft(winter, alder_valley: Organization, dolores: User) -> RosterDraft:
    made = drafting.start(alder_valley, winter, by=dolores, at=make.NOW)
    return drafting.lay(made, reading.read_text(SHEET), replacing=True, at=make.NOW)


def page(client: Client, name: str, *args, **query):
    return client.get(reverse(f"registrations:{name}", args=args), query)


def post(client: Client, name: str, *args, **asked):
    return client.post(reverse(f"registrations:{name}", args=args), asked)


def test_forty_teachers_in_three_steps(
    winter, alder_valley, dolores: User, as_user, django_capture_on_commit_callbacks
):
    client = as_user(dolores)
    line = make.line(alder_valley)
    pasted = "Name\tE-mail\n" + "\n".join(f"Teacher No{n}\tt{n}@example.test" for n in range(40))

    roster = client.post(
        reverse("registrations:roster_start", args=[winter.pk]),
        {"sponsor": alder_valley.pk, "pasted": pasted},
        follow=True,
    )
    draft = roster.context["draft"]
    post(client, "roster_funding", draft.pk, everyone="yes", pays=f"line-{line.pk}")
    answer = client.post(reverse("registrations:roster_confirm", args=[draft.pk]), follow=True)

    assert "Registered." in answer.content.decode()
    assert Registration.objects.count() == 40
    assert sum(charge.amount for charge in Charge.objects.all()) == 40 * Decimal(525)


def test_a_roster_is_uploaded(winter, alder_valley: Organization, dolores: User, as_user):
    file = SimpleUploadedFile("staff.csv", SHEET.encode())

    answer = post(as_user(dolores), "roster_start", winter.pk, sponsor=alder_valley.pk, file=file)

    draft = RosterDraft.objects.get()
    assert answer.url == reverse("registrations:roster", args=[draft.pk])
    assert (len(draft.rows), draft.source_name) == (3, "staff.csv")


@pytest.mark.parametrize(
    ("asked", "field", "sentence"),
    [
        ({}, "pasted", "There is nothing here yet"),
        ({"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7")}, "file", "This file is no spreadsheet"),
        ({"file": SimpleUploadedFile("a.csv", b"")}, "file", "This file is empty"),
        ({"pasted": "Student Name,Grade\nKim,3\n"}, "pasted", "This looks like a list of pupils"),
    ],
)
def test_what_is_no_roster_gets_a_sentence_beside_its_field(
    asked, field, sentence, winter, alder_valley, dolores, as_user
):
    answer = post(as_user(dolores), "roster_start", winter.pk, sponsor=alder_valley.pk, **asked)

    assert answer.status_code == 422
    assert answer.context["form"].errors[field][0].startswith(sentence)


def test_a_roster_that_waits_is_found_again(draft: RosterDraft, winter, dolores: User, as_user):
    answer = page(as_user(dolores), "roster_start", winter.pk)

    assert list(answer.context["drafts"]) == [draft]


def test_pasting_at_the_start_adds_to_the_roster_that_waits(draft, winter, alder_valley, dolores: User, as_user):
    post(as_user(dolores), "roster_start", winter.pk, sponsor=alder_valley.pk, pasted="Di,Xu,di@example.test")

    draft.refresh_from_db()
    assert [row["given_name"] for row in draft.rows] == ["Ana", "Bo", "Cy", "Di"]


def test_each_row_says_what_will_happen(draft: RosterDraft, dolores: User, as_user):
    answer = page(as_user(dolores), "roster", draft.pk)

    assert [verdict.kind for verdict in answer.context["page"]] == ["new", "new", "refused"]
    assert "“cy@@” is no e-mail address" in answer.content.decode()


def test_rows_that_need_attention_are_shown_alone(draft: RosterDraft, dolores: User, as_user):
    answer = page(as_user(dolores), "roster", draft.pk, show="attention")

    assert [verdict.row.given_name for verdict in answer.context["page"]] == ["Cy"]


def test_a_sheet_whose_headers_nobody_knows_says_so(winter, alder_valley, dolores: User, as_user):
    made = drafting.start(alder_valley, winter, by=dolores, at=make.NOW)
    drafting.lay(made, reading.read_text("Wibble,Wobble\nx1,zz\n"), replacing=True, at=make.NOW)

    assert "No header was known" in page(as_user(dolores), "roster", made.pk).content.decode()


def test_a_row_is_changed_in_its_place(draft: RosterDraft, dolores: User, as_user):
    client = as_user(dolores)
    assert "cy@@" in page(client, "roster_row", draft.pk, 3).content.decode()

    answer = post(client, "roster_row", draft.pk, 3, given_name="Cy", family_name="Wu", email="CY@example.test")

    assert answer.url.endswith("?row=3#row-3")
    draft.refresh_from_db()
    assert draft.rows[2]["email"] == "cy@example.test"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"given_name": "Cy", "email": "cy@@"}, "This is no e-mail address"),
        ({"email": "cy@example.test"}, "Write a name, or leave the row out."),
        ({"given_name": "=1+1"}, "A cell holds a formula"),
    ],
)
def test_a_row_changed_for_the_worse_comes_back(asked, sentence, draft: RosterDraft, dolores: User, as_user):
    answer = post(as_user(dolores), "roster_row", draft.pk, 3, **asked)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_row_that_is_gone_is_a_404(draft: RosterDraft, dolores: User, as_user):
    assert page(as_user(dolores), "roster_row", draft.pk, 99).status_code == 404


def test_a_question_is_answered_by_a_button(draft, ana: Person, dolores: User, as_user):
    drafting.change_rows(draft, [1], at=make.NOW, given_name="Ana", family_name="Torres")
    client = as_user(dolores)
    assert page(client, "roster", draft.pk).context["page"][0].candidates == [ana]

    post(client, "roster_decide", draft.pk, decide=f"1:person-{ana.pk}")

    assert page(client, "roster", draft.pk).context["page"][0].kind == "known"


@pytest.mark.parametrize(("decide", "decision"), [("1:leave_out", "leave_out"), ("1:new", "new"), ("1:", "")])
def test_a_row_is_decided(decide: str, decision: str, draft: RosterDraft, dolores: User, as_user):
    post(as_user(dolores), "roster_decide", draft.pk, decide=decide)

    draft.refresh_from_db()
    assert draft.rows[0]["decision"] == decision


def test_a_button_that_nobody_made_does_nothing(draft: RosterDraft, dolores: User, as_user):
    answer = as_user(dolores).post(
        reverse("registrations:roster_decide", args=[draft.pk]), {"decide": "1:sudo"}, follow=True
    )

    assert "This row is not here any more." in answer.content.decode()


def test_all_rows_in_the_way_are_left_out_at_once(draft: RosterDraft, dolores: User, as_user):
    post(as_user(dolores), "roster_leave_out", draft.pk)

    draft.refresh_from_db()
    assert [row["decision"] for row in draft.rows] == ["", "", "leave_out"]


def test_the_corrected_sheet_is_laid_over(draft: RosterDraft, dolores: User, as_user):
    post(as_user(dolores), "roster_lay", draft.pk, pasted=SHEET.replace("cy@@", "cy@example.test"), replacing="whole")

    draft.refresh_from_db()
    assert [row["key"] for row in draft.rows] == [1, 2, 3]


def test_a_sheet_that_cannot_be_read_leaves_the_roster(draft: RosterDraft, dolores: User, as_user):
    answer = post(as_user(dolores), "roster_lay", draft.pk, pasted="", replacing="whole")

    assert answer.status_code == 422
    assert len(answer.context["page"]) == 3


def test_columns_are_chosen_anew(draft: RosterDraft, dolores: User, as_user):
    post(as_user(dolores), "roster_columns", draft.pk, given_name=1, family_name=0, email=2)

    draft.refresh_from_db()
    assert draft.rows[0]["given_name"] == "Ruiz"


def test_columns_without_a_name_are_refused(draft: RosterDraft, dolores: User, as_user):
    answer = post(as_user(dolores), "roster_columns", draft.pk, email=2)

    assert answer.status_code == 422
    assert "Say at least which column holds the names." in answer.content.decode()


def test_known_people_are_picked(draft: RosterDraft, ana: Person, dolores: User, as_user):
    client = as_user(dolores)
    assert list(page(client, "roster_people", draft.pk, q="torr").context["page"]) == [ana]

    post(client, "roster_people", draft.pk, people=[ana.pk])

    draft.refresh_from_db()
    assert draft.rows[-1]["person_id"] == ana.pk


def test_people_of_other_districts_cannot_be_picked(draft, bristlecone: Organization, dolores: User, as_user):
    stranger = make.person("Hana Abe", at=bristlecone)

    answer = post(as_user(dolores), "roster_people", draft.pk, people=[stranger.pk])

    assert answer.status_code == 422


# --- Money ------------------------------------------------------------------------------------------------------------


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


def test_a_roster_of_three_asks_as_often_as_a_roster_of_one(
    winter, alder_valley, dolores, as_user, django_assert_max_num_queries
):
    client = as_user(dolores)
    counted = []
    for rows in (1, 3):
        RosterDraft.objects.all().delete()
        made = drafting.start(alder_valley, winter, by=dolores, at=make.NOW)
        people = [make.person(f"Pat No{rows}{n}", f"p{rows}{n}@example.test", at=alder_valley) for n in range(rows)]
        drafting.add_people(made, people, at=make.NOW)
        with django_assert_max_num_queries(40) as queries:
            page(client, "roster", made.pk)
            page(client, "roster_funding", made.pk)
            page(client, "roster_people", made.pk)
        counted.append(len(queries))

    assert counted[0] == counted[1]


# --- Who may ----------------------------------------------------------------------------------------------------------

PAGES = ["roster", "roster_people", "roster_funding", "roster_line", "roster_new_order", "roster_confirm"]
DEEDS = ["roster_lay", "roster_columns", "roster_decide", "roster_leave_out", "roster_purchase_order", "roster_confirm"]


@pytest.mark.parametrize("name", PAGES)
def test_a_roster_is_seen_by_those_who_may_register(name: str, draft: RosterDraft, dolores, omar, bea, hal, as_user):
    answers = {str(who): page(as_user(who), name, draft.pk).status_code for who in (dolores, bea, hal)}

    assert answers == {"Dolores Quintero": 200, "Bea Lindqvist": 403, "Hal Nakamura": 404}


@pytest.mark.parametrize("name", DEEDS)
def test_nobody_else_changes_a_roster(name: str, draft: RosterDraft, bea: User, hal: User, as_user):
    before = RosterDraft.objects.values("rows", "funding", "revision").get()

    assert [post(as_user(who), name, draft.pk).status_code for who in (bea, hal)] == [403, 404]
    assert RosterDraft.objects.values("rows", "funding", "revision").get() == before


def test_the_business_office_cannot_start_a_roster(winter, bea: User, as_user):
    assert page(as_user(bea), "roster_start", winter.pk).status_code == 403


def test_nobody_registers_for_a_district_not_hers(winter, alder_valley: Organization, hal: User, as_user):
    answer = post(as_user(hal), "roster_start", winter.pk, sponsor=alder_valley.pk, pasted=SHEET)

    assert answer.status_code == 422
    assert not RosterDraft.objects.exists()

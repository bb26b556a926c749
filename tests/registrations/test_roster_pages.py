"""The pages of a roster: three steps from a spreadsheet to seats, money and mail."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing.models import Charge
from people.models import Organization, Person, User
from registrations.models import Registration, RosterDraft
from registrations.rosters import drafting, reading
from tests import make
from tests.registrations.roster_pages import SHEET, page, post


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


def test_a_sheet_without_a_column_of_names_asks_which_it_is(draft: RosterDraft, dolores: User, as_user):
    client = as_user(dolores)

    answer = post(
        client, "roster_lay", draft.pk, pasted="Wibble\tE-mail\nAna Torres\tana@example.test", replacing="more"
    )

    html = client.get(answer.url).content.decode()
    assert "no column of names was found" in html
    assert 'id="columns" open' in html
    assert "Nothing changed" not in html


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
        with django_assert_max_num_queries(60) as queries:
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

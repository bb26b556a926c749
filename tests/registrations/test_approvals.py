"""Approvals: asked by mail, answered by a click, and only of the roster as it stood."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from office.models import Message
from people.models import Organization, User
from registrations import approvals
from registrations.approvals import CannotApprove, LinkRefused
from registrations.enrollment import CannotRegister
from registrations.models import Approval, Decision, Order, RosterDraft
from registrations.rosters import drafting, reading, sending
from tests import make

pytestmark = pytest.mark.django_db

SHEET = "First,Last,Email\nAna,Torres,ana@avusd.example.test\nBo,Li,bo@avusd.example.test\n"
PRINCIPAL = "principal@avusd.example.test"


@pytest.fixture
def draft(provider: Any, alder_valley: Organization, dolores: User) -> RosterDraft:
    make.payee()
    line = make.line(alder_valley, account_string="01-4035")
    made = drafting.start(alder_valley, make.institute(code="LT27-01"), by=dolores, at=make.NOW)
    drafting.lay(made, reading.read_text(SHEET), replacing=True, at=make.NOW)
    made.refresh_from_db()
    drafting.change_rows(made, [row["key"] for row in made.rows], at=make.NOW, pays=f"line-{line.pk}")
    made.refresh_from_db()
    return made


@pytest.fixture
def asked(draft: RosterDraft, dolores: User) -> Approval:
    return ask(draft, dolores)


def ask(draft: RosterDraft, by: User, email: str = PRINCIPAL, **more: Any) -> Approval:
    return approvals.ask(draft, email=email, **{"name": "Pat Moss"} | more, by=by, at=make.NOW)


def token_of(approval: Approval) -> str:
    return signing.dumps(approval.pk, salt="registrations.approvals")


def decide(approval: Approval, decision: str = "approved", name: str = "Pat Moss", words: str = "") -> Approval:
    return approvals.decide(token_of(approval), decision=Decision(decision), name=name, words=words, at=make.NOW)


def change(draft: RosterDraft) -> RosterDraft:
    drafting.change_rows(draft, [draft.rows[0]["key"]], at=make.NOW, decision="leave_out")
    draft.refresh_from_db()
    return draft


def link(approval: Approval) -> str:
    return reverse("registrations:approval", args=[token_of(approval)])


# --- Asking -----------------------------------------------------------------------------------------------------------


def test_the_mail_says_who_asks_what_it_costs_and_leads_to_the_page(asked: Approval) -> None:
    mail = Message.objects.get(to=PRINCIPAL)

    assert mail.subject == "Please approve: 2 seats for Alder Valley Unified at LT27-01"
    for words in (
        "Dolores Quintero asks you to approve 2 seats for Alder Valley Unified",
        "$1,050.00",
        "December 2, 2026",
    ):
        assert words in mail.text
    token = mail.text.partition("/approvals/")[2].partition("/")[0]
    assert approvals.read(token) == asked


@pytest.mark.parametrize(
    ("email", "sentence"), [("nobody", "“nobody” is not an e-mail address"), (PRINCIPAL.upper(), "was asked already")]
)
def test_who_cannot_be_asked_is_said(draft: RosterDraft, asked: Approval, dolores: User, email: str, sentence: str):
    with pytest.raises(CannotApprove, match=sentence):
        ask(draft, dolores, email)

    assert Approval.objects.count() == 1


def test_a_roster_that_takes_no_seat_asks_nobody(draft: RosterDraft, dolores: User) -> None:
    drafting.change_rows(draft, [row["key"] for row in draft.rows], at=make.NOW, decision="leave_out")

    with pytest.raises(CannotApprove, match="nothing to approve"):
        ask(draft, dolores)


# --- While it waits ---------------------------------------------------------------------------------------------------


def test_while_one_is_asked_the_roster_is_not_sent(draft: RosterDraft, asked: Approval, dolores: User) -> None:
    with pytest.raises(CannotRegister, match="Pat Moss was asked to approve this roster and has not answered"):
        sending.submit(draft, by=dolores, at=make.NOW)

    assert not Order.objects.exists()


def test_taken_back_it_stands_in_nobodys_way(draft: RosterDraft, asked: Approval, dolores: User) -> None:
    approvals.take_back(asked, at=make.NOW)

    assert sending.submit(draft, by=dolores, at=make.NOW)
    with pytest.raises(CannotApprove, match="taken back already"):
        approvals.take_back(asked, at=make.NOW)
    with pytest.raises(CannotApprove, match="nothing is needed from you"):
        decide(asked)


def test_approved_it_is_sent(draft: RosterDraft, asked: Approval, dolores: User) -> None:
    decide(asked)

    assert approvals.standing(draft).is_approved
    assert sending.submit(draft, by=dolores, at=make.NOW)


def test_approved_before_it_changed_is_no_approval(draft: RosterDraft, asked: Approval, dolores: User) -> None:
    decide(asked)
    change(draft)

    with pytest.raises(CannotRegister, match="Pat Moss approved the roster before it changed"):
        sending.submit(draft, by=dolores, at=make.NOW)
    decide(ask(draft, dolores))
    assert approvals.standing(draft).is_approved


def test_declined_says_the_words(draft: RosterDraft, asked: Approval, dolores: User) -> None:
    decide(asked, "declined", words="Only one of them,\nplease.")

    with pytest.raises(CannotRegister, match=r"Pat Moss declined this roster.*“Only one of them, please.”"):
        sending.submit(draft, by=dolores, at=make.NOW)


def test_everyone_who_was_asked_must_approve(draft: RosterDraft, asked: Approval, dolores: User) -> None:
    other = ask(draft, dolores, "office@avusd.example.test", name="")
    decide(asked)

    assert "office@avusd.example.test was asked" in approvals.standing(draft).sentence
    decide(other, "declined")
    assert "declined this roster" in approvals.standing(draft).sentence


def test_who_asked_hears_the_answer_at_once(asked: Approval, dolores: User) -> None:
    decide(asked, words="Have a good time.")

    mail = Message.objects.get(to=dolores.email)
    assert mail.subject == "Pat Moss approved the roster for LT27-01"
    assert "“Have a good time.”" in mail.text


# --- Answering --------------------------------------------------------------------------------------------------------


def test_a_scanner_that_opens_the_link_answers_nothing(client: Client, asked: Approval) -> None:
    for _time in range(3):
        client.get(link(asked))
        client.head(link(asked))

    asked.refresh_from_db()
    assert (asked.decision, asked.decided_at) == ("", None)


def test_the_page_shows_people_seats_money_and_terms_and_nothing_else(client: Client, asked: Approval) -> None:
    make.purchase_order(asked.draft.sponsor, number="PO-SECRET")
    make.placed(asked.draft.sponsor, make.institute(), "Somebody Else")

    answer = client.get(link(asked))

    page = answer.content.decode()
    for words in ("Ana Torres", "Bo Li", "2 people", "$1,050.00", "01-4035", "all of the price comes back", "Approve"):
        assert words in page
    for secret in ("PO-SECRET", "Somebody", "ana@avusd"):
        assert secret not in page
    assert (answer["Referrer-Policy"], answer["X-Robots-Tag"]) == ("same-origin", "noindex, nofollow")


def test_an_answer_needs_a_name_and_a_button(client: Client, asked: Approval) -> None:
    nameless = client.post(link(asked), {"decision": "approved", "name": " "})
    undecided = client.post(link(asked), {"name": "Pat Moss", "decision": "perhaps"})

    assert [nameless.status_code, undecided.status_code] == [422, 422]
    assert not Approval.objects.exclude(decision="").exists()


def test_one_click_with_a_name_answers_once(client: Client, asked: Approval) -> None:
    client.post(link(asked), {"decision": "approved", "name": "Pat Moss", "words": ""})
    second = client.post(link(asked), {"decision": "declined", "name": "Pat Moss"}, follow=True)

    asked.refresh_from_db()
    assert (asked.decision, asked.decided_by) == ("approved", "Pat Moss")
    assert "Pat Moss answered this already: approved." in second.content.decode()


def test_a_roster_that_changed_since_is_not_answered(client: Client, draft: RosterDraft, asked: Approval) -> None:
    change(draft)

    page = client.get(link(asked)).content.decode()

    assert "The roster changed after you were asked." in page
    assert "Ana Torres" not in page
    with pytest.raises(CannotApprove, match="The roster changed after you were asked"):
        decide(asked)


def test_a_roster_that_was_sent_needs_no_answer(draft: RosterDraft, asked: Approval, dolores: User) -> None:
    approvals.take_back(asked, at=make.NOW)
    sending.submit(draft, by=dolores, at=make.NOW)
    Approval.objects.update(taken_back_at=None)

    with pytest.raises(CannotApprove, match="was sent meanwhile"):
        decide(asked)


@pytest.mark.parametrize("wrong", ["x", "MQ:1abc:def"])
def test_a_forged_link_opens_nothing(client: Client, asked: Approval, wrong: str) -> None:
    answer = client.get(reverse("registrations:approval", args=[wrong]))

    assert answer.status_code == 403
    assert "Alder Valley" not in answer.content.decode()


def test_a_link_of_another_kind_or_of_nothing_opens_nothing(asked: Approval) -> None:
    for token in (signing.dumps(asked.pk, salt="people.links"), signing.dumps(0, salt="registrations.approvals")):
        with pytest.raises(LinkRefused, match="not complete"):
            approvals.read(token)


def test_a_link_is_good_for_30_days(asked: Approval, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(asked)
    monkeypatch.setattr(approvals, "VALID_FOR", timedelta(seconds=-1))

    with pytest.raises(LinkRefused, match="expired after 30 days"):
        approvals.read(token)


# --- The coordinator's page -------------------------------------------------------------------------------------------


def test_the_coordinator_asks_sees_the_answer_and_takes_it_back(draft: RosterDraft, dolores: User, as_user: Any):
    client: Client = as_user(dolores)
    where = reverse("registrations:roster_approval", args=[draft.pk])

    client.post(where, {"email": PRINCIPAL, "name": "Pat Moss", "note": "Science adoption"})
    [made] = Approval.objects.all()
    decide(made)
    page = client.get(where).content.decode()
    client.post(reverse("registrations:take_back_approval", args=[draft.pk, made.pk]))

    assert "Approved as it stands. You can send it." in page
    assert approvals.standing(draft).approvals == []


def test_a_refusal_stands_beside_the_address(draft: RosterDraft, asked: Approval, dolores: User, as_user: Any) -> None:
    answer = as_user(dolores).post(reverse("registrations:roster_approval", args=[draft.pk]), {"email": PRINCIPAL})

    assert answer.status_code == 422
    assert "was asked already" in str(answer.context["form"].errors["email"])


def test_another_district_reaches_no_approval(draft: RosterDraft, asked: Approval, hal: User, as_user: Any) -> None:
    client: Client = as_user(hal)

    answers = [
        client.get(reverse("registrations:roster_approval", args=[draft.pk])),
        client.post(reverse("registrations:take_back_approval", args=[draft.pk, asked.pk])),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_a_roster_that_was_sent_leads_to_its_order(draft: RosterDraft, dolores: User, as_user: Any) -> None:
    order = sending.submit(draft, by=dolores, at=make.NOW)

    answer = as_user(dolores).get(reverse("registrations:roster_approval", args=[draft.pk]))

    assert answer["Location"] == reverse("registrations:order", args=[order.pk])


def test_taken_back_twice_it_says_so(draft: RosterDraft, asked: Approval, dolores: User, as_user: Any) -> None:
    where = reverse("registrations:take_back_approval", args=[draft.pk, asked.pk])

    answers = [as_user(dolores).post(where, follow=True).content.decode() for _time in range(2)]

    assert "The question is taken back; the roster does not wait for it." in answers[0]
    assert "This was taken back already." in answers[1]


def test_an_answer_without_a_name_is_refused_by_the_verb_too(asked: Approval) -> None:
    with pytest.raises(CannotApprove, match="Write your name"):
        decide(asked, name="  ")


def test_whoever_asked_and_is_gone_is_told_nothing(asked: Approval) -> None:
    Approval.objects.update(asked_by=None)
    before = Message.objects.count()

    decide(asked)

    assert Message.objects.count() == before


def test_the_api_asks_and_refuses_as_the_page_does(as_user, draft, dolores, bea, hal):
    asked = {"draft": draft.pk, "email": "pat@avusd.example.test", "name": "Pat Moss"}

    def answers(who: User) -> int:
        client = as_user(who)
        return client.post("/api/v1/approvals/", asked, content_type="application/json").status_code

    assert [answers(who) for who in (hal, bea, dolores, dolores)] == [400, 403, 201, 400]
    assert [approval.email for approval in Approval.objects.all()] == ["pat@avusd.example.test"]

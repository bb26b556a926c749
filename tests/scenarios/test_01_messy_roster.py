"""Scenario 1: seventeen messy rows are pasted, answered, sent; the corrected sheet changes only the two rows."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from billing.models import Charge
from office.models import Message
from people.models import EmailAddress, Organization, Person, User
from registrations import tasks
from registrations.models import Order, Registration, RosterDraft, Seat
from registrations.rosters import drafting, reading
from registrations.rosters.judging import Kind
from tests import make
from tests.registrations.roster_pages import page, post

PEOPLE = [f"T{number},Eacher,t{number}@avusd.example.test" for number in range(12)]
MESSY = [
    *PEOPLE,
    "MARIA,DEL CARMEN,maria@avusd.example.test",
    "Bo,Li,",
    "Cy,Wu,",
    "Ines,Barragán,ines@aldervalley.example.test",
    "T3,Eacher,t3@avusd.example.test",
]
SHEET = "First,Last,Email\n" + "\n".join(MESSY)
CORRECTED = SHEET.replace("Bo,Li,", "Bo,Li,bo@avusd.example.test").replace("Cy,Wu,", "Cy,Wu,cy@avusd.example.test")


@pytest.fixture
def ines(alder_valley: Organization) -> Person:
    return make.person("Ines Barragán", "ines@avusd.example.test", at=alder_valley)


@pytest.fixture
def winter(provider: Any) -> Any:
    make.payee()
    return make.institute(code="LT27-01", registration_closes_at=make.datetime(2120, 1, 1, tzinfo=make.UTC))


@pytest.fixture
def pasted(winter: Any, alder_valley: Organization, dolores: User, ines: Person) -> RosterDraft:
    draft = drafting.start(alder_valley, winter, by=dolores, at=make.NOW)
    drafting.lay(draft, reading.read_text(SHEET), replacing=True, at=make.NOW)
    return draft


def kinds(draft: RosterDraft, who: User, *, at: Any = make.NOW) -> dict[Kind, int]:
    found = [verdict.kind for verdict in drafting.judged(draft, at, who=who)]
    return {kind: found.count(kind) for kind in set(found)}


def sent(client: Any, draft: RosterDraft, line: Any) -> Any:
    post(client, "roster_funding", draft.pk, everyone="yes", pays=f"line-{line.pk}")
    answer = post(client, "roster_confirm", draft.pk)
    for order in Order.objects.all():
        tasks.confirm(order.pk)
    return answer


def test_seventeen_rows_are_answered_at_once(pasted: RosterDraft, dolores: User) -> None:
    assert kinds(pasted, dolores) == {Kind.NEW: 13, Kind.ASK_PERSON: 1, Kind.NEEDS_EMAIL: 2, Kind.TWICE: 1}


def test_the_corrected_sheet_changes_two_rows_before_it_is_sent(pasted: RosterDraft, dolores: User) -> None:
    laid = drafting.lay(pasted, reading.read_text(CORRECTED), replacing=True, at=make.NOW)

    assert (laid.changed, laid.added, laid.gone, laid.same) == (2, 0, 0, 15)


def test_sixteen_people_have_sixteen_seats_after_both_pastes(
    pasted: RosterDraft, winter: Any, ines: Person, alder_valley: Organization, dolores: User, as_user: Any
) -> None:
    client, line = as_user(dolores), make.line(alder_valley)
    post(client, "roster_decide", pasted.pk, decide=f"16:person-{ines.pk}")
    sent(client, pasted, line)
    once_told = set(Message.objects.filter(key__startswith="confirmation-").values_list("to", flat=True))

    again = drafting.start(alder_valley, winter, by=dolores, at=make.NOW)
    post(client, "roster_lay", again.pk, pasted=CORRECTED, replacing="whole")
    again.refresh_from_db()
    told = kinds(again, dolores, at=timezone.now())
    sent(client, again, line)

    assert told == {Kind.REGISTERED: 14, Kind.ADDED: 2, Kind.TWICE: 1}
    assert Registration.objects.values("person").distinct().count() == Seat.objects.count() == 16
    assert sum(charge.amount for charge in Charge.objects.all()) == Decimal(8400)
    confirmed = Message.objects.filter(key__startswith="confirmation-").values_list("to", flat=True)
    assert sorted(set(confirmed) - once_told) == ["bo@avusd.example.test", "cy@avusd.example.test"]
    assert len(confirmed) == len(set(confirmed)) == 16


def test_the_second_paste_says_what_it_adds(pasted: RosterDraft, winter, ines, alder_valley, dolores, as_user) -> None:
    client = as_user(dolores)
    post(client, "roster_decide", pasted.pk, decide=f"16:person-{ines.pk}")
    sent(client, pasted, make.line(alder_valley))

    again = drafting.start(alder_valley, winter, by=dolores, at=make.NOW)
    drafting.lay(again, reading.read_text(CORRECTED), replacing=True, at=make.NOW)
    text = page(client, "roster", again.pk).content.decode()

    assert text.count("Registered already; this address is added") == 2
    assert "Go on to keep 2 changes" in text


def test_an_address_of_hers_that_is_new_is_asked_about_and_kept(
    pasted: RosterDraft, ines: Person, alder_valley: Organization, dolores: User, as_user: Any
) -> None:
    client = as_user(dolores)
    [asked] = [v for v in page(client, "roster", pasted.pk).context["page"] if v.kind == Kind.ASK_PERSON]

    post(client, "roster_decide", pasted.pk, decide=f"{asked.row.key}:person-{ines.pk}")
    sent(client, pasted, make.line(alder_valley))

    assert sorted(EmailAddress.objects.filter(person=ines).values_list("address", flat=True)) == [
        "ines@aldervalley.example.test",
        "ines@avusd.example.test",
    ]

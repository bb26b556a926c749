"""Who opens what: every address, each of the cast. A new address fails here until somebody has said who may open it."""

import json
import logging
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from config import urls
from office import paper
from tests.matrix import World, url_names
from tests.test_architecture import OURS
from tests.who_may import CAST, HERS, ONLY_POST, PUBLIC_POST, SEEN, SENT

NAMES = ("Torres", "Wexler", "Ines", "Ellison", "Quintero", "Lindqvist", "avusd", "Alder Valley", "alder-valley")
DOLLARS = (
    "1,066",
    "1066.00",
    "987.65",
    "PO-AV-7741",
    "WARRANT-90817",
    "4035-0-1110",
    "GRANT-OF-ALDER",
    "90000",
    "90,000",
)
# The code and the link are what lets whoever holds them read; the style guide shows what never was.
PAYABLE_TO_HER = {"host": ("billing:agent", "billing:agent_paper")}  # the fiscal agent is owed these dollars
TELLS = ("certificates:verify_code", "her link)", "her own link)", "her approval)", "portal:styleguide")


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Built once: each test works in a savepoint of its own, and what was built is taken back at the end."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(settings, "MEDIA_ROOT", tmp_path_factory.getbasetemp() / "files")
        patch.setattr(settings, "DEMO", False)
        patch.setattr(logging.getLogger("django.request"), "disabled", True)  # a thousand refusals are no news here
        yield World()
        transaction.set_rollback(True)


@pytest.fixture
def _plain_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """403 and 404 without their page: to write it takes longer than to refuse."""
    for status in (403, 404):
        page = partial(_plain, status)
        monkeypatch.setattr(urls, f"handler{status}", page, raising=False)


def _plain(status: int, _request: HttpRequest, **_why: Exception) -> HttpResponse:
    return HttpResponse(status=status)


def entered(world: World, who: str) -> Client:
    client = Client()
    user = world.cast[who]
    if user:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def due(policy: str, who: str) -> str:
    return policy.split()[CAST.index(who)]


def answer_of(response: HttpResponseBase) -> str:
    to_login = response.status_code == 302 and response["Location"].startswith("/accounts/login/")
    return "login" if to_login or response.status_code == 401 else str(response.status_code)


def text_of(response: HttpResponseBase) -> str:
    content = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
    return f"{content.decode(errors='replace')} {dict(response.headers)}"


# --- The table ------------------------------------------------------------------------------------------------------


def test_every_address_says_who_may_open_it() -> None:
    assert {row.partition(" ")[0] for row in SEEN} == set(url_names())


def test_every_address_that_only_takes_says_who_may_send() -> None:
    only_taking = {row.partition(" ")[0] for row, policy in SEEN.items() if policy in (ONLY_POST, PUBLIC_POST)}

    assert only_taking - {row.partition(" ")[0] for row in SENT} == set()


@pytest.mark.django_db
@pytest.mark.parametrize("who", CAST)
def test_each_of_the_cast_opens_what_is_hers_and_reads_nothing_else(
    who: str, world: World, request: pytest.FixtureRequest
) -> None:
    client = entered(world, who)
    if who not in ("stranger", "hal"):
        request.getfixturevalue("_plain_refusals")
    secrets = {"stranger": NAMES + DOLLARS, "hal": NAMES + DOLLARS, "facilitator": DOLLARS, "host": DOLLARS,
               "director": DOLLARS, "ana": DOLLARS}.get(who, ())  # fmt: skip
    wrong, leaks = {}, {}

    for row, policy in SEEN.items():
        response = client.get(world.address(row))
        expected = due(policy, who)
        if row == "registrations:badges_paper" and expected == "200" and not paper.is_available():
            expected = "302"
        if answer_of(response) != expected:
            wrong[row] = f"{answer_of(response)}, not {expected}"
        text = text_of(response)
        told = [secret for secret in secrets if secret in text]
        if told and not row.endswith(TELLS) and row not in PAYABLE_TO_HER.get(who, ()):
            leaks[row] = told

    assert (wrong, leaks) == ({}, {})


# --- What is sent ---------------------------------------------------------------------------------------------------


COLLEAGUE = {"email": "una@example.test", "name": "Una Vane"}


def sent_by(world: World, row: str) -> dict[str, Any]:
    """What would act, from one who may."""
    attendee = {"given_name": "Una", "family_name": "Vane", "pays": f"line-{world.line.pk}"}
    order = {"sponsor": world.alder.pk, "institute": world.institute.pk, "people": [attendee]}
    event = {"id": "6f0f8c1e-5a3a-4d0e-9f57-0a4d2d1c7c11", "session": world.session.pk, "kind": "present"}
    event |= {"at": "2027-01-21T08:00:00-08:00", "registration": world.registration.pk}
    acting: dict[str, dict[str, Any]] = {
        "registrations:roster_start": {"sponsor": world.alder.pk, "pasted": "First name\tLast name\nUna\tVane"},
        "registrations:badge": {"session": world.session.pk, "key": event["id"]},
        "order-list": order,
        "colleague-list": {"organization": world.alder.pk, "role": "coordinator"} | COLLEAGUE,
        "colleague-hand-over": COLLEAGUE,
        **changes_sent(world),
        "attendance-event-list": {"events": [event]},
    }
    return acting.get(row, {"submission_key": "of-the-matrix"})


def changes_sent(world: World) -> dict[str, dict[str, Any]]:
    """The calls that change one's mind about Ana's seat."""
    seat, money = world.registration.seat_id, {"pays": f"line-{world.line.pk}"}
    una = {"given_name": "Una", "family_name": "Vane"}
    return {
        "seat-name": una,
        "substitution-list": una | {"registration": world.registration.pk},
        "withdrawal-list": {"seats": [seat]},
        "withdrawal-instead": {"registrations": [world.registration.pk], "until": "2027-01-20"},
        "transfer-list": {"seats": [seat], "institute": world.institute.pk},
        "payer-move-list": {"seats": [seat]} | money,
        "takeover-list": {"seat": seat, "asked_of": world.juniper.pk},
        "takeover-accept": money,
        "cancellation-list": {"institute": world.institute.pk, "reason": "Too few people registered."},
    }


def send(client: Client, world: World, row: str) -> HttpResponseBase:
    where, content = world.address(row), sent_by(world, row)
    if not where.startswith("/api/"):
        return client.post(where, content)
    verb = client.patch if row == "institute-detail" else client.post
    return verb(where, json.dumps(content), content_type="application/json")


def everything() -> dict[str, str]:
    """A digest of every table of ours, and of the work that waits."""
    tables = [model._meta.db_table for model in apps.get_models() if model._meta.app_label in OURS]
    digest = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t"
    with connection.cursor() as cursor:
        found = {}
        for table in [*tables, "procrastinate_jobs"]:
            cursor.execute(digest.format(connection.ops.quote_name(table)))
            found[table] = cursor.fetchone()[0]
    return found


@pytest.mark.django_db
@pytest.mark.usefixtures("_plain_refusals")
@pytest.mark.parametrize("who", CAST)
def test_whoever_may_not_act_changes_nothing(who: str, world: World) -> None:
    client = entered(world, who)
    before, wrong = everything(), {}

    for row, policy in (SEEN | SENT).items():
        expected = due(policy, who)
        if expected == "200" or policy in (ONLY_POST, PUBLIC_POST):
            continue
        answer = answer_of(send(client, world, row))
        expected = "200" if expected == "ok" else expected
        if answer != expected and not (row not in SENT and answer == "405"):
            wrong[row] = f"{answer}, not {expected}"

    assert wrong == {}
    assert {table for table, digest in everything().items() if digest != before[table]} == set()


# --- The API --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.usefixtures("_plain_refusals")
@pytest.mark.parametrize("who", CAST[1:])
def test_a_list_of_the_api_holds_what_its_details_tell(who: str, world: World) -> None:
    client = entered(world, who)
    wrong = {}

    for row, policy in SEEN.items():
        listed, is_detail, variant = row.partition("-detail")
        if is_detail and not variant:
            rows = client.get(world.address(f"{listed}-list")).json().get("results", [])
            is_listed = world.here[row]["pk"] in [each["id"] for each in rows]
            if is_listed != (due(policy, who) == "200"):
                wrong[listed] = is_listed

    assert wrong == {}


@pytest.mark.django_db
def test_attendance_is_read_where_the_registration_is(world: World) -> None:
    counts = {}

    for who in CAST[1:]:
        rows = entered(world, who).get(world.address("attendance-event-list")).json()["results"]
        counts[who] = len(rows)

    assert counts == {who: 6 * (due(HERS, who) == "200") for who in CAST[1:]}

"""Keys to the API open what their user may see, until they expire or are ended; strangers are kept out."""

import io
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from people import tokens
from people.models import ApiToken, Submission, User

DOOR = "/api/v1/people/"


def with_key(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def test_a_key_opens_the_api(client: Client, dolores: User) -> None:
    token, key = tokens.issue(dolores, name="HR", at=timezone.now())

    assert client.get(DOOR, headers=with_key(key)).status_code == 200
    token.refresh_from_db()
    assert token.last_used_at is not None


@pytest.mark.parametrize("why", ["expired", "revoked", "wrong", "its user left"])
def test_a_key_that_is_not_good_opens_nothing(client: Client, dolores: User, why: str) -> None:
    now = timezone.now()
    token, key = tokens.issue(dolores, name="HR", at=now - timedelta(days=31 if why == "expired" else 0), days=30)
    if why == "revoked":
        tokens.revoke(token, at=now)
    if why == "its user left":
        User.objects.filter(pk=dolores.pk).update(is_active=False)

    answer = client.get(DOOR, headers=with_key("cadre_other" if why == "wrong" else key))

    assert answer.status_code == 401
    assert "unknown, expired or revoked" in answer.json()["detail"]


def test_only_the_hash_of_a_key_is_kept(dolores: User) -> None:
    token, key = tokens.issue(dolores, name="HR", at=timezone.now())

    assert key not in str(ApiToken.objects.values().get(pk=token.pk))


def api_addresses() -> list[str]:
    """Every address of the API, its variables filled in."""

    def walk(resolver: URLResolver, prefix: str) -> list[str]:
        found = []
        for entry in resolver.url_patterns:
            where = prefix + str(entry.pattern).lstrip("^")
            found += walk(entry, where) if isinstance(entry, URLResolver) else [where]
            assert isinstance(entry, URLPattern | URLResolver)
        return found

    patterns = [where for where in walk(get_resolver(), "/").copy() if where.lstrip("^/").startswith("api/")]
    return sorted(re.sub(r"\(\?P<\w+>[^)]*\)|<[^>]*>", "1", where).rstrip("$").replace("\\", "") for where in patterns)


def test_a_stranger_is_refused_at_every_address_of_the_api(client: Client, db: None) -> None:
    addresses = api_addresses()

    refused = {where: client.get(where).status_code for where in addresses}

    assert DOOR in addresses
    assert set(refused.values()) <= {401, 403}, refused


# --- The page -------------------------------------------------------------------------------------------------------


def make_key(client: Client, **more: str):
    return client.post("/account/keys/", {"name": "Our HR system", "days": "90", "submission_key": "k1"} | more)


def test_a_key_is_shown_once_and_opens_the_api(as_user, dolores: User) -> None:
    client = as_user(dolores)

    [key] = re.findall(r"cadre_[\w-]{40,}", make_key(client).content.decode())

    assert Client().get(DOOR, headers=with_key(key)).status_code == 200
    assert key not in client.get("/account/keys/").content.decode()
    assert key not in str(list(Submission.objects.values()))


def test_a_form_sent_twice_makes_one_key(as_user, dolores: User) -> None:
    client = as_user(dolores)

    make_key(client)
    again = make_key(client)

    assert (again.status_code, again["Location"]) == (302, "/account/keys/")
    assert ApiToken.objects.count() == 1


def test_a_key_without_a_name_is_not_made(as_user, dolores: User) -> None:
    answer = make_key(as_user(dolores), name="")

    assert (answer.status_code, ApiToken.objects.count()) == (422, 0)


def test_one_ends_ones_own_key_and_nobody_elses(as_user, dolores: User, hal: User) -> None:
    token, key = tokens.issue(dolores, name="HR", at=timezone.now())

    assert as_user(hal).post(f"/account/keys/{token.pk}/end/").status_code == 404
    assert Client().get(DOOR, headers=with_key(key)).status_code == 200
    assert as_user(dolores).post(f"/account/keys/{token.pk}/end/").status_code == 302
    assert Client().get(DOOR, headers=with_key(key)).status_code == 401


def test_one_sees_ones_own_keys_alone(as_user, dolores: User, hal: User) -> None:
    tokens.issue(dolores, name="Alder Valley's own", at=timezone.now())

    assert "Alder Valley" not in as_user(hal).get("/account/keys/").content.decode()


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_takes_the_same_number_of_queries(
    as_user, dolores: User, many: int, django_assert_num_queries
) -> None:
    for number in range(many):
        tokens.issue(dolores, name=f"Key {number}", at=timezone.now())
    client = as_user(dolores)

    with django_assert_num_queries(8):
        client.get("/account/keys/")


# --- The command ----------------------------------------------------------------------------------------------------


def test_the_command_prints_a_key_that_opens_the_api(client: Client, dolores: User) -> None:
    out = io.StringIO()

    call_command("make_token", "Dolores@avusd.example.test", name="Nightly", days=30, stdout=out, stderr=io.StringIO())

    assert client.get(DOOR, headers=with_key(out.getvalue().strip())).status_code == 200
    token = ApiToken.objects.get()
    assert (token.name, token.expires_at - token.created_at) == ("Nightly", timedelta(days=30))


@pytest.mark.parametrize(
    ("email", "days", "sentence"),
    [("nobody@example.test", 30, "No one signs in as"), ("dolores@avusd.example.test", 0, "a number from 1 to 3650")],
)
def test_the_command_refuses_with_a_sentence(dolores: User, email: str, days: int, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("make_token", email, days=days)

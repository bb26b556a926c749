"""Signing in: by password, by code, after a lost password; and what a stranger may learn from it (nothing)."""

import re
from pathlib import Path

import allauth
import pytest
from allauth.account.models import EmailAddress as Login
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from office import accounts
from office.models import Message
from people import memberships
from people.access import Role
from people.models import Organization, Person, User
from tests import make

PASSWORD = "granite-otter-lupine"
pytestmark = pytest.mark.usefixtures("provider")


@pytest.fixture
def vouched(dolores: User) -> User:
    """Dolores with a password, and an address that is known to be hers."""
    dolores.set_password(PASSWORD)
    dolores.save()
    accounts.vouch(dolores)
    return dolores


def is_in(client: Client, user: User) -> bool:
    return get_user(client) == user


def test_an_address_and_a_password_open_the_door(client: Client, vouched: User) -> None:
    answer = client.post("/accounts/login/", {"login": "Dolores@AVUSD.example.test", "password": PASSWORD})

    assert (answer.status_code, answer["Location"]) == (302, "/start/")
    assert is_in(client, vouched)


def test_a_wrong_password_and_an_unknown_address_look_alike(client: Client, vouched: User) -> None:
    wrong = client.post("/accounts/login/", {"login": vouched.email, "password": "not-hers-at-all"})
    unknown = client.post("/accounts/login/", {"login": "nobody@example.test", "password": "not-hers-at-all"})

    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert not is_in(client, vouched)


def test_a_lost_password_is_chosen_anew_by_the_link_in_the_mail(client: Client, vouched: User) -> None:
    client.post("/accounts/password/reset/", {"email": vouched.email})
    [link] = re.findall(r"http://\S+", Message.objects.get().text)

    form = client.get(link, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": "quartz-heron-willow", "password2": "quartz-heron-willow"})

    vouched.refresh_from_db()
    assert vouched.check_password("quartz-heron-willow")
    assert [message.subject for message in Message.objects.order_by("pk")] == [
        "Choose a new password",
        "Your password was chosen anew",
    ]


def test_a_scanner_that_opens_the_link_does_not_use_it_up(client: Client, vouched: User) -> None:
    client.post("/accounts/password/reset/", {"email": vouched.email})
    [link] = re.findall(r"http://\S+", Message.objects.get().text)

    Client().get(link, follow=True)
    form = client.get(link, follow=True)

    assert "password1" in form.context["form"].fields


def test_asking_for_a_new_password_says_nothing_about_who_has_an_account(client: Client, vouched: User) -> None:
    known = client.post("/accounts/password/reset/", {"email": vouched.email})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.test"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [message.subject for message in Message.objects.order_by("pk")] == [
        "Choose a new password",
        "There is no account with this address",
    ]


def test_a_code_by_mail_opens_the_door(client: Client, vouched: User) -> None:
    client.post("/accounts/login/code/", {"email": vouched.email})
    code = code_in(Message.objects.get())

    client.post("/accounts/login/code/confirm/", {"code": code})

    assert is_in(client, vouched)


def test_a_wrong_code_opens_nothing(client: Client, vouched: User) -> None:
    client.post("/accounts/login/code/", {"email": vouched.email})

    client.post("/accounts/login/code/confirm/", {"code": "AAAA-0000"})

    assert not is_in(client, vouched)


def code_in(message: Message) -> str:
    found = re.search(r"^\S{4,}[-\d]\S*$", message.text.split("-- ")[0], re.MULTILINE)
    assert found
    return found[0]


def sign_up(client: Client, email: str) -> User:
    client.post("/accounts/signup/", {"email": email, "password1": PASSWORD, "password2": PASSWORD})
    client.post("/accounts/confirm-email/", {"code": code_in(Message.objects.latest("pk"))})
    return User.objects.get(email=email.lower())


def test_whoever_signs_up_has_no_part_and_is_known_by_her_address(client: Client, ana: Person) -> None:
    user = sign_up(client, "Ana.Torres@avusd.example.test")

    assert user.person == ana
    assert list(user.memberships.all()) == []
    assert ana.addresses.get().verified_at is not None
    assert is_in(client, user)


def test_before_the_address_is_shown_to_be_hers_she_is_nobody(client: Client, ana: Person) -> None:
    form = {"email": "ana.torres@avusd.example.test", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/accounts/signup/", form)

    user = User.objects.get()
    assert user.person is None
    assert not is_in(client, user)


def test_an_address_that_a_school_shares_links_nobody(client: Client, ana: Person, alder_valley: Organization) -> None:
    make.person("Tomas Wexler", "ana.torres@avusd.example.test", at=alder_valley)

    assert sign_up(client, "ana.torres@avusd.example.test").person is None


def test_a_person_who_was_merged_is_found_as_who_she_is_today(client: Client, ana: Person) -> None:
    alias = make.person("A. Torres", "old@example.test")
    alias.merged_into = ana
    alias.save()

    assert sign_up(client, "old@example.test").person == ana


def test_signing_up_with_a_known_address_says_nothing_but_writes_to_its_owner(client: Client, vouched: User) -> None:
    form = {"password1": PASSWORD, "password2": PASSWORD}
    known = client.post("/accounts/signup/", {"email": vouched.email} | form)
    unknown = Client().post("/accounts/signup/", {"email": "new@example.test"} | form)

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert sorted(message.subject for message in Message.objects.all()) == [
        "Finish making your account",
        "You have an account already",
    ]


def test_sign_in_mail_is_sent_by_a_task(client: Client, vouched: User) -> None:
    client.post("/accounts/password/reset/", {"email": vouched.email})

    assert ProcrastinateJob.objects.get().args == {"messages": [Message.objects.get().pk]}


def test_we_have_words_for_every_mail_that_allauth_sends() -> None:
    home = Path(allauth.__file__).parent / "templates"
    subjects = {
        str(path.relative_to(home)).removesuffix("_subject.txt")
        for app in ("account", "mfa")
        for path in (home / app / "email").glob("*_subject.txt")
    }

    assert set(accounts.WORDS) == subjects | {"people/appointed"}


# --- A second factor for those who see money ------------------------------------------------------------------------


@pytest.fixture
def _in_earnest(settings) -> None:
    settings.DEMO = False


@pytest.mark.usefixtures("_in_earnest")
def test_staff_who_see_money_set_up_a_second_factor_first(as_user, omar: User) -> None:
    answer = as_user(omar).get("/account/keys/", follow=True)

    assert answer.redirect_chain == [("/accounts/2fa/", 302)]
    assert "set up two-step sign-in first" in answer.content.decode()


@pytest.mark.usefixtures("_in_earnest")
def test_nor_does_the_api_answer_their_session(as_user, omar: User) -> None:
    answer = as_user(omar).get("/api/v1/people/")

    assert (answer.status_code, "two-step" in answer.json()["detail"]) == (403, True)


@pytest.mark.usefixtures("_in_earnest")
@pytest.mark.parametrize("kind", [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])
def test_with_a_second_factor_they_go_on(as_user, omar: User, kind: str) -> None:
    Authenticator.objects.create(user=omar, type=kind, data={})

    assert as_user(omar).get("/account/keys/").status_code == 200


@pytest.mark.usefixtures("_in_earnest")
def test_recovery_codes_alone_are_no_second_factor(as_user, omar: User) -> None:
    Authenticator.objects.create(user=omar, type=Authenticator.Type.RECOVERY_CODES, data={})

    assert as_user(omar).get("/account/keys/").status_code == 302


@pytest.mark.usefixtures("_in_earnest")
def test_those_who_see_only_their_own_money_are_not_asked(as_user, bea: User) -> None:
    assert as_user(bea).get("/account/keys/").status_code == 200


@pytest.mark.usefixtures("_in_earnest")
def test_staff_without_money_are_not_asked(as_user) -> None:
    lee = make.user("lee@ssc.example.test", Role.STAFF)

    assert as_user(lee).get("/account/keys/").status_code == 200


def test_a_demo_asks_nobody(as_user, omar: User, settings) -> None:
    settings.DEMO = True

    assert as_user(omar).get("/account/keys/").status_code == 200


def test_a_vouched_address_is_verified_once(dolores: User) -> None:
    accounts.vouch(dolores)
    accounts.vouch(dolores)

    assert list(Login.objects.values_list("user", "verified", "primary")) == [(dolores.pk, True, True)]


def test_whoever_is_appointed_is_in_with_one_code(client: Client, omar: User, alder_valley: Organization) -> None:
    part = memberships.appoint(
        "nia@avusd.example.test", "Nia Okafor", Role.COORDINATOR, alder_valley, by=omar, at=make.NOW
    )
    client.post("/accounts/login/code/", {"email": part.user.email})
    [code] = re.findall(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", Message.objects.get().text, re.MULTILINE)

    answer = client.post("/accounts/login/code/confirm/", {"code": code})

    assert answer["Location"] == "/start/"
    assert is_in(client, part.user)

"""An organization that pays for people of another says so itself, and their coordinator chooses its line."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from billing.models import FundingLine
from people.access import Role
from people.models import Organization, User
from registrations import funding
from registrations.rosters import drafting
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def juniper(provider: Any) -> Organization:
    make.payee()
    return make.organization("Juniper COE", "98109900000000", county=make.county("98"))


@pytest.fixture
def june(juniper: Organization) -> User:
    return make.user("june@juniper.example.test", Role.COORDINATOR, at=juniper, name="June Abara")


def pay(client: Client, payer: Organization, **asked: Any) -> Any:
    facts = {"district": "Alder Valley", "source": "local", "account_string": "62-0000"} | asked
    return client.post(reverse("registrations:pay_for_others", args=[payer.pk]), facts, follow=True)


def test_the_county_office_pays_and_the_district_may_choose_it(
    juniper: Organization, june: User, dolores: User, alder_valley: Organization, as_user: Any
) -> None:
    page = pay(as_user(june), juniper, evidence=SimpleUploadedFile("mou.pdf", b"%PDF-1.7\n")).content.decode()

    [made] = FundingLine.objects.all()
    options = funding.eligible(alder_valley, make.institute(), who=dolores)
    assert (made.payer.organization, made.organization, made.evidence.name) == (juniper, alder_valley, "mou.pdf")
    assert "Alder Valley Unified can choose this line for its people now." in page
    assert [option.line for option in options] == [made]


@pytest.mark.parametrize(
    ("asked", "field", "sentence"),
    [
        ({"district": "Nowhere"}, "district", "Nobody here is called"),
        ({"source": "lcff_base"}, "attests", "LCFF money needs someone who attests it"),
        ({"evidence": SimpleUploadedFile("x.exe", b"MZ\x00")}, "evidence", "of a kind we cannot read"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    juniper: Organization, june: User, alder_valley: Organization, as_user: Any, asked: Any, field: str, sentence: str
) -> None:
    answer = pay(as_user(june), juniper, **asked)

    assert answer.status_code == 422
    assert sentence in str(answer.context["form"].errors[field])
    assert not FundingLine.objects.exists()


def test_nobody_says_it_for_another(juniper: Organization, dolores: User, bea: User, as_user: Any) -> None:
    assert pay(as_user(dolores), juniper).status_code == 404
    home = Organization.objects.get(name="Alder Valley Unified")
    assert pay(as_user(bea), home).status_code == 403
    assert not FundingLine.objects.exists()


def test_attested_by_whoever_writes_it_unless_another_is_named(
    juniper: Organization, june: User, alder_valley: Organization, as_user: Any
) -> None:
    client = as_user(june)
    pay(client, juniper, source="lcff_base", attests="on")
    pay(client, juniper, source="lcff_base", attests="on", attested_by="Rosa Kim, Director")

    names = list(FundingLine.objects.order_by("pk").values_list("attested_by", flat=True))
    assert names == [str(june), "Rosa Kim, Director"]


# --- On a roster ------------------------------------------------------------------------------------------------------


@pytest.fixture
def lodestar(juniper: Organization) -> Organization:
    return make.organization("Lodestar Public Schools", "99001050000000")


@pytest.fixture
def charter(lodestar: Organization) -> Organization:
    return make.organization("Lodestar Academy", "99001050000001", parent=lodestar)


@pytest.fixture
def cleo(charter: Organization) -> User:
    return make.user("cleo@lodestar.example.test", Role.COORDINATOR, at=charter, name="Cleo Park")


def add(client: Client, charter: Organization, by: User, **asked: Any) -> Any:
    draft = drafting.start(charter, make.institute(), by=by, at=make.NOW)
    where = reverse("registrations:roster_line", args=[draft.pk])
    return client.post(where, {"source": "local", "payer": charter.pk} | asked)


def payers() -> list[str]:
    return [str(line.payer) for line in FundingLine.objects.order_by("pk")]


def test_a_charter_chooses_who_of_its_family_pays(
    charter: Organization, lodestar: Organization, cleo: User, as_user: Any
) -> None:
    add(as_user(cleo), charter, cleo)
    add(as_user(cleo), charter, cleo, payer=lodestar.pk)

    assert payers() == ["Lodestar Academy", "Lodestar Public Schools"]


def test_a_forged_payer_is_no_choice(
    charter: Organization, cleo: User, alder_valley: Organization, as_user: Any
) -> None:
    answer = add(as_user(cleo), charter, cleo, payer=alder_valley.pk)

    assert answer.status_code == 422
    assert not FundingLine.objects.exists()


def test_only_finance_staff_name_another_organization(
    charter: Organization, juniper: Organization, cleo: User, omar: User, as_user: Any
) -> None:
    add(as_user(cleo), charter, cleo, other_payer="Juniper")
    add(as_user(omar), charter, omar, other_payer="Juniper")

    assert payers() == ["Lodestar Academy", "Juniper COE"]

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

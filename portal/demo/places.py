"""Who there is in the demo: the provider, its districts with their schools, and the cast."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from allauth.account.models import EmailAddress as Login

from billing.models import Payee, Payer
from people.access import Role
from people.models import (
    County,
    EmailAddress,
    Employment,
    JobRole,
    Membership,
    Organization,
    OrganizationKind,
    Person,
    Provider,
    Region,
    School,
    User,
)
from people.names import fold

PASSWORD = "learning-together"  # noqa: S105 - the demo's, printed for everyone; DEMO runs on loopback only
LEAS = {
    "avusd": ("Alder Valley Unified", "99001010000000", OrganizationKind.DISTRICT, "Alder Valley"),
    "bristlecone": ("Bristlecone Joint Union Elementary", "99001020000000", OrganizationKind.DISTRICT, "Bristlecone"),
    "coyote": ("Coyote Flat Elementary", "99001030000000", OrganizationKind.DISTRICT, "Coyote Flat"),
    "delta": ("Delta Vista Unified", "99001040000000", OrganizationKind.DISTRICT, "Delta Vista"),
    "lodestar": ("Lodestar Public Schools", None, OrganizationKind.CMO, "Lodestar"),
    "juniper": ("Juniper County Office of Education", "99109900000000", OrganizationKind.COUNTY_OFFICE, "Juniper"),
}
SCHOOLS = {
    "avusd": ["Alder Creek Elementary", "Manzanita Elementary", "Alder Valley Middle", "Alder Valley High"],
    "bristlecone": ["Bristlecone Elementary", "Pinyon Elementary", "White Mountain Middle"],
    "coyote": ["Coyote Flat Elementary"],
    "delta": ["Delta Vista Elementary", "Slough House Elementary", "Heron Middle", "Delta Vista High"],
    "lodestar": ["Lodestar Academy North", "Lodestar Academy South", "Lodestar Prep"],
    "juniper": ["Juniper Community School"],
}
MEMBERS = [
    ("omar@ssc.example.test", "Omar", "Haddad", [Role.STAFF, Role.FINANCE], ""),
    ("dolores@avusd.example.test", "Dolores", "Quintero", [Role.COORDINATOR], "avusd"),
    ("bea@avusd.example.test", "Bea", "Lindqvist", [Role.BUSINESS_OFFICE], "avusd"),
    ("hal@bristlecone.example.test", "Hal", "Nakamura", [Role.COORDINATOR], "bristlecone"),
    ("ana.torres@avusd.example.test", "Ana", "Torres", [], "avusd"),
]


@dataclass(frozen=True)
class Ground:
    """The places and people the rest of the demo builds on."""

    provider: Provider
    leas: dict[str, Organization]
    schools: dict[str, list[School]]
    users: dict[str, User]

    @property
    def omar(self) -> User:
        return self.users["omar@ssc.example.test"]

    @property
    def hal(self) -> User:
        return self.users["hal@bristlecone.example.test"]

    @property
    def dolores(self) -> User:
        return self.users["dolores@avusd.example.test"]


def build(*, today: date, at: datetime) -> Ground:
    region = Region.objects.create(name="Sierra")
    county = County.objects.create(code="99", name="Juniper", region=region)
    provider = _provider(county)
    leas = {short: _lea(short, county) for short in LEAS}
    schools = {short: _schools(leas[short], county, names) for short, names in SCHOOLS.items()}
    since = today - timedelta(days=2000)
    users = {member[0]: _member(*member, leas=leas, schools=schools, since=since, at=at) for member in MEMBERS}
    return Ground(provider, leas, schools, users)


def _provider(county: County) -> Provider:
    name = "Sierra Science Collaborative"
    home = Organization.objects.create(
        kind=OrganizationKind.PROVIDER,
        name=name,
        search_key=fold(name),
        county=county,
        street="40 Granite Way",
        city="Juniper",
        state="CA",
        zip="99001",
    )
    Payee.objects.create(organization=home, remit_to=f"{name}\nAccounts Receivable\n40 Granite Way\nJuniper, CA 99001")
    return Provider.objects.create(
        organization=home,
        name=name,
        email="learning@ssc.example.test",
        phone="(555) 010-0142",
        signatory_name="Rosalind Vega",
        signatory_title="Statewide Director",
    )


def _lea(short: str, county: County) -> Organization:
    name, cds, kind, city = LEAS[short]
    made = Organization.objects.create(
        kind=kind,
        name=name,
        search_key=fold(name),
        cds=cds,
        county=county,
        street="1 School Street",
        city=city,
        state="CA",
        zip="99010",
    )
    Payer.objects.create(
        organization=made,
        ap_email=f"ap@{short}.example.test",
        address=f"Accounts Payable\n1 School Street\n{city}, CA 99010",
    )
    return made


def _schools(lea: Organization, county: County, names: list[str]) -> list[School]:
    prefix = lea.cds[:7] if lea.cds else "9920000"
    return School.objects.bulk_create(
        School(
            cds=f"{prefix}{6000000 + lea.pk * 100 + number:07}",
            name=name,
            search_key=fold(name),
            organization=lea,
            county=county,
            is_charter=lea.cds is None,
        )
        for number, name in enumerate(names, 1)
    )


def _member(
    email: str,
    given: str,
    family: str,
    roles: list[Role],
    short: str,
    *,
    leas: dict[str, Organization],
    schools: dict[str, list[School]],
    since: date,
    at: datetime,
) -> User:
    person = Person.named(given, family, created_at=at)
    person.save()
    EmailAddress.objects.create(person=person, address=email, is_preferred=True, verified_at=at)
    lea = leas.get(short)
    if lea:
        job = JobRole.TEACHER if not roles else JobRole.ADMINISTRATOR
        school = schools[short][0] if not roles else None
        Employment.objects.create(person=person, organization=lea, school=school, role=job, starts_on=since)
    user = User.objects.create_user(email, PASSWORD, person=person)
    Login.objects.create(user=user, email=email, verified=True, primary=True)
    for role in roles:
        Membership.objects.create(user=user, role=role, organization=lea, started_at=at)
    return user

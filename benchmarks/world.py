"""Who and what is measured: a world as large as asked for, and beside it logins, keys, institutes and names."""

import itertools
import secrets
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from allauth.mfa.models import Authenticator
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.utils import timezone

from benchmarks.site import Caller, Site
from billing.models import FundingLine
from events.models import HoursRule, Institute, Program, Session, Terms
from people import tokens
from people.access import Role
from people.models import Membership, Organization, User
from portal.scale import FAMILY, GIVEN
from registrations import enrollment, funding
from registrations.models import Registration
from registrations.newcomers import Attendee

AT_ONE = 20_000
"""Registrations at the first institute of the large world: the longest list and the longest export."""
STATE = {"people": 310_000, "districts": 1_100, "institutes": 8_000}
"""As large as California: its teachers, its districts, and thirty years of institutes of about 120 people."""

ZONE = ZoneInfo("America/Los_Angeles")
_numbers = itertools.count(1)


def prepare(registrations: int) -> None:
    """An empty database, migrated, with a world of that many registrations; kept from one run to the next."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    if Institute.objects.filter(program__slug="measured").exists():
        return
    state = STATE if registrations > AT_ONE else {"people": registrations, "institutes": 1}
    sizes = state | {"registrations": registrations, "at_first": min(AT_ONE, registrations)}
    call_command("seed_scale", verbosity=0, stdout=sys.stderr, **sizes)


def largest() -> Institute:
    """The institute of the large world that is yet to come, with its 20,000 people."""
    return Institute.objects.get(code="SC-00001")


def institute(*, capacity: int = 10_000, starts_on: date | None = None) -> Institute:
    """An institute of two days in ten days' time, or on the days asked for, open for registration."""
    first = starts_on or timezone.localdate() + timedelta(days=10)
    first += timedelta(days=(first.month, first.day) == (6, 30))
    now = timezone.now()
    made = Institute.objects.create(
        program=Program.objects.get(slug="measured"),
        terms=Terms.objects.get(name="Measured"),
        hours_rule=HoursRule.objects.get(name="Measured"),
        code=f"M{secrets.token_hex(4).upper()}",
        title="Leadership Training",
        starts_on=first,
        ends_on=first + timedelta(days=1),
        capacity=capacity,
        price=Decimal("525.00"),
        registration_opens_at=now - timedelta(days=90),
        registration_closes_at=now + timedelta(days=90),
        published_at=now - timedelta(days=90),
    )
    for day in (made.starts_on, made.ends_on):
        for title, opens, closes in (("Morning", time(8), time(11, 45)), ("Afternoon", time(12, 45), time(15, 30))):
            Session.objects.create(
                institute=made,
                title=title,
                starts_at=datetime.combine(day, opens, ZONE),
                ends_at=datetime.combine(day, closes, ZONE),
            )
    return made


def districts(number: int) -> list[Organization]:
    return list(Organization.objects.filter(cds__startswith="98").order_by("pk")[:number])


def line_of(district: Organization) -> FundingLine:
    """The line of the district's contract, which has no limit."""
    return FundingLine.objects.get(organization=district)


def user(role: Role, district: Organization | None = None) -> User:
    """A login with one role, and a second factor, as money wants one."""
    made = User.objects.create_user(f"{role}-{secrets.token_hex(6)}@example.test")
    Membership.objects.create(user=made, role=role, organization=district, started_at=timezone.now())
    Authenticator.objects.create(user=made, type=Authenticator.Type.TOTP, data={"secret": "never used"})
    return made


def by_key(site: Site, who: User) -> Caller:
    """A client of the API."""
    key = tokens.issue(who, name="Measured", at=timezone.now())[1]
    return site.caller(key)


def by_session(site: Site, who: User) -> Caller:
    """A client of the pages, signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(who.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = who.get_session_auth_hash()
    session.create()
    caller = site.caller()
    caller.sign_in(str(session.session_key))
    return caller


def names(number: int) -> list[tuple[str, str, str]]:
    """Invented people: given name, family name, address. Never the same twice."""
    mark = secrets.token_hex(3)
    return [
        (
            GIVEN[count % len(GIVEN)],
            f"{FAMILY[count // 7 % len(FAMILY)]} {mark.upper()}{count}",
            f"m{mark}{count}@example.test",
        )
        for count in itertools.islice(_numbers, number)
    ]


def seat(number: int, *, at: Institute, sponsor: Organization) -> list[Registration]:
    """People of a district in seats of an institute, by the verb that the pages call."""
    attendees = [Attendee(given_name=given, family_name=family, email=email) for given, family, email in names(number)]
    shares = [funding.Share(line_of(sponsor), at.starts_on, at.ends_on)]
    order = enrollment.place(
        [enrollment.Group(attendees, shares)],
        sponsor=sponsor,
        institute=at,
        key=secrets.token_hex(8),
        by=user(Role.FINANCE),
        at=timezone.now(),
    )
    return list(Registration.objects.filter(seat__allotment__order=order).order_by("pk"))

"""Parts that users play at a district: given, handed over to a colleague, and ended. The district's rows stay with it."""

from datetime import datetime

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress as Login
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.urls import reverse

from people.access import Role
from people.models import EmailAddress, HandOver, Membership, Organization, Person, User
from people.names import fold, tidy

APPOINTABLE = (Role.COORDINATOR, Role.BUSINESS_OFFICE, Role.HOST)
INVITABLE = (Role.COORDINATOR, Role.BUSINESS_OFFICE)
"""What a coordinator may ask a colleague to be."""


class CannotAppoint(Exception):
    """The part cannot be given, and the sentence says why."""


class CannotEnd(Exception):
    """The part cannot be ended, and the sentence says why."""


class CannotHandOver(Exception):
    """The part stays where it is, and the sentence says why."""


@transaction.atomic
def appoint(email: str, name: str, role: Role, organization: Organization, *, by: User, at: datetime) -> Membership:
    """Give someone a part at an organization: a login is made for an address that has none, without a password."""
    address = tidy(email).lower()
    _check(address, role, organization, by)
    user, _made = User.objects.get_or_create(
        email=address, defaults={"date_joined": at, "password": make_password(None)}
    )
    Login.objects.get_or_create(user=user, email=address, defaults={"primary": True})  # proved by the first code typed
    if not user.is_active:
        raise CannotAppoint(f"{address} may no longer sign in. Choose another address.")
    if user.person is None:
        user.person = _person_called(name, address, at=at)
        user.save(update_fields=["person"])
    try:
        with transaction.atomic():
            return Membership.objects.create(user=user, role=role, organization=organization, started_at=at)
    except IntegrityError:
        raise CannotAppoint(f"{user} is {Role(role).label.lower()} of {organization} already.") from None


def _check(address: str, role: Role, organization: Organization, by: User) -> None:
    if role not in APPOINTABLE:
        raise CannotAppoint(f"{Role(role).label} is no part that a district gives.")
    if not organization.is_open:
        raise CannotAppoint(f"{organization} is {organization.get_status_display().lower()}. Appoint at its successor.")
    if address == by.email:
        raise CannotAppoint("Ask a colleague to appoint you.")
    try:
        validate_email(address)
    except ValidationError:
        raise CannotAppoint(f"“{address}” is not an e-mail address.") from None


def _person_called(name: str, address: str, *, at: datetime) -> Person:
    """The one person with that address and name, if we know her; else a new one. Inboxes are shared, so both count."""
    given, _space, family = tidy(name).rpartition(" ")
    if not fold(name):
        raise CannotAppoint("Write the first and last name of whoever is appointed.")
    having = Person.objects.canonical().filter(addresses__address=address)
    known = [person for person in having if fold(person.display_name) == fold(name)]
    if len(known) == 1:
        found: Person = known[0]
        return found
    person = Person.named(given, family, created_at=at)
    person.save()
    EmailAddress.objects.create(person=person, address=address, is_preferred=True)
    return person


def announce(membership: Membership) -> None:
    """Tell her by mail how to sign in, by the road of all mail about signing in. Within a request."""
    adapter = get_adapter()
    context = {
        "role": membership.get_role_display().lower(),
        "organization": str(membership.organization),
        "url": adapter.request.build_absolute_uri(reverse("account_request_login_code")),
    }
    adapter.send_mail("people/appointed", membership.user.email, context)


def end(membership: Membership, *, by: User, at: datetime) -> None:
    """End a part now; what was done under it stays."""
    if membership.user_id == by.pk:
        raise CannotEnd("Ask a colleague to end your own part.")
    if not Membership.objects.active().filter(pk=membership.pk).update(ended_at=at):
        raise CannotEnd(f"{membership.user} has no part at {membership.organization} any more.")


# --- Handing over -----------------------------------------------------------------------------------------------------


@transaction.atomic
def hand_over(part: Membership, email: str, name: str, *, at_once: bool, by: User, at: datetime) -> HandOver:
    """Give a colleague the same part; this one ends at once, or when she has signed in for the first time.

    Drafts, orders and seats are the district's, so they stay where they are. Raises CannotHandOver.
    """
    held = Membership.objects.select_for_update(of=("self",)).get(pk=part.pk)
    if held.ended_at or HandOver.objects.waiting().filter(part=held).exists():
        raise CannotHandOver(f"{part.user} has handed over before.")
    assert part.organization  # noqa: S101 - whoever coordinates does it somewhere
    to = _part_of(email, name, part, by=by, at=at)
    made = HandOver.objects.create(part=part, to=to, by=by, at=at)
    if at_once or to.user.last_login:
        _finish(made, at=at)
    return made


def _part_of(email: str, name: str, part: Membership, *, by: User, at: datetime) -> Membership:
    """The colleague's part: the one she has, or a new one."""
    role, organization = Role(part.role), part.organization
    assert organization  # noqa: S101 - as above
    if tidy(email).lower() == part.user.email:
        raise CannotHandOver("Name a colleague: this is your own address.")
    held = Membership.objects.active().filter(user__email=tidy(email).lower(), role=role, organization=organization)
    known = held.select_related("user__person").first()
    if known:
        return known
    try:
        return appoint(email, name, role, organization, by=by, at=at)
    except CannotAppoint as refusal:
        raise CannotHandOver(str(refusal)) from refusal


def keep(hand_over: HandOver) -> None:
    """Take a hand-over back that waits; the colleague keeps the part she was given. Raises CannotHandOver."""
    if not HandOver.objects.waiting().filter(pk=hand_over.pk).delete()[0]:
        raise CannotHandOver("It was handed over meanwhile.")


def finish_due(*, at: datetime) -> list[HandOver]:
    """End the parts whose successors have signed in."""
    due = HandOver.objects.due().select_for_update(of=("self",), skip_locked=True)
    with transaction.atomic():
        return [_finish(one, at=at) for one in due.select_related("part__user", "to__user", "part__organization")]


def _finish(hand_over: HandOver, *, at: datetime) -> HandOver:
    Membership.objects.active().filter(pk=hand_over.part_id).update(ended_at=at)
    HandOver.objects.filter(pk=hand_over.pk).update(ended_at=at)
    hand_over.ended_at = at
    return hand_over

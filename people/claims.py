"""Addresses that a person says were hers: a link is mailed there, and a click on the page behind it confirms.

Opening the link changes nothing, so that a mail scanner that opens it confirms nothing. Who else has the address is
told to staff alone. The mail itself is sent above: `portal.persons`.
"""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from people import links, matching
from people.models import AddressClaim, EmailAddress, Person
from people.names import tidy

PURPOSE = "address"
VALID_FOR = timedelta(days=7)
A_DAY = 5
"""Addresses that one person may claim in a day: each is a mail to somebody."""


class CannotClaim(Exception):
    """Why no link is mailed; a sentence."""


@transaction.atomic
def claim(person: Person, address: str, *, at: datetime) -> AddressClaim:
    """Say that an address was hers; asked again, the link is mailed again. Raises CannotClaim."""
    address = tidy(address).lower()
    try:
        validate_email(address)
    except ValidationError:
        raise CannotClaim(_("“%s” is not an e-mail address.") % address) from None
    if EmailAddress.objects.filter(person__in=Person.objects.of(person), address=address).exists():
        raise CannotClaim(_("We have %s for you already.") % address)
    Person.objects.select_for_update(no_key=True).get(pk=person.canonical_id)
    hers = AddressClaim.objects.filter(person__in=Person.objects.of(person))
    asked = hers.filter(asked_at__gt=at - timedelta(days=1)).exclude(address=address)
    if asked.count() >= A_DAY:
        raise CannotClaim(_("%d addresses a day are enough. Go on tomorrow.") % A_DAY)
    made: AddressClaim = AddressClaim.objects.update_or_create(
        person_id=person.canonical_id, address=address, defaults={"asked_at": at}
    )[0]
    return made


def token_of(claim: AddressClaim) -> str:
    """The signed part of the link that is mailed to the address."""
    return links.sign(claim.person, purpose=PURPOSE, about=str(claim.pk))


def read(token: str) -> AddressClaim:
    """The claim that a link is about. Raises links.LinkRefused."""
    _person, about = links.read(token, purpose=PURPOSE, valid_for=VALID_FOR)
    found: AddressClaim | None = AddressClaim.objects.select_related("person").filter(pk=about).first()
    if found is None:
        raise links.LinkRefused("This link is for another page. Open it from the mail again.")
    return found


@transaction.atomic
def confirm(claim: AddressClaim, *, at: datetime) -> AddressClaim:
    """Whoever reads the mail of that address says that it was hers. A second click changes nothing."""
    held: AddressClaim = AddressClaim.objects.select_for_update().select_related("person").get(pk=claim.pk)
    if held.confirmed_at is None:
        held.confirmed_at = at
        held.save(update_fields=["confirmed_at"])
        matching.look_at_claim(held, at=at)
    return held

"""Names put right and addresses added, with who did it in the person's history."""

import pghistory
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from people import names
from people.models import EmailAddress, Person, User


class CannotCorrect(Exception):
    """The change is refused, with a sentence that says why."""


@transaction.atomic
def rename(person: Person, *, given: str, family: str, display: str, by: User) -> Person:
    """Call a person by other names; `display` is what certificates print, in her own spelling."""
    given, family = names.tidy(given), names.tidy(family)
    display = names.tidy(display) or names.full(given, family)
    if not names.fold(display):
        raise CannotCorrect("Write a name.")
    with pghistory.context(user=by.pk):
        changed: Person = Person.objects.select_for_update().get(pk=person.pk)
        changed.given_name, changed.family_name, changed.display_name = given, family, display
        changed.sort_key = names.sort_key(given, family) or names.fold(display)
        changed.save(update_fields=["given_name", "family_name", "display_name", "sort_key"])
    return changed


@transaction.atomic
def add_address(person: Person, address: str, *, by: User) -> EmailAddress:
    """Add an address; the first one is preferred. Others may have the same, as schools share inboxes."""
    address = names.tidy(address).lower()
    try:
        validate_email(address)
    except ValidationError:
        raise CannotCorrect(f"“{address}” is not an e-mail address.") from None
    with pghistory.context(user=by.pk):
        owner = Person.objects.select_for_update().get(pk=person.pk)
        if owner.addresses.filter(address=address).exists():
            raise CannotCorrect(f"{owner} has {address} already.")
        is_first = not owner.addresses.filter(is_preferred=True).exists()
        return EmailAddress.objects.create(person=owner, address=address, is_preferred=is_first)

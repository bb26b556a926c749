"""Names put right and addresses added, with who did it in the person's history."""

from datetime import datetime

import pghistory
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from people import names
from people.models import EmailAddress, NameRequest, Person, User


class CannotCorrect(Exception):
    """The change is refused, with a sentence that says why."""


@transaction.atomic
def rename(person: Person, *, given: str, family: str, display: str, by: User) -> Person:
    """Call a person by other names; `display` is what certificates print, in her own spelling.

    The name she had before is kept with her and shown to the provider's staff alone.
    """
    given, family = names.tidy(given), names.tidy(family)
    display = names.tidy(display) or names.full(given, family)
    if not names.fold(display):
        raise CannotCorrect("Write a name.")
    with pghistory.context(user=by.pk):
        changed: Person = Person.objects.select_for_update().get(pk=person.pk)
        if changed.display_name != display:
            changed.former_name = changed.display_name
        changed.given_name, changed.family_name, changed.display_name = given, family, display
        changed.sort_key = names.sort_key(given, family) or names.fold(display)
        changed.save(update_fields=["given_name", "family_name", "display_name", "former_name", "sort_key"])
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


# --- Names that people ask for themselves -----------------------------------------------------------------------------


@transaction.atomic
def ask_for_name(
    person: Person, *, given: str, family: str, display: str, hides_former: bool, at: datetime
) -> NameRequest:
    """Keep what she asks to be called by; staff decide. Asked again, the newer wish takes the place. Raises CannotCorrect."""
    given, family = names.tidy(given), names.tidy(family)
    display = names.tidy(display) or names.full(given, family)
    if not names.fold(display):
        raise CannotCorrect("Write a name.")
    canonical = Person.objects.select_for_update(no_key=True).get(pk=person.canonical_id)
    wanted = {"given_name": given, "family_name": family, "display_name": display, "hides_former": hides_former}
    if display == canonical.display_name and not hides_former:
        raise CannotCorrect(f"You are called {display} here already.")
    asked: NameRequest = NameRequest.objects.waiting().update_or_create(
        person=canonical, defaults=wanted | {"asked_at": at}
    )[0]
    return asked


@transaction.atomic
def grant(request: NameRequest, *, by: User, at: datetime) -> Person:
    """Call her as she asked: everywhere, under every name she had, when the former one is to be hidden."""
    _decide(request, is_granted=True, by=by, at=at)
    given, family, display = request.given_name, request.family_name, request.display_name
    person = request.person.merged_into or request.person
    changed = rename(person, given=given, family=family, display=display, by=by)
    if request.hides_former:
        for alias in changed.aliases.order_by("pk"):
            rename(alias, given=given, family=family, display=display, by=by)
    return changed


@transaction.atomic
def decline(request: NameRequest, *, by: User, at: datetime) -> NameRequest:
    """Leave her name as it is."""
    return _decide(request, is_granted=False, by=by, at=at)


def _decide(request: NameRequest, *, is_granted: bool, by: User, at: datetime) -> NameRequest:
    decided = {"decided_at": at, "decided_by": by, "is_granted": is_granted}
    if not NameRequest.objects.waiting().filter(pk=request.pk).update(**decided):
        raise CannotCorrect("Someone decided on this name meanwhile.")
    return request

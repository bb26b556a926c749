"""Payers and payees: made when they are first needed, changed by the provider."""

from django.db import transaction

from billing.models import Payee, Payer
from people.models import Organization, Provider


class CannotKeep(Exception):
    """The party stays as it was."""


def payer_of(organization: Organization | None) -> Payer:
    """The payer that an organization is, or the provider: the payer of its own grants."""
    home = organization or Provider.objects.select_related("organization").get().organization
    return Payer.objects.get_or_create(organization=home)[0]


@transaction.atomic
def keep(party: Payer | Payee) -> Payer | Payee:
    """Write a payer's address and terms, or a payee's; what was issued keeps the words it was issued with.

    Raises CannotKeep where an organization is paid already.
    """
    if isinstance(party, Payee) and Payee.objects.filter(organization=party.organization).exclude(pk=party.pk).exists():
        raise CannotKeep(f"{party.organization} is in the list already: change it there.")
    party.save()
    return party

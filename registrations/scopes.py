"""Scopes: the programs whose seats an agreement may pay."""

from collections.abc import Iterable

from django.db import transaction

from billing.models import FundingAgreement
from events.models import Program
from registrations.models import FundingScope


def programs_of(agreement: FundingAgreement) -> list[Program]:
    """The programs an agreement is limited to; none means any."""
    return list(Program.objects.filter(funding_scopes__agreement=agreement).order_by("name"))


@transaction.atomic
def limit(agreement: FundingAgreement, programs: Iterable[Program]) -> None:
    """Let an agreement pay for these programs only; what it paid before stays paid. Scopes of cohorts are left alone."""
    FundingAgreement.objects.select_for_update().get(pk=agreement.pk)
    wanted = {program.pk for program in programs}
    FundingScope.objects.filter(agreement=agreement, program__isnull=False).exclude(program__in=wanted).delete()
    held = set(FundingScope.objects.filter(agreement=agreement).values_list("program", flat=True))
    FundingScope.objects.bulk_create(FundingScope(agreement=agreement, program_id=key) for key in sorted(wanted - held))

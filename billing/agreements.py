"""Funding agreements and what hangs on them: districts' shares, and the lines that pay under them."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Min

from billing.models import AgreementCap, Charge, FundingAgreement, FundingLine
from billing.wording import days, dollars
from people.models import Organization, User

FROZEN = ("kind", "payer_id")
"""What charges rest on: an invoice of yesterday would be another's today."""


class CannotAgree(Exception):
    """The agreement stays as it was; the sentence says why."""


@transaction.atomic
def keep(agreement: FundingAgreement) -> FundingAgreement:
    """Write an agreement, new or changed. What was charged under it must still fit. Raises CannotAgree."""
    if agreement.pk:
        before = FundingAgreement.objects.select_for_update().get(pk=agreement.pk)
        agreement.charged = before.charged
        _must_still_fit(agreement, before)
    agreement.save()
    return agreement


@transaction.atomic
def share_out(agreement: FundingAgreement, organization: Organization, amount: Decimal | None) -> AgreementCap:
    """Let an agreement serve a district, with so many dollars of it at most, or without a limit. Raises CannotAgree."""
    FundingAgreement.objects.select_for_update().get(pk=agreement.pk)
    AgreementCap.objects.get_or_create(agreement=agreement, organization=organization)
    cap: AgreementCap = AgreementCap.objects.select_for_update().get(agreement=agreement, organization=organization)
    spent = _charged_for(agreement, organization)
    if amount is not None and amount < spent:
        raise CannotAgree(f"{dollars(spent)} are charged for {organization} already; its share cannot be less.")
    AgreementCap.objects.filter(pk=cap.pk).update(amount=amount, charged=spent)
    cap.refresh_from_db()
    return cap


@transaction.atomic
def serve_no_longer(cap: AgreementCap) -> None:
    """Take a district's share away. Raises CannotAgree once it was charged."""
    locked = AgreementCap.objects.select_for_update(of=("self",)).select_related("organization").get(pk=cap.pk)
    if locked.charged:
        raise CannotAgree(f"{dollars(locked.charged)} are charged for {locked.organization}: its share stays.")
    locked.delete()


@transaction.atomic
def add_line(line: FundingLine, *, by: User, at: datetime) -> FundingLine:
    """Keep a funding line; whoever attests is written down with the moment. It is never changed once charged."""
    line.made_by, line.made_at = by, at
    line.attested_at = at if line.attested_by else None
    line.save()
    return line


def _must_still_fit(agreement: FundingAgreement, before: FundingAgreement) -> None:
    charges = Charge.objects.filter(line__agreement=agreement.pk)
    span = charges.aggregate(first=Min("first_day"), last=Max("last_day"))
    if span["first"] is None:
        return
    if any(getattr(agreement, name) != getattr(before, name) for name in FROZEN):
        raise CannotAgree(f"{before} was charged already: its kind and its payer stay.")
    if agreement.amount is not None and agreement.amount < before.charged:
        raise CannotAgree(f"{dollars(before.charged)} are charged already; the amount cannot be less.")
    if not (agreement.covers(span["first"]) and agreement.covers(span["last"])):
        raise CannotAgree(f"It pays for {days(span['first'], span['last'])} already; its period must hold these days.")


def _charged_for(agreement: FundingAgreement, organization: Organization) -> Decimal:
    """What a district's people cost an agreement so far: also before it had a share of its own."""
    charges = Charge.objects.filter(line__agreement=agreement, line__organization=organization)
    return sum(charges.values_list("amount", flat=True), Decimal(0))

"""Days of service under a contract without seats: recorded when delivered, charged when the district signs them off."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from billing import ledger
from billing.models import ChargeKind, FundingLine
from billing.wording import day as day_words
from events.models import Institute, InstituteKind
from office import digests, post
from people.models import User
from people.names import tidy
from registrations.models import ServiceDay

KINDS = frozenset({InstituteKind.ON_SITE, InstituteKind.COACHING})


class CannotServe(Exception):
    """The days stay as they were; the sentence says why."""


@transaction.atomic
def record(
    institute: Institute, *, line: FundingLine, on: date, words: str, delivered_by: str, by: User, at: datetime
) -> ServiceDay:
    """Write down a day that was delivered, and ask the district's coordinators to sign it off. Raises CannotServe."""
    _refuse(institute, line, on, at)
    if not tidy(words) or not tidy(delivered_by):
        raise CannotServe(_("Write what was done, and who did it: both are printed on the invoice."))
    try:
        with transaction.atomic():
            made = ServiceDay.objects.create(
                institute=institute,
                line=line,
                on=on,
                words=tidy(words)[:200],
                delivered_by=tidy(delivered_by)[:150],
                recorded_by=by,
                recorded_at=at,
            )
    except IntegrityError:
        told = {"who": tidy(delivered_by), "day": day_words(on)}
        raise CannotServe(_("The day of %(who)s on %(day)s is recorded already.") % told) from None
    _ask(made, at=at)
    return made


def _refuse(institute: Institute, line: FundingLine, on: date, at: datetime) -> None:
    agreement = line.agreement
    if institute.kind not in KINDS:
        raise CannotServe(_("%s has seats. Days of service are of on-site and coaching contracts.") % institute.code)
    if agreement is None or agreement.rate is None:
        raise CannotServe(_("Choose a line of an agreement that names its rate: a day is charged at it."))
    if on > localtime(at, institute.tz).date():
        raise CannotServe(_("%s is still to come: record a day when it was delivered.") % day_words(on))
    if not agreement.covers(on):
        told = {"agreement": agreement, "day": day_words(on)}
        raise CannotServe(_("%(agreement)s does not pay for %(day)s: it is outside its period.") % told)


def _ask(made: ServiceDay, *, at: datetime) -> None:
    district = made.line.organization
    if district is None:
        raise CannotServe(_("The line names no district that could sign the day off."))
    told = {"day": day_words(made.on), "who": made.delivered_by, "words": made.words}
    post.send_all(
        [
            post.Letter(
                to=membership.user.email,
                subject=_("A day of service to sign off: %(day)s") % told,
                template="mail/notice",
                context={
                    "text": _("%(who)s was with you on %(day)s: %(words)s. Sign it off, or tell us what is wrong.")
                    % told,
                    "url": post.link(reverse("registrations:service_days")),
                    "action": _("See the day"),
                },
                person=membership.user.person,
                about=f"service day {made.pk}",
                key=f"service-day-{made.pk}-{membership.user_id}",
            )
            for membership in digests.coordinators_of(district)
        ],
        at=at,
    )


@transaction.atomic
def sign_off(days: Sequence[ServiceDay], *, by: User, at: datetime) -> list[ServiceDay]:
    """Say that days were delivered: each is charged at its agreement's rate; all of them or none. Raises CannotServe."""
    locked = _locked(days)
    for each in locked:
        if each.taken_back_at or each.signed_off_at:
            raise CannotServe(_("One of these days was signed off, or taken back, meanwhile. Look again."))
    try:
        charges = ledger.charge_all([_wanted(each) for each in locked], by=by, at=at)
    except ledger.CannotCharge as refusal:
        raise CannotServe(str(refusal)) from refusal
    for each, charge in zip(locked, charges, strict=True):
        each.charge, each.signed_off_by, each.signed_off_at, each.question = charge, by, at, ""
    ServiceDay.objects.bulk_update(locked, ["charge", "signed_off_by", "signed_off_at", "question"])
    return locked


@transaction.atomic
def ask_about(day: ServiceDay, *, words: str) -> None:
    """Keep why the district does not sign a day off yet; staff see it beside the day. Raises CannotServe."""
    [locked] = _locked([day])
    if locked.taken_back_at or locked.signed_off_at:
        raise CannotServe(_("This day was signed off, or taken back, meanwhile. Look again."))
    if not words.strip():
        raise CannotServe(_("Write what is wrong with the day."))
    locked.question = " ".join(words.split())[:300]
    locked.save(update_fields=["question"])


@transaction.atomic
def take_back(day: ServiceDay, *, reason: str, by: User, at: datetime) -> None:
    """Take a day back that was recorded by mistake; what was charged for it is reversed. Raises CannotServe."""
    [locked] = _locked([day])
    if locked.taken_back_at:
        raise CannotServe(_("This day was taken back already."))
    if not reason.strip():
        raise CannotServe(_("Write why the day is taken back."))
    if locked.charge:
        try:
            ledger.reverse_all([locked.charge], words=f"{_words(locked)}: taken back", by=by, at=at)
        except ledger.CannotCharge as refusal:
            raise CannotServe(str(refusal)) from refusal
    locked.taken_back_by, locked.taken_back_at, locked.reason = by, at, " ".join(reason.split())[:200]
    locked.save(update_fields=["taken_back_by", "taken_back_at", "reason"])


def _locked(days: Sequence[ServiceDay]) -> list[ServiceDay]:
    rows = ServiceDay.objects.select_for_update(of=("self",)).filter(pk__in=[each.pk for each in days]).order_by("pk")
    return list(rows.select_related("institute__fiscal_agent", "line__agreement", "line__payer", "charge"))


def _wanted(day: ServiceDay) -> ledger.Wanted:
    agreement = day.line.agreement
    if agreement is None or agreement.rate is None:
        raise CannotServe(_("The agreement names no rate any more: write it in, then sign off."))
    return ledger.Wanted(
        line=day.line,
        payee=ledger.payee_for(day.institute.fiscal_agent),
        kind=ChargeKind.SERVICE_DAY,
        words=_words(day),
        amount=agreement.rate,
        first_day=day.on,
        last_day=day.on,
    )


def _words(day: ServiceDay) -> str:
    """What an invoice prints of a day: "October 5, 2026: Coaching in grade 4 (Fay Moreno)"."""
    return f"{day_words(day.on)}: {day.words} ({day.delivered_by})"[:280]

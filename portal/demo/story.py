"""What happened at an institute of the demo, by the verbs that the pages call."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from billing import invoicing, payments
from billing.models import Invoice, PaymentMethod
from certificates import issuing
from events.models import Session
from people.models import Organization
from portal.demo.places import Ground
from portal.demo.rosters import Chapter, Paid, first_of
from registrations import attendance, billable, enrollment, funding
from registrations.models import EventKind, Registration
from registrations.newcomers import Attendee

NAMESPACE = uuid.UUID("6f0d9f4e-8f2b-4c55-9a0b-3a0c9d1e7a11")


def tell(chapter: Chapter, ground: Ground, *, at: datetime) -> None:
    for short, paid in chapter.rosters.items():
        _register(chapter, ground.leas[short], short, paid, ground)
    _attend(chapter, ground, at=at)
    if chapter.is_closed:
        _invoice(chapter, ground)
        issuing.issue_all(chapter.institute, by=ground.omar, at=_after(chapter, 2))


def _register(chapter: Chapter, lea: Organization, short: str, paid: list[Paid], ground: Ground) -> None:
    institute = chapter.institute
    attendees = attendees_of(ground, short, sum(part.count for part in paid))
    groups = []
    for part in paid:
        share = funding.Share(part.line, institute.starts_on, institute.ends_on, part.purchase_order)
        team = enrollment.TeamWanted(part.team) if part.team else None
        groups.append(enrollment.Group(attendees[: part.count], [share], team=team))
        attendees = attendees[part.count :]
    enrollment.place(
        groups,
        sponsor=lea,
        institute=institute,
        key=f"demo-{institute.code}-{short}",
        by=ground.dolores if short == "avusd" else ground.omar,
        at=chapter.registered_at,
    )


def attendees_of(ground: Ground, short: str, count: int, *, after: int = 0) -> list[Attendee]:
    """So many of a district's staff, as a roster says them; the same each time."""
    known = dict(_known(ground.leas[short]))
    schools = ground.schools[short]
    return [
        Attendee(
            given_name=row.given,
            family_name=row.family,
            email=row.email,
            person_id=known.get(row.email),
            school_id=schools[number % len(schools)].pk,
            role=row.role,
            grade_span=row.grade_span,
        )
        for number, row in enumerate(first_of(short, after + count))
    ][after:]


def _known(lea: Organization) -> list[tuple[str, int]]:
    rows = lea.employments.filter(person__addresses__isnull=False)
    return list(rows.values_list("person__addresses__address", "person"))


def _attend(chapter: Chapter, ground: Ground, *, at: datetime) -> None:
    """Everyone comes, but for one in seven who leaves early on the second day and one in eleven who misses the last."""
    institute = chapter.institute
    registrations = list(Registration.objects.filter(institute=institute).select_related("person").order_by("pk"))
    strands = list(institute.strands.order_by("position"))
    seen: list[attendance.Seen] = []
    for session in institute.sessions.filter(counts=True).order_by("starts_at", "pk"):
        day = (session.starts_at.astimezone(institute.tz).date() - institute.starts_on).days
        if day >= chapter.days_attended:
            continue
        for number, registration in enumerate(registrations):
            if session.strand_id and strands[number % len(strands)].pk != session.strand_id:
                continue
            if day == 2 and number % 11 == 10:
                continue
            seen += _presence(session, registration, leaves_early=day == 1 and number % 7 == 6)
    attendance.record(seen, institute=institute, by=ground.omar, at=min(_after(chapter, 1), at))


def _presence(session: Session, registration: Registration, *, leaves_early: bool) -> list[attendance.Seen]:
    moments = [(EventKind.PRESENT, session.starts_at)]
    if leaves_early:
        moments = [(EventKind.IN, session.starts_at), (EventKind.OUT, session.ends_at - timedelta(minutes=50))]
    return [
        attendance.Seen(
            id=uuid.uuid5(NAMESPACE, f"{session.pk} {registration.pk} {kind}"),
            session_id=session.pk,
            kind=kind,
            at=moment,
            registration_id=registration.pk,
        )
        for kind, moment in moments
    ]


def _invoice(chapter: Chapter, ground: Ground) -> None:
    """Invoices two weeks later: the first is paid, the second in part, the rest are overdue."""
    issued_at = _after(chapter, 14)
    drafts = billable.draft_invoices(chapter.institute, by=ground.omar, at=issued_at)
    invoices = invoicing.issue_all(drafts, by=ground.omar, at=issued_at).issued
    for invoice, share, number in zip(invoices, (Decimal(1), Decimal("0.5")), (40117, 40233), strict=False):
        _pay(invoice, share, str(number), chapter, ground)


def _pay(invoice: Invoice, share: Decimal, reference: str, chapter: Chapter, ground: Ground) -> None:
    amount = (invoicing.total_of(invoice) * share).quantize(Decimal("0.01"))
    at = _after(chapter, 45)
    payments.record(
        payer=invoice.payer,
        payee=invoice.payee,
        method=PaymentMethod.WARRANT,
        reference=reference,
        amount=amount,
        received_on=at.date(),
        shares=[payments.Share(invoice, amount)],
        by=ground.omar,
        at=at,
    )


def _after(chapter: Chapter, days: int) -> datetime:
    """An evening so many days after the last session that was held."""
    last = chapter.institute.sessions.order_by("ends_at").last()
    return (last.ends_at if last else chapter.registered_at) + timedelta(days=days)

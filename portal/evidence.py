"""Evidence for a card holder's bank: what we know of the seats that a disputed payment paid (scenario 19).

A sweep puts it together for each open dispute; staff look at it and send it, or it goes by itself two days before the
bank wants it. It says what the bank needs and no more: no personal address, no need, no pupil.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from billing import checkouts, disputes, gateway
from billing.models import Dispute, DisputeEnd
from billing.wording import dollars
from certificates.models import Certificate, Download
from events import terms
from office import files, paper
from office.models import Message
from people.models import Provider, User
from portal.models import Evidence
from registrations import confirmations
from registrations.models import AttendanceEvent, EventKind, Order, Registration

LAST_MOMENT = timedelta(days=2)
"""Before the bank's last day the packet goes as it is: one that comes too late is not read."""


class CannotSendEvidence(Exception):
    """The bank gets nothing; the sentence says why."""


@dataclass(frozen=True)
class Section:
    """What is known of one matter, line by line."""

    title: str
    rows: list[str]


# --- Put together -------------------------------------------------------------------------------------------------------


def sweep(*, at: datetime) -> list[Evidence]:
    """Put together what open disputes lack, and send what the bank wants soon. One that cannot go keeps nobody waiting."""
    made = [build(dispute, at=at) for dispute in _open().filter(evidence=None).order_by("pk")]
    late = Evidence.objects.unsent().filter(
        dispute__outcome=None, dispute__evidence_due_at__range=(at, at + LAST_MOMENT)
    )
    for evidence in late.select_related("dispute__payment__payee").order_by("pk"):
        try:
            send(evidence, by=None, at=at)
        except (CannotSendEvidence, gateway.GatewayAway):
            continue  # tried again by the next sweep; its page says that it is not sent
    return made


def build(dispute: Dispute, *, at: datetime) -> Evidence:
    """The packet of a dispute, once: a PDF, or its words alone where this machine makes no paper."""
    known: Evidence | None = Evidence.objects.filter(dispute=dispute).first()
    if known:
        return known
    sections = sections_of(dispute)
    words = "\n\n".join("\n".join([section.title, *section.rows]) for section in sections)
    content, kind = _printed(dispute, sections, words, at)
    with transaction.atomic():
        file = files.keep(
            content, name=f"evidence-{dispute.gateway_id}{files.ENDINGS[kind]}", type=kind, by=None, at=at
        )
        facts = {"file": file, "words": words, "at": at}
        evidence: Evidence = Evidence.objects.get_or_create(dispute=dispute, defaults=facts)[0]
    return evidence


def sections_of(dispute: Dispute) -> list[Section]:
    """What was paid for, under which terms, who came when, what was mailed, which certificates were fetched."""
    registrations = _registrations(dispute)
    orders = list(Order.objects.filter(allotments__seats__registrations__in=registrations).distinct().order_by("pk"))
    found = [
        Section(_("Payment"), _payment(dispute)),
        Section(_("Registration"), [_registered(one) for one in registrations]),
        Section(_("Terms that were accepted"), [row for order in orders for row in _terms(order)]),
        Section(_("Attendance"), _attendance(registrations)),
        Section(_("Mail that was sent"), _mail(orders)),
        Section(_("Certificates"), _certificates(registrations)),
    ]
    return [section for section in found if section.rows]


def _payment(dispute: Dispute) -> list[str]:
    payment = dispute.payment
    paid = _("%(amount)s by %(payer)s, received on %(when)s, reference %(reference)s")
    words = {
        "amount": dollars(payment.amount),
        "payer": payment.payer,
        "reference": payment.reference,
        "when": date_format(payment.received_on, "F j, Y"),
    }
    return [paid % words, *(f"{invoice.reference}: {invoice.about}" for invoice in disputes.invoices_of(dispute))]


def _registrations(dispute: Dispute) -> list[Registration]:
    rows = Registration.objects.filter(
        seat__seat_charges__charge__invoice_line__invoice__in=disputes.invoices_of(dispute)
    )
    return list(rows.select_related("person", "institute").distinct().order_by("pk"))


def _registered(registration: Registration) -> str:
    facts = {
        "person": registration.person.display_name,
        "institute": registration.institute,
        "when": _moment(registration.made_at),
    }
    return _("%(person)s was registered for %(institute)s on %(when)s") % facts


def _terms(order: Order) -> list[str]:
    accepted = _("Accepted on %(when)s, when the order was placed:") % {"when": _moment(order.at)}
    return [accepted, *terms.sentences(order.terms)]


def _attendance(registrations: list[Registration]) -> list[str]:
    """Person by person and day by day: the sessions at which she was seen."""
    rows = AttendanceEvent.objects.standing().filter(registration__in=registrations)
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for event in (
        rows.exclude(kind=EventKind.ADJUST)
        .select_related("registration__person", "session__institute")
        .order_by("registration", "session__starts_at", "at")
    ):
        zone = event.session.institute.tz
        day = date_format(timezone.localtime(event.session.starts_at, zone), "F j, Y")
        clock = date_format(timezone.localtime(event.at, zone), "g:i A")
        words = f"{event.session.title} ({event.get_kind_display()}, {clock})"
        seen[event.registration.person.display_name, day].append(words)
    return [f"{person}, {day}: {', '.join(words)}" for (person, day), words in seen.items()]


def _mail(orders: list[Order]) -> list[str]:
    abouts = [confirmations.about(order) for order in orders]
    return [
        f"{_moment(one.at)}: {one.subject}" for one in Message.objects.filter(about__in=abouts).order_by("at", "pk")
    ]


def _certificates(registrations: list[Registration]) -> list[str]:
    people = {registration.person.canonical_id for registration in registrations}
    institutes = {registration.institute_id for registration in registrations}
    issued = Certificate.objects.filter(person__in=people, institute__in=institutes).order_by("pk")
    fetched = Download.objects.filter(certificate__in=issued).select_related("certificate").order_by("at", "pk")
    return [
        *(_("%(code)s was issued on %(when)s") % {"code": one.code, "when": _moment(one.issued_at)} for one in issued),
        *(_("%(code)s was fetched on %(when)s") % {"code": one.certificate.code, "when": _moment(one.at)}
          for one in fetched),
    ]  # fmt: skip


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "F j, Y, g:i A T")


def _printed(dispute: Dispute, sections: Iterable[Section], words: str, at: datetime) -> tuple[bytes, str]:
    provider = Provider.objects.get()
    context = {
        "dispute": dispute.gateway_id,
        "sections": [asdict(section) for section in sections],
        "day": date_format(timezone.localtime(at), "F j, Y"),
        "provider": {"name": provider.name, "email": provider.email, "phone": provider.phone},
    }
    try:
        return paper.render("paper/evidence.html", context, title=f"Evidence for {dispute.gateway_id}"), files.PDF
    except paper.CannotRender:
        return words.encode(), files.TEXT


# --- Sent ---------------------------------------------------------------------------------------------------------------


def send(evidence: Evidence, *, by: User | None, at: datetime) -> None:
    """Give the bank the packet, once: the bank reads what comes first, and nothing after it.

    Raises CannotSendEvidence, and gateway.GatewayAway where it may be tried again.
    """
    if evidence.sent_at:
        raise CannotSendEvidence(_("The bank has it already: it reads what comes first."))
    if not _open().filter(pk=evidence.dispute_id).exists():
        raise CannotSendEvidence(_("The dispute is closed."))
    dispute = evidence.dispute
    pdf = None
    if evidence.file.type == files.PDF:
        with evidence.file.bytes.open("rb") as opened:
            pdf = bytes(opened.read())
    account = checkouts.account_of(dispute.payment.payee) or ""
    try:
        gateway.submit_evidence(
            dispute.gateway_id, words=evidence.words, file=pdf, account=account, key=f"evidence-{dispute.gateway_id}"
        )
    except gateway.GatewayRefused as refusal:
        raise CannotSendEvidence(str(refusal)) from refusal
    Evidence.objects.unsent().filter(pk=evidence.pk).update(sent_at=at, sent_by=by)


# --- Shown --------------------------------------------------------------------------------------------------------------


def read(words: str) -> list[Section]:
    """The sections of a packet, as its words were kept."""
    parts = [part.split("\n") for part in words.split("\n\n")]
    return [Section(title, rows) for title, *rows in parts]


def note_of(dispute: Dispute) -> str:
    """For whoever collects a lost dispute; empty for any other."""
    outcome = getattr(dispute, "outcome", None)
    return disputes.collections_note(dispute) if outcome and outcome.kind == DisputeEnd.LOST else ""


def _open() -> QuerySet:
    rows: QuerySet = Dispute.objects.open().select_related("payment__payer", "payment__payee")
    return rows

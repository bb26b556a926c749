"""Certificates and invoices, as PDFs."""

import os
import time
import uuid
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from benchmarks import tables, world
from benchmarks.site import Answer, Site, working
from benchmarks.tables import Row
from billing.models import Invoice
from certificates import issuing, renderings
from certificates.models import Certificate
from events.models import Institute
from people.access import Role
from registrations import attendance, billable
from registrations.attendance import Seen
from registrations.models import EventKind, Registration

CERTIFICATES = 100
INVOICES = 60
LINES = 5
PATIENCE = 120


def certificates(site: Site, *, number: int = CERTIFICATES) -> list[Row]:
    """Made as they are asked for, by one client and so by one web worker; and in bulk, as the background does."""
    staff = world.by_session(site, world.user(Role.STAFF))
    asked_for, in_bulk, on_one_core = (_issued(number) for _part in range(3))
    started = time.perf_counter()
    for certificate in asked_for:
        _pdf(staff.get(reverse("certificates:pdf", args=[certificate.code])))
    over_http = time.perf_counter() - started
    return [
        tables.rate("certificates, made and fetched by HTTP, one web worker", number, over_http, asked=25),
        tables.rate("certificates, in bulk on one core", number, _rendered(on_one_core, cores=1), asked=25),
        tables.rate("certificates, in bulk on all cores", number, _rendered(in_bulk), asked=25),
    ]


def _rendered(issued: list[Certificate], *, cores: int | None = None) -> float:
    """Seconds for the task's own verb, in this process."""
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(mine)[:cores])
    try:
        started = time.perf_counter()
        assert renderings.render_all([one.pk for one in issued], at=timezone.now()) == len(issued)
        return time.perf_counter() - started
    finally:
        os.sched_setaffinity(0, mine)


def _issued(number: int) -> list[Certificate]:
    """Certificates of people who were at every session of an institute last week; no PDF is made of them yet."""
    institute = world.institute(starts_on=timezone.localdate() - timedelta(days=7))
    registered = world.seat(number, at=institute, sponsor=world.districts(1)[0])
    _mark_all(registered, institute)
    issued = issuing.issue_all(institute, by=None, at=timezone.now())
    assert len(issued) == number
    return issued


def _mark_all(registered: list[Registration], institute: Institute) -> None:
    seen = [
        Seen(uuid.uuid4(), session.pk, EventKind.PRESENT, session.starts_at, registration_id=one.pk)
        for session in institute.sessions.all()
        for one in registered
    ]
    attendance.record(seen, institute=institute, by=None, at=timezone.now())


def invoices(site: Site, *, number: int = INVOICES) -> list[Row]:
    """All of an institute's, with two actions on its page: drafted, issued, made into PDFs by the worker, fetched."""
    institute = world.institute()
    for district in world.districts(number):
        world.seat(LINES, at=institute, sponsor=district)
    finance = world.by_session(site, world.user(Role.FINANCE))
    page = reverse("registrations:institute_invoices", args=[institute.pk])
    assert finance.get(page).status == 200
    with working():
        time.sleep(4)  # the worker starts; it is there all day
        started = time.perf_counter()
        assert finance.post_form(reverse("registrations:draft_invoices", args=[institute.pk]), {}).status == 302
        drafts = list(billable.invoices_of(institute).values_list("pk", flat=True))
        issue = reverse("registrations:issue_invoices", args=[institute.pk])
        assert finance.post_form(issue, {"draft": drafts}).status == 302
        _wait_until_made(institute, number)
        for key in drafts:
            _pdf(finance.get(reverse("billing:invoice_paper", args=[key])))
        seconds = time.perf_counter() - started
    return [tables.rate(f"invoices of {LINES} lines, drafted, issued, made and fetched", number, seconds, asked=30)]


def _wait_until_made(institute: Institute, number: int) -> None:
    made = Invoice.objects.filter(subject_key=billable.subject_key(institute), dispatches__isnull=False).distinct()
    until = time.monotonic() + PATIENCE
    while made.count() < number:
        if time.monotonic() > until:
            raise SystemExit(f"The worker made {made.count()} of {number} invoices in {PATIENCE} seconds.")
        time.sleep(0.05)


def _pdf(answer: Answer) -> None:
    assert answer.status == 200, (answer.status, answer.body[:300])
    assert answer.body.startswith(b"%PDF-"), answer.body[:100]

"""The books: who owes what over 50,000 invoices, and the audit of as many charges as there are."""

import time
from datetime import timedelta
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from benchmarks import tables, world
from benchmarks.site import Site
from benchmarks.tables import Row
from billing import books
from billing.models import Charge, FundingLine, Invoice, Payee
from people.access import Role

INVOICES = 50_000
LINES = 20
MOST = 0.3
TIMES = 20
AUDIT = 60.0

_FILL = [
    """
    INSERT INTO billing_charge (line_id, payee_id, kind, words, amount, first_day, last_day, fiscal_year, at)
    SELECT (%(lines)s::bigint[])[1 + (n / %(per)s) %% array_length(%(lines)s::bigint[], 1)], %(payee)s, 'seat',
        'Measured seat ' || n, 525, '2020-01-21', '2020-01-23', 2020, %(at)s
    FROM generate_series(0, %(invoices)s * %(per)s - 1) n
    """,
    """
    CREATE TEMP TABLE measured AS
    SELECT c.id AS charge, l.payer_id AS payer, l.agreement_id AS agreement, c.words,
        (row_number() OVER (ORDER BY c.id) - 1) / %(per)s AS document
    FROM billing_charge c JOIN billing_fundingline l ON l.id = c.line_id
    WHERE c.words LIKE 'Measured seat %%' AND c.fiscal_year = 2020
    """,
    "ANALYZE measured, billing_charge",
    """
    INSERT INTO billing_invoice (kind, payer_id, payee_id, agreement_id, service_year, about, subject_key,
        reference, bill_to, remit_to, purchase_order_number, funding_words, terms_words, due_on, drafted_at)
    SELECT 'invoice', min(payer), %(payee)s, min(agreement), 2020, 'Measured', 'measured',
        'M' || document, '', '', '', '', '', %(day)s::date - (document %% 200)::int, %(at)s
    FROM measured GROUP BY document
    """,
    "ANALYZE billing_invoice",
    # A look at its invoice for each of a million lines would take longer than all that is measured.
    "ALTER TABLE billing_invoiceline DISABLE TRIGGER USER",
    """
    INSERT INTO billing_invoiceline (invoice_id, charge_id, words, amount)
    SELECT i.id, m.charge, m.words, 525 FROM measured m JOIN billing_invoice i ON i.reference = 'M' || m.document
    WHERE i.subject_key = 'measured'
    """,
    "ALTER TABLE billing_invoiceline ENABLE TRIGGER USER",
    """
    UPDATE billing_invoice SET issued_at = %(at)s, number_year = 1, number = substr(reference, 2)::int + 1
    WHERE subject_key = 'measured'
    """,
    "INSERT INTO billing_numberseries (payee_id, kind, fiscal_year, last) VALUES (%(payee)s, 'invoice', 1, %(invoices)s)",
    """
    INSERT INTO billing_payment (payer_id, payee_id, method, reference, amount, received_on, at)
    SELECT payer_id, payee_id, 'check', reference, 525 * %(per)s, due_on, %(at)s FROM billing_invoice
    WHERE subject_key = 'measured' AND number %% 10 > 0
    """,
    "ANALYZE billing_payment",
    """
    INSERT INTO billing_allocation (payment_id, invoice_id, amount, reason, at)
    SELECT p.id, i.id, p.amount, '', %(at)s FROM billing_payment p
    JOIN billing_invoice i ON i.reference = p.reference AND i.subject_key = 'measured'
    """,
    """
    UPDATE billing_fundingagreement a SET charged = s.total FROM (
        SELECT l.agreement_id, sum(c.amount) AS total FROM billing_charge c
        JOIN billing_fundingline l ON l.id = c.line_id GROUP BY 1) s WHERE s.agreement_id = a.id
    """,
    "DROP TABLE measured",
    "ANALYZE",
]


def measure(site: Site) -> list[Row]:
    """Nine invoices in ten are paid: those that are open are found among them."""
    fill()
    finance = world.by_session(site, world.user(Role.FINANCE))
    path, waited = reverse("billing:ageing"), []
    for _time in range(TIMES):
        answer = finance.get(path)
        assert answer.status == 200, answer.status
        waited.append(answer.seconds)
    start = time.perf_counter()
    assert list(books.broken_equations()) == []
    seconds = time.perf_counter() - start
    count = Charge.objects.count()
    audit = Row(f"audit_books over {count:,} charges", f"{seconds:.1f} s", f"{AUDIT:.0f} s", seconds <= AUDIT, seconds)
    return [tables.waiting(f"who owes what, over {INVOICES:,} invoices", waited, under=MOST), audit]


def fill() -> None:
    """The invoices, once for each database."""
    if Invoice.objects.filter(subject_key="measured").exists():
        return
    lines = list(FundingLine.objects.filter(agreement__payer__isnull=False).order_by("pk").values_list("pk", flat=True))
    now = timezone.now()
    values: dict[str, Any] = {
        "lines": lines,
        "payee": Payee.objects.earliest("pk").pk,
        "per": LINES,
        "invoices": INVOICES,
    }
    with connection.cursor() as cursor:
        for statement in _FILL:
            cursor.execute(statement, values | {"at": now, "day": now.date() + timedelta(days=30)})

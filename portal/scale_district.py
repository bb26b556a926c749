"""One district as large as they come, with ten years behind it, for measuring its coordinator's page.

Built upon the world of `portal.scale`: the first of its districts gets thousands of people more, forty institutes a
year with everyone at one of them, and what follows from that: orders, charges, invoices, hours, certificates and mail.
"""

from datetime import date, datetime, timedelta

from django.db import connection

from billing.models import Invoice, InvoiceLine, Payee, fiscal_year_of
from certificates.models import Certificate
from events.models import HoursRule, Program, Terms
from office.models import Message, Outcome
from people.models import Organization
from portal import scale
from registrations.models import HoursEarned

INSTITUTES_A_YEAR = 40


def build(*, staff: int, years: int, today: date, at: datetime) -> Organization:
    """Make the first measured district that large. Nobody is asked twice: where it is large, nothing happens."""
    district: Organization = Organization.objects.filter(cds__startswith="98").earliest("pk")
    program, is_new = Program.objects.get_or_create(
        slug="measured-district", defaults={"name": "Measured Years", "code": "SD"}
    )
    if not is_new:
        return district
    values = {
        "district": district.pk,
        "staff": staff,
        "years": years,
        "each": INSTITUTES_A_YEAR,
        "program": program.pk,
        "terms": Terms.objects.get(name="Measured").pk,
        "rule": HoursRule.objects.get(name="Measured").pk,
        "payee": Payee.objects.create(organization=district, remit_to=district.name, prefix="SD").pk,
        "first_year": fiscal_year_of(today) - years,
        "today": today,
        "at": at,
        "since": today - timedelta(days=366 * years),
        "given": scale.GIVEN,
        "family": scale.FAMILY,
    }
    with scale.without_histories(Invoice, InvoiceLine, HoursEarned, Certificate, Message, Outcome):
        for sql in (*_GROUND, _PLACES):
            scale.run(sql, values)
        scale.seat(values)
        for sql in _HISTORY:
            scale.run(sql, values)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return district


_GROUND = [
    """
    INSERT INTO people_person (given_name, family_name, display_name, legal_name, former_name, sort_key, created_at)
    SELECT g, f || ' D' || n, g || ' ' || f || ' D' || n, '', 'measured district', 'd' || n, %(at)s
    FROM generate_series(1, %(staff)s) n,
    LATERAL (SELECT (%(given)s::text[])[1 + n %% array_length(%(given)s::text[], 1)] g,
                    (%(family)s::text[])[1 + (n / 7) %% array_length(%(family)s::text[], 1)] f) names
    """,
    """
    INSERT INTO people_employment (person_id, organization_id, role, grade_span, starts_on)
    SELECT id, %(district)s, 'teacher', '', %(since)s FROM people_person WHERE former_name = 'measured district'
    """,
    """
    INSERT INTO people_emailaddress (person_id, address, is_preferred)
    SELECT id, 'd' || id || '@example.test', true FROM people_person WHERE former_name = 'measured district'
    """,
    """
    INSERT INTO events_institute (program_id, code, title, kind, modality, description, what_to_bring, zone,
        starts_on, ends_on, capacity, seats_taken, price, registration_opens_at, registration_closes_at,
        terms_id, hours_rule_id, agenda_revision, fills_small_gaps, chaperones, published_at)
    SELECT %(program)s, 'SD-' || y || '-' || lpad(n::text, 2, '0'), 'Years of Training ' || n, 'institute', 'in_person',
        '', '', 'America/Los_Angeles', day, day + 1, 1000, 0, 525, day - interval '400 days', day + interval '1 day',
        %(terms)s, %(rule)s, 1, true, 0, %(at)s
    FROM generate_series(%(first_year)s::int, %(first_year)s::int + %(years)s::int) y, generate_series(1, %(each)s) n,
    LATERAL (SELECT make_date(y - 1, 7, 8) + n * 350 / %(each)s AS day) days
    """,
    """
    INSERT INTO billing_purchaseorder (payer_id, number, issued_on, expires_on, amount, drawn, at)
    SELECT p.id, 'SD-' || y || '-' || n, make_date(y - 1, 7, 1), make_date(y, 6, 30), 500000, 0, %(at)s
    FROM billing_payer p, generate_series(%(first_year)s::int, %(first_year)s::int + %(years)s::int) y,
         generate_series(1, 8) n
    WHERE p.organization_id = %(district)s
    """,
]
_PLACES = """
    CREATE TEMP TABLE scale_places AS
    WITH people AS (
        SELECT id, row_number() OVER (ORDER BY id) - 1 AS k FROM people_person WHERE former_name = 'measured district'
    ), institutes AS (
        SELECT id, starts_on, ends_on, (row_number() OVER (ORDER BY id) - 1) %% %(each)s AS k
        FROM events_institute WHERE program_id = %(program)s
    )
    SELECT row_number() OVER (ORDER BY i.id, p.id) AS n, p.id AS person_id, %(district)s::bigint AS organization_id,
           i.id AS institute_id, i.starts_on, i.ends_on
    FROM people p JOIN institutes i ON i.k = p.k %% %(each)s
"""
_HERS = "registrations_registration r JOIN events_institute i ON i.id = r.institute_id AND i.program_id = %(program)s"
_HISTORY = [
    f"""
    INSERT INTO registrations_hoursearned (registration_id, day, hour_type, minutes, agenda_revision, worked_out_at)
    SELECT r.id, i.starts_on + d, 'intensive', 390, 1, %(at)s FROM {_HERS}, generate_series(0, 1) d
    WHERE i.ends_on < %(today)s
    """,  # noqa: S608 - nothing of it comes from outside
    f"""
    INSERT INTO certificates_certificate
        (person_id, kind, institute_id, sponsor_id, code, version, snapshot, reason, issued_at)
    SELECT r.person_id, 'attendance', i.id, %(district)s, 'D' || lpad(r.id::text, 13, '0'), 1, '{{}}', '', %(at)s
    FROM {_HERS} WHERE i.ends_on < %(today)s
    """,  # noqa: S608 - nothing of it comes from outside
    f"""
    INSERT INTO office_message ("to", person_id, subject, text, html, about, key, at)
    SELECT 'd' || r.person_id || '@example.test', r.person_id, 'Your place at ' || i.title, 'Measured', '',
           'order ' || a.order_id, 'confirmation-' || r.id, i.starts_on - interval '60 days'
    FROM {_HERS} JOIN registrations_seat s ON s.id = r.seat_id JOIN registrations_allotment a ON a.id = s.allotment_id
    """,  # noqa: S608 - nothing of it comes from outside
    """
    INSERT INTO office_outcome (message_id, kind, detail, at)
    SELECT id, CASE WHEN id %% 500 = 0 THEN 'bounced' ELSE 'sent' END, '', at FROM office_message
    WHERE subject LIKE 'Your place at Years of Training%%'
    """,
    """
    INSERT INTO billing_invoice (kind, payer_id, payee_id, agreement_id, service_year, about, subject_key, number_year, number,
        reference, bill_to, remit_to, purchase_order_number, funding_words, terms_words, due_on, drafted_at, issued_at)
    SELECT 'invoice', p.id, %(payee)s, a.id, years.y, i.code, 'institute-' || i.id, years.y,
        row_number() OVER (PARTITION BY years.y ORDER BY i.id), 'SD-' || i.id, '', '', '', '', '',
        i.ends_on + 30, %(at)s, i.ends_on
    FROM events_institute i, LATERAL (SELECT EXTRACT(year FROM i.starts_on + 184) AS y) years,
         billing_payer p JOIN billing_fundingagreement a ON a.payer_id = p.id
    WHERE i.program_id = %(program)s AND p.organization_id = %(district)s AND i.ends_on < %(today)s
    """,
    f"""
    INSERT INTO billing_invoiceline (invoice_id, charge_id, words, amount)
    SELECT v.id, c.id, c.words, c.amount FROM {_HERS}
    JOIN registrations_seatcharge sc ON sc.seat_id = r.seat_id JOIN billing_charge c ON c.id = sc.charge_id
    JOIN billing_invoice v ON v.subject_key = 'institute-' || i.id
    """,  # noqa: S608 - nothing of it comes from outside
    """
    INSERT INTO billing_numberseries (payee_id, kind, fiscal_year, last)
    SELECT payee_id, 'invoice', number_year, max(number) FROM billing_invoice WHERE payee_id = %(payee)s GROUP BY 1, 3
    """,
    """
    INSERT INTO billing_payment (payer_id, payee_id, method, reference, amount, received_on, at)
    SELECT v.payer_id, v.payee_id, 'warrant', v.reference, sum(l.amount), v.due_on, %(at)s
    FROM billing_invoice v JOIN billing_invoiceline l ON l.invoice_id = v.id
    WHERE v.subject_key LIKE 'institute-%%' AND v.due_on < %(today)s - 60 GROUP BY v.id
    """,
    """
    INSERT INTO billing_allocation (payment_id, invoice_id, amount, reason, at)
    SELECT y.id, v.id, y.amount, '', %(at)s
    FROM billing_payment y JOIN billing_invoice v ON v.reference = y.reference AND v.payer_id = y.payer_id
    WHERE v.subject_key LIKE 'institute-%%'
    """,
]

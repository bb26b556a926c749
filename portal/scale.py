"""A world as large as a state, for measuring: everything invented, built by the database itself.

Districts, schools, people, institutes with their agendas, orders, seats, registrations, charges and attendance, in
proportion to the number of people. Histories are not written for it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from billing.models import AgreementKind, Charge, FundingAgreement, Payee, Payer, Source
from events.models import HoursRule, Institute, Program, Session, Terms
from people.models import County, EmailAddress, Employment, Organization, OrganizationKind, Person, Provider
from people.names import fold
from registrations.models import Allotment, AllotmentFunding, AttendanceEvent, Order, Registration, Seat

LARGE = [Organization, Person, Employment, EmailAddress, Institute, Session, FundingAgreement, Charge, Order, Allotment,
         AllotmentFunding, Seat, Registration, AttendanceEvent]  # fmt: skip
_GIVEN = """
    Ana Luis Mei José Aisha Daniel Thị Grace Omar Lucía Priya Noah Xiong Elena Marcus Sofía Kenji Ruth Iván
    Leilani Samuel Nadia Peter Rosa Caleb Yolanda Victor Hannah Arjun Carmen Tomas Ines Gabriel Beatriz Owen
    Mai Diego Alice Farid Joanna
"""
_FAMILY = """
    García Nguyễn Smith Muñoz Johnson Vang Patel O'Neill Hernández Kim Brown López Singh Martínez Lee Quintero
    Wong Torres Haddad Núñez Ramírez Nakamura Cruz Davis Barragán Wexler Ellison Prather Ortega Đặng Flores
    Miller Chen Reyes Thompson Álvarez Kaur Wilson Pérez Robinson Castillo Moore Gutiérrez Allen Romero Wright
    Vargas Scott Mendoza Green Salazar Baker Delgado Adams Ríos Nelson Fuentes Carter Peña Mitchell
"""
GIVEN, FAMILY = _GIVEN.split(), _FAMILY.split()


@dataclass(frozen=True)
class Size:
    """How large a world to build; registrations and attendance events follow from these."""

    people: int = 20_000
    districts: int = 200
    institutes: int = 40
    registrations: int = 20_000
    at_first: int = 0
    """How many of the registrations are at the first institute; the others are spread over the others."""
    events: int = 0


def build(size: Size, *, today: date, at: datetime) -> dict[str, int]:
    """Build the world in one transaction per table; the database must be empty of institutes coded `SC…`.

    Raises ValueError when the people would have to sit at one institute twice.
    """
    if size.at_first > size.people or size.registrations - size.at_first > size.people * _spread_over(size):
        raise ValueError("Ask for fewer registrations: nobody sits at one institute twice.")
    ground = _ground(at)
    with without_histories():
        steps = {
            "districts": _districts(size, at),
            "people": _people(size, today, at),
            "institutes": _institutes(size, ground, today, at),
            "registrations": _registrations(size, ground, at),
            "events": _events(size, at),
        }
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return steps


def _spread_over(size: Size) -> int:
    return size.institutes - bool(size.at_first)


@contextmanager
def without_histories(*more: type[Model]) -> Iterator[None]:
    """No triggers on the large tables meanwhile: measuring wants the rows, not what was thought of them."""
    _switch("DISABLE", [*LARGE, *more])
    try:
        yield
    finally:
        _switch("ENABLE", [*LARGE, *more])


def _switch(verb: str, models: Iterable[type[Model]]) -> None:
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f'ALTER TABLE "{model._meta.db_table}" {verb} TRIGGER USER')


@dataclass(frozen=True)
class _Ground:
    program: Program
    terms: Terms
    rule: HoursRule
    payee: Payee


@transaction.atomic
def _ground(at: datetime) -> _Ground:
    provider = Provider.objects.select_related("organization").first()
    home = provider.organization if provider else None
    if home is None:
        name = "Sierra Science Collaborative"
        home = Organization.objects.create(kind=OrganizationKind.PROVIDER, name=name, search_key=fold(name))
        Provider.objects.create(organization=home, name=name)
    County.objects.get_or_create(code="99", defaults={"name": "Measured"})
    return _Ground(
        Program.objects.get_or_create(slug="measured", defaults={"name": "Measured Training", "code": "SC"})[0],
        Terms.objects.get_or_create(
            name="Measured", version=1, defaults={"ladder": [{"days_before": 15, "percent": 100}], "made_at": at}
        )[0],
        HoursRule.objects.get_or_create(name="Measured")[0],
        Payee.objects.get_or_create(organization=home, defaults={"remit_to": home.name})[0],
    )


def run(sql: str, values: dict[str, Any]) -> int:
    """One statement, in a transaction of its own; how many rows it made."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def _districts(size: Size, at: datetime) -> int:
    made = run(
        """
        INSERT INTO people_organization
            (kind, name, search_key, cds, county_id, status, street, city, state, zip, phone)
        SELECT 'district', 'Measured District ' || n, 'measured district ' || n, '98' || lpad(n::text, 5, '0') || '0000000',
               (SELECT id FROM people_county WHERE code = '99'), 'active', '', '', '', '', ''
        FROM generate_series(1, %(districts)s) n
        """,
        {"districts": size.districts},
    )
    run(
        """
        INSERT INTO billing_payer (organization_id, ap_email, address, terms_days)
        SELECT id, 'ap' || id || '@example.test', '', 30 FROM people_organization WHERE cds LIKE '98%%'
        """,
        {},
    )
    for payer in Payer.objects.filter(organization__cds__startswith="98").select_related("organization"):
        FundingAgreement.objects.create(
            kind=AgreementKind.FEE_FOR_SERVICE,
            name=f"Contract with {payer.organization}",
            payer=payer,
            starts_on=date(1990, 7, 1),
            ends_on=date(2090, 6, 30),
        )
    run(
        """
        INSERT INTO billing_fundingline (payer_id, organization_id, agreement_id, source, account_string, lcap_year,
            lcap_goal, lcap_action, attested_by, made_at)
        SELECT p.id, p.organization_id, a.id, %(source)s, '01-4035-0-1110-2140-5200', '', '', '', '', %(at)s
        FROM billing_payer p JOIN billing_fundingagreement a ON a.payer_id = p.id
        JOIN people_organization o ON o.id = p.organization_id WHERE o.cds LIKE '98%%'
        """,
        {"source": Source.CONTRACT, "at": at},
    )
    return made


def _people(size: Size, today: date, at: datetime) -> int:
    values: dict[str, Any] = {
        "people": size.people,
        "districts": size.districts,
        "given": GIVEN,
        "family": FAMILY,
        "given_keys": [fold(name) for name in GIVEN],
        "family_keys": [fold(name) for name in FAMILY],
        "at": at,
        "since": today - timedelta(days=900),
    }
    made = run(
        """
        INSERT INTO people_person
            (given_name, family_name, display_name, legal_name, former_name, sort_key, created_at)
        SELECT g, f || ' ' || n, g || ' ' || f || ' ' || n, '', 'measured', fk || ' ' || n || ' ' || gk, %(at)s
        FROM generate_series(1, %(people)s) n,
        LATERAL (SELECT (%(given)s::text[])[1 + n %% array_length(%(given)s::text[], 1)] g,
                        (%(given_keys)s::text[])[1 + n %% array_length(%(given)s::text[], 1)] gk,
                        (%(family)s::text[])[1 + (n / 7) %% array_length(%(family)s::text[], 1)] f,
                        (%(family_keys)s::text[])[1 + (n / 7) %% array_length(%(family)s::text[], 1)] fk) names
        """,
        values,
    )
    run(
        """
        INSERT INTO people_employment (person_id, organization_id, role, grade_span, starts_on)
        SELECT p.id, o.id, 'teacher', '', %(since)s
        FROM (SELECT id, row_number() OVER (ORDER BY id) n FROM people_person WHERE former_name = 'measured') p
        JOIN (SELECT id, row_number() OVER (ORDER BY id) n FROM people_organization WHERE cds LIKE '98%%') o
          ON o.n = 1 + (p.n - 1) * %(districts)s / %(people)s
        """,
        values,
    )
    run(
        """
        INSERT INTO people_emailaddress (person_id, address, is_preferred)
        SELECT id, 'p' || id || '@example.test', true FROM people_person WHERE former_name = 'measured'
        """,
        {},
    )
    return made


def _institutes(size: Size, ground: _Ground, today: date, at: datetime) -> int:
    """Institutes of two days, never across 30 June, from the coming months back over ten years; ids as their codes."""
    per_institute = -(-size.registrations // size.institutes)
    values: dict[str, Any] = {
        "n": size.institutes,
        "program": ground.program.pk,
        "terms": ground.terms.pk,
        "rule": ground.rule.pk,
        "today": today,
        "at": at,
        "capacity": max(per_institute, size.at_first) + 1000,
        "price": Decimal("525.00"),
    }
    made = run(
        """
        INSERT INTO events_institute (program_id, code, title, kind, modality, description, what_to_bring, zone,
            starts_on, ends_on, capacity, seats_taken, price, registration_opens_at, registration_closes_at,
            terms_id, hours_rule_id, agenda_revision, fills_small_gaps, chaperones,
            published_at)
        SELECT %(program)s, 'SC-' || lpad(n::text, 5, '0'), 'Measured Training ' || n, 'institute', 'in_person', '', '',
            'America/Los_Angeles', day, day + 1, %(capacity)s, 0, %(price)s,
            day - interval '400 days', day + interval '1 day', %(terms)s, %(rule)s, 1, false, 0, %(at)s
        FROM generate_series(1, %(n)s) n,
        LATERAL (SELECT %(today)s::date + 60 - ((n - 1) * 3600 / %(n)s) AS wanted) dates,
        LATERAL (SELECT wanted + (to_char(wanted, 'MMDD') = '0630')::int AS day) days
        """,
        values,
    )
    run(
        """
        INSERT INTO events_session
            (institute_id, title, starts_at, ends_at, counts, hour_type, standards, room, seats_taken)
        SELECT i.id, blocks.title, (i.starts_on + d + opens) AT TIME ZONE i.zone, (i.starts_on + d + closes) AT TIME ZONE i.zone,
               true, 'intensive', '', '', 0
        FROM events_institute i, generate_series(0, 1) d,
             (VALUES ('Morning', time '08:00', time '11:45'), ('Afternoon', time '12:45', time '15:30'))
             AS blocks(title, opens, closes)
        WHERE i.program_id = %(program)s
        """,
        values,
    )
    return made


def _registrations(size: Size, ground: _Ground, at: datetime) -> int:
    """Person after person is seated, by tens, at institute after institute: nobody twice at one."""
    values: dict[str, Any] = {
        "n": size.registrations,
        "people": size.people,
        "at_first": size.at_first,
        "others": max(1, _spread_over(size)),
        "from": size.institutes - _spread_over(size),
        "program": ground.program.pk,
        "payee": ground.payee.pk,
        "terms": ground.terms.pk,
        "at": at,
    }
    run(
        """
        CREATE TEMP TABLE scale_places AS
        WITH people AS (
            SELECT p.id, e.organization_id, row_number() OVER (ORDER BY p.id) - 1 AS k
            FROM people_person p JOIN people_employment e ON e.person_id = p.id WHERE p.former_name = 'measured'
        ), institutes AS (
            SELECT id, row_number() OVER (ORDER BY id) - 1 AS k, starts_on, ends_on
            FROM events_institute WHERE program_id = %(program)s
        )
        SELECT n, p.id AS person_id, p.organization_id, i.id AS institute_id, i.starts_on, i.ends_on
        FROM generate_series(0, %(n)s - 1) n
        JOIN people p ON p.k = (CASE WHEN n < %(at_first)s THEN n ELSE n - %(at_first)s END) %% %(people)s
        JOIN institutes i ON i.k = CASE WHEN n < %(at_first)s THEN 0
            ELSE %(from)s + (p.k / 10 + (n - %(at_first)s) / %(people)s) %% %(others)s END
        """,
        values,
    )
    seat(values)
    return size.registrations


def seat(values: dict[str, Any]) -> None:
    """Seats, charges and registrations for whoever stands in the temporary table scale_places."""
    for sql in _SEATING:
        run(sql, values)


_SEATING = [
    """
    INSERT INTO registrations_order (sponsor_id, terms_id, key, past_the_line, at)
    SELECT organization_id, %(terms)s, 'scale-' || organization_id || '-' || institute_id, '', %(at)s
    FROM scale_places GROUP BY organization_id, institute_id
    """,
    """
    INSERT INTO registrations_allotment (order_id, institute_id, seats_wanted, price, is_chaperone)
    SELECT o.id, s.institute_id, s.seats, 525, false
    FROM (SELECT organization_id, institute_id, count(*) seats FROM scale_places GROUP BY 1, 2) s
    JOIN registrations_order o ON o.key = 'scale-' || s.organization_id || '-' || s.institute_id
    """,
    """
    INSERT INTO registrations_allotmentfunding (allotment_id, line_id, first_day, last_day, amount)
    SELECT a.id, l.id, i.starts_on, i.ends_on, a.price
    FROM registrations_allotment a JOIN registrations_order o ON o.id = a.order_id
    JOIN events_institute i ON i.id = a.institute_id JOIN billing_fundingline l ON l.organization_id = o.sponsor_id
    WHERE (o.sponsor_id, a.institute_id) IN (SELECT organization_id, institute_id FROM scale_places)
    """,
    """
    CREATE TEMP TABLE scale_seats AS
    SELECT nextval(pg_get_serial_sequence('registrations_seat', 'id')) AS seat_id, a.id AS allotment_id, s.*
    FROM scale_places s
    JOIN registrations_order o ON o.key = 'scale-' || s.organization_id || '-' || s.institute_id
    JOIN registrations_allotment a ON a.order_id = o.id
    """,
    """
    INSERT INTO registrations_seat (id, allotment_id, institute_id)
    SELECT seat_id, allotment_id, institute_id FROM scale_seats
    """,
    """
    INSERT INTO registrations_registration (seat_id, institute_id, person_id, days, role, grade_span, compensation,
        compensation_reported_by, badge, cert_name, sequence, made_at)
    SELECT seat_id, institute_id, person_id, daterange(starts_on, ends_on, '[]'), 'teacher', '', 'unknown', '',
           'scale-' || seat_id, '', 0, %(at)s
    FROM scale_seats
    """,
    """
    UPDATE events_institute i SET seats_taken = s.n
    FROM (SELECT institute_id, count(*) n FROM scale_seats GROUP BY 1) s WHERE s.institute_id = i.id
    """,
    """
    CREATE TEMP TABLE scale_charges AS
    SELECT nextval(pg_get_serial_sequence('billing_charge', 'id')) AS charge_id, s.seat_id, f.line_id,
           f.first_day, f.last_day, f.amount
    FROM scale_seats s JOIN registrations_allotmentfunding f ON f.allotment_id = s.allotment_id
    """,
    """
    INSERT INTO billing_charge (id, line_id, payee_id, kind, words, amount, first_day, last_day, fiscal_year, at)
    SELECT charge_id, line_id, %(payee)s, 'seat', 'Seat ' || seat_id, amount, first_day, last_day,
           EXTRACT(year FROM first_day + 184), %(at)s
    FROM scale_charges
    """,
    "INSERT INTO registrations_seatcharge (seat_id, charge_id) SELECT seat_id, charge_id FROM scale_charges",
    """
    UPDATE billing_fundingagreement a SET charged = a.charged + s.total
    FROM (SELECT l.agreement_id, sum(c.amount) total FROM scale_charges c
          JOIN billing_fundingline l ON l.id = c.line_id GROUP BY 1) s
    WHERE s.agreement_id = a.id
    """,
    "DROP TABLE scale_places, scale_seats, scale_charges",
]


def _events(size: Size, at: datetime) -> int:
    """Presence at the sessions that were, until there are as many events as asked for."""
    return run(
        """
        INSERT INTO registrations_attendanceevent
            (id, registration_id, session_id, kind, at, reason, recorded_at)
        SELECT gen_random_uuid(), r.id, s.id, 'present', s.starts_at, '', %(at)s
        FROM registrations_registration r JOIN events_session s ON s.institute_id = r.institute_id
        WHERE r.badge LIKE 'scale-%%' AND s.starts_at < %(at)s LIMIT %(n)s
        """,
        {"n": size.events, "at": at},
    )

"""What was ordered, all orders, and who comes to an institute."""

import csv
import io
import re

import openpyxl
import pytest
from django.db import connection
from django.urls import reverse

from office.models import Message, Outcome, OutcomeKind
from people.models import Organization, User
from registrations import confirmations, enrollment, funding, spreadsheets
from registrations.models import Order, Registration
from registrations.newcomers import Attendee
from tests import make


@pytest.fixture
def winter(provider):
    make.payee()
    return make.institute(code="LT27-01")


@pytest.fixture
def placed(winter, alder_valley: Organization, dolores: User) -> Order:
    return place(winter, alder_valley, dolores)


def place(institute, sponsor, by, *people):
    share = funding.Share(make.line(sponsor), institute.starts_on, institute.ends_on)
    attendees = people or (Attendee("Ana", "Torres", "ana@example.test"), Attendee("Bo", "Li"))
    group = enrollment.Group(attendees, [share])
    key = f"order {Order.objects.count()}"
    return enrollment.place([group], sponsor=sponsor, institute=institute, key=key, by=by, at=make.NOW)


def page(client, name, *args, **query):
    return client.get(reverse(f"registrations:{name}", args=args), query)


def test_an_order_says_who_what_and_which_mail(placed: Order, dolores: User, as_user):
    confirmations.send(placed, at=make.NOW)
    message = Message.objects.get(to="ana@example.test")
    Outcome.objects.create(message=message, kind=OutcomeKind.SENT, at=make.NOW)

    answer = page(as_user(dolores), "order", placed.pk)

    [(_allotment, seats)] = answer.context["groups"]
    assert [(row.people[0].person.display_name, mail) for row, mail in seats] == [
        ("Bo Li", ""),
        ("Ana Torres", "sent"),
    ]
    assert "$1,050.00" in answer.content.decode()


def test_an_order_is_seen_by_its_district_only(placed: Order, dolores, bea, hal, omar, as_user):
    answers = [page(as_user(who), "order", placed.pk).status_code for who in (dolores, bea, hal, omar)]

    assert answers == [200, 200, 404, 200]


def test_a_person_who_pays_herself_has_an_order_too(winter, omar: User, as_user):
    owen = make.person("Owen Prather")
    own = Order.objects.create(payer_person=owen, terms=winter.terms, key="own", at=make.NOW)

    assert "Owen Prather" in page(as_user(omar), "order", own.pk).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Bristlecone", "Alder"]),
        ({"q": "torres"}, ["Alder"]),
        ({"q": "nobody"}, []),
        ({"institute": "lt27-01"}, ["Bristlecone", "Alder"]),
        ({"institute": "LT99"}, []),
        ({"sponsor": "bristle"}, ["Bristlecone"]),
    ],
)
def test_orders_are_found_by_name_institute_and_district(query, found, placed, winter, bristlecone, hal, omar, as_user):
    place(winter, bristlecone, hal, Attendee("Hana", "Abe"))

    answer = page(as_user(omar), "orders", **query)

    assert [row["order"].sponsor.name.split()[0] for row in answer.context["orders"]] == found


def test_orders_go_from_page_to_page_by_key(winter, alder_valley, omar: User, as_user, monkeypatch):
    monkeypatch.setattr("registrations.views.orders.ON_A_PAGE", 2)
    keys = [make.order(alder_valley).pk for _number in range(5)]
    client = as_user(omar)

    first = page(client, "orders")
    second = page(client, "orders", after=first.context["after"])
    third = page(client, "orders", after=second.context["after"])
    back = page(client, "orders", before=third.context["before"])

    shown = [[row["order"].pk for row in answer.context["orders"]] for answer in (first, second, third, back)]
    assert shown == [[keys[4], keys[3]], [keys[2], keys[1]], [keys[0]], [keys[2], keys[1]]]
    assert (first.context["before"], third.context["after"]) == ("", "")


@pytest.mark.parametrize("name", ["orders", "institute_roster", "institute_roster_csv", "institute_roster_xlsx"])
def test_lists_of_all_districts_are_the_staffs(name: str, winter, dolores, bea, hal, omar, as_user):
    args = [] if name == "orders" else [winter.pk]

    answers = [page(as_user(who), name, *args) for who in (dolores, bea, hal, omar)]
    for answer in answers:
        answer.close()
    assert [answer.status_code for answer in answers] == [403, 403, 403, 200]


def test_lists_ask_as_often_for_three_as_for_one(
    winter, alder_valley, dolores, omar, as_user, django_assert_max_num_queries
):
    client = as_user(omar)
    counted = []
    for number in range(3):
        place(winter, alder_valley, dolores, Attendee("Pat", f"No{number}", f"p{number}@example.test"))
        if number in {0, 2}:
            with django_assert_max_num_queries(40) as queries:
                page(client, "orders")
                page(client, "institute_roster", winter.pk)
            counted.append(len(queries))

    assert counted[0] == counted[1]


def test_people_of_an_institute_are_searched_by_name(placed, winter, omar: User, as_user):
    answer = page(as_user(omar), "institute_roster", winter.pk, q="tor")

    assert seen(answer) == ["Ana Torres"]


def seen(answer) -> list[str]:
    return [registration.person.display_name for registration, _order, _role in answer.context["people"]]


def test_people_of_an_institute_go_from_page_to_page_by_key(winter, alder_valley, dolores, omar: User, as_user):
    winter = make.institute(code="LT27-02", capacity=205)
    place(winter, alder_valley, dolores, *(Attendee("Pat", f"No{number:03}") for number in range(205)))
    client = as_user(omar)

    first = page(client, "institute_roster", winter.pk)
    second = page(client, "institute_roster", winter.pk, after=first.context["page"].after)
    third = page(client, "institute_roster", winter.pk, after=second.context["page"].after)
    back = page(client, "institute_roster", winter.pk, before=third.context["page"].before)

    everyone = [f"Pat No{number:03}" for number in range(205)]
    assert [seen(answer) for answer in (first, second, third)] == [everyone[:100], everyone[100:200], everyone[200:]]
    assert (seen(back), third.context["page"].after) == (everyone[100:200], "")


def test_a_persons_line_says_where_she_is_from_and_how_to_reach_her(winter, alder_valley, dolores, omar, as_user):
    pine = make.school(alder_valley, "Pine Elementary")
    noor = Attendee("Noor", "Haddad", "noor@example.test", school_id=pine.pk, role="coach")
    order = place(winter, alder_valley, dolores, noor)

    told = page(as_user(omar), "institute_roster", winter.pk).content.decode()

    badge = Registration.objects.get().badge
    row = [cell.strip() for cell in re.sub(r"<[^>]+>", "|", told.split("<tbody>")[1].split("</tr>")[0]).split("|")]
    assert [cell for cell in row if cell] == [
        "Haddad, Noor", "noor@example.test", str(alder_valley), "Pine Elementary", "Coach or TOSA", "Badge", "Noor Haddad",
    ]  # fmt: skip
    assert reverse("registrations:order", args=[order.pk]) in told
    assert reverse("registrations:badge", args=[badge]) in told


# --- Exports ----------------------------------------------------------------------------------------------------------


def test_an_export_reads_its_rows_from_a_cursor_that_is_planned_for_all_of_them(alder_valley: Organization) -> None:
    rows = spreadsheets.streamed(Organization.objects.order_by("pk").values_list("pk", flat=True))

    first = next(rows)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), current_setting('cursor_tuple_fraction') FROM pg_cursors")
        assert cursor.fetchone() == (1, "1")
    assert [first, *rows] == list(Organization.objects.order_by("pk").values_list("pk", flat=True))


def test_people_are_exported_as_csv(placed, winter, omar: User, as_user):
    answer = page(as_user(omar), "institute_roster_csv", winter.pk)

    rows = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert [row[:4] for row in rows[1:]] == [
        ["Li", "Bo", "", "Alder Valley Unified"],
        ["Torres", "Ana", "ana@example.test", "Alder Valley Unified"],
    ]


def test_a_formula_in_a_name_runs_in_no_export(winter, alder_valley, dolores, omar, as_user):
    place(winter, alder_valley, dolores, Attendee("=HYPERLINK(1)", "+Li\x0b", ""))
    client = as_user(omar)

    workbook = b"".join(page(client, "institute_roster_xlsx", winter.pk))
    lines = b"".join(page(client, "institute_roster_csv", winter.pk)).decode("utf-8-sig")

    sheet = openpyxl.load_workbook(io.BytesIO(workbook)).active
    assert [cell.value for cell in sheet[2]][:2] == ["'+Li", "'=HYPERLINK(1)"]
    assert [cell.data_type for cell in sheet[2]][:2] == ["s", "s"]
    assert "'=HYPERLINK(1)" in lines


@pytest.mark.parametrize("count", [0, 1, 2500])
def test_exports_hold_every_row(count: int):
    rows = [(f"No{number}", None) for number in range(count)]

    with spreadsheets.xlsx_file(["A", "B"], rows) as content:
        sheet = openpyxl.load_workbook(content, read_only=True).active
        found = [row[0] for row in sheet.iter_rows(values_only=True)]
    lines = "".join(spreadsheets.csv_lines(["A", "B"], rows)).splitlines()

    assert len(found) == len(lines) == count + 1

"""What was ordered: all orders, and who comes to an institute."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from billing.models import Charge
from events.models import Institute
from office.files import CSV, XLSX
from people import paging
from people.access import Action, require_provider
from people.http import Request
from people.models import EmailAddress, JobRole, Organization, Person
from registrations import spreadsheets
from registrations.models import Allotment, Order, Registration

ON_A_PAGE = 50
MOST_NAMESAKES = 500


@require_safe
def orders(request: Request) -> HttpResponse:
    rows = Order.objects.visible_to(request.user)
    require_provider(request.user, Action.REGISTER)
    found = _filtered(rows, request)
    before, after = (_number(request.GET.get(name)) for name in ("before", "after"))
    if before:
        shown = list(found.filter(pk__gt=before).order_by("pk")[: ON_A_PAGE + 1])
    else:
        shown = list((found.filter(pk__lt=after) if after else found).order_by("-pk")[: ON_A_PAGE + 1])
    has_more, shown = len(shown) > ON_A_PAGE, shown[:ON_A_PAGE]
    if before:
        shown.reverse()
    newer = has_more if before else bool(after)
    older = True if before else has_more
    context = {
        "orders": _told(shown),
        "before": shown[0].pk if shown and newer else "",
        "after": shown[-1].pk if shown and older else "",
        "asked": {name: request.GET.get(name, "") for name in ("q", "institute", "sponsor")},
    }
    return render(request, "registrations/orders.html", context)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0


def _filtered(rows: QuerySet[Order], request: Request) -> QuerySet[Order]:
    """By someone's name, by the institute's code, by the district's name. Each is a subquery on an index."""
    name, code, district = (request.GET.get(key, "").strip() for key in ("q", "institute", "sponsor"))
    if name:
        people = Person.objects.named_like(name).order_by("sort_key").values_list("pk", flat=True)[:MOST_NAMESAKES]
        seats = Registration.objects.filter(person__in=list(people))
        rows = rows.filter(pk__in=seats.values("seat__allotment__order"))
    if code:
        rows = rows.filter(pk__in=Allotment.objects.filter(institute__code__istartswith=code).values("order"))
    if district:
        rows = rows.filter(sponsor__in=Organization.objects.named_like(district).values("pk"))
    return rows.select_related("sponsor", "payer_person", "placed_by__person")


def _told(shown: list[Order]) -> list[dict[str, Any]]:
    """Each order with its institutes, live seats and dollars, in two queries for all."""
    money = dict(
        Charge.objects.filter(seat_charge__seat__allotment__order__in=shown)
        .values_list("seat_charge__seat__allotment__order")
        .annotate(sum=Sum("amount"))
        .values_list("seat_charge__seat__allotment__order", "sum")
    )
    seats: dict[int, dict[str, int]] = {order.pk: {} for order in shown}
    counted = Allotment.objects.filter(order__in=shown).values("order", "institute__code").order_by("institute__code")
    for row in counted.annotate(held=Count("seats", filter=Q(seats__released_at__isnull=True))):
        seats[row["order"]][row["institute__code"]] = row["held"]
    return [
        {
            "order": order,
            "codes": ", ".join(seats[order.pk]),
            "seats": sum(seats[order.pk].values()),
            "amount": money.get(order.pk),
        }
        for order in shown
    ]


# --- Who comes to an institute ----------------------------------------------------------------------------------------


@require_safe
def institute_roster(request: Request, institute_id: int) -> HttpResponse:
    institute = get_object_or_404(Institute.objects.visible_to(request.user), pk=institute_id)
    require_provider(request.user, Action.REGISTER)
    found = _people_of(request, institute)
    # The keys first: of 20,000 people a hundred are shown, so that only theirs is joined and sorted as a whole.
    keys = found.annotate(sort_key=F("person__sort_key")).values_list("pk", "sort_key", named=True)
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    page = paging.page(keys, size=ON_A_PAGE * 2, before=before, after=after)
    shown = found.filter(pk__in=[key.pk for key in page.rows]).in_name_order()
    shown = shown.select_related("person", "school", "seat__allotment__order__sponsor").annotate(address=_address())
    roles = {value: str(label) for value, label in JobRole.choices}
    context = {
        "institute": institute,
        "current": "roster",
        "page": page,
        "people": [(row, row.seat.allotment.order, roles.get(row.role, "")) for row in shown],
        "q": request.GET.get("q", ""),
    }
    return render(request, "registrations/institute_roster.html", context)


def _people_of(request: Request, institute: Institute) -> Any:
    rows = Registration.objects.visible_to(request.user).live().filter(institute=institute)
    name = request.GET.get("q", "").strip()
    return rows.filter(person__in=Person.objects.named_like(name)) if name else rows


def _address() -> Subquery:
    """The address at which a registered person wants her mail."""
    addresses = EmailAddress.objects.filter(person=OuterRef("person")).order_by("-is_preferred", "pk")
    return Subquery(addresses.values("address")[:1])


HEADERS = ("Last name", "First name", "E-mail", "District", "School", "Role", "Grades", "Order", "Registered")


@require_safe
def institute_roster_csv(request: Request, institute_id: int) -> HttpResponseBase:
    institute = get_object_or_404(Institute.objects.visible_to(request.user), pk=institute_id)
    require_provider(request.user, Action.REGISTER)
    lines = spreadsheets.csv_lines(HEADERS, _rows(request, institute))
    return StreamingHttpResponse(lines, content_type=f"{CSV}; charset=utf-8", headers=_named(institute, "csv"))


@require_safe
def institute_roster_xlsx(request: Request, institute_id: int) -> HttpResponseBase:
    institute = get_object_or_404(Institute.objects.visible_to(request.user), pk=institute_id)
    require_provider(request.user, Action.REGISTER)
    content = spreadsheets.xlsx_file(HEADERS, _rows(request, institute))
    return FileResponse(content, content_type=XLSX, headers=_named(institute, "xlsx"))


def _named(institute: Institute, ending: str) -> dict[str, str]:
    safe = "".join(letter if letter.isalnum() else "-" for letter in institute.code if letter.isascii())
    return {"Content-Disposition": f'attachment; filename="{safe}-people.{ending}"'}


def _rows(request: Request, institute: Institute) -> Iterator[tuple[Any, ...]]:
    rows = _people_of(request, institute).annotate(address=_address()).in_name_order()
    columns = (
        "person__family_name", "person__given_name", "address", "seat__allotment__order__sponsor__name",
        "school__name", "role", "grade_span", "seat__allotment__order", "made_at__date",
    )  # fmt: skip
    return spreadsheets.streamed(rows.values_list(*columns))

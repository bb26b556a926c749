"""Who owes what and since when: the page, and the table of it."""

import csv
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing import ageing as overdue
from billing.ageing import Owing
from billing.forms.lists import NameFilter
from billing.models import Invoice, Payer
from billing.views.paging import page_of
from billing.wording import as_text
from people import access
from people.access import Action
from people.http import Request
from people.names import fold


@require_safe
def ageing(request: Request) -> HttpResponse:
    access.require(request.user, Action.SEE_MONEY)
    form = NameFilter(request.GET)
    rows = _owing(request, form)
    page = page_of(request, rows)
    payers = _payers(page.object_list)
    context = {
        "page": page,
        "rows": [(payers[row.payer], row) for row in page.object_list],
        "all": overdue.together(rows),
        "columns": overdue.COLUMNS,
        "form": form,
        "may_bill": access.may(request.user, Action.BILL),
    }
    return render(request, "billing/ageing.html", context)


@require_safe
def ageing_table(request: Request) -> HttpResponse:
    """The same as CSV, all of it."""
    access.require(request.user, Action.SEE_MONEY)
    rows = _owing(request, NameFilter(request.GET))
    payers = _payers(rows)
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="ageing-{timezone.localdate():%Y-%m-%d}.csv"'
    answer["Cache-Control"] = "private, no-store"
    table = csv.writer(answer)
    table.writerow(["Payer", "CDS code", "Invoices", *map(str, overdue.COLUMNS), "Total"])
    for row in rows:
        payer = payers[row.payer]
        code = payer.organization.cds if payer.organization else ""
        table.writerow([as_text(str(payer)), as_text(code or ""), row.invoices, *row.spans, row.total])
    return answer


def _owing(request: Request, form: NameFilter) -> list[Owing]:
    mine = Invoice.objects.visible_to(request.user)
    for word in (form.cleaned_data["q"] if form.is_valid() else "").split():
        named = Payer.objects.filter(organization__search_key__contains=fold(word))
        mine = mine.filter(payer__in=named.values("pk"))
    return overdue.table(mine, on=timezone.localdate())


def _payers(rows: Any) -> dict[int | None, Payer]:
    found = Payer.objects.select_related("organization", "person")
    return {payer.pk: payer for payer in found.filter(pk__in=[row.payer for row in rows])}

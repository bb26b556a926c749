"""What the pages of money share: pages of a list."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

ROWS = 50


def page_of(request: HttpRequest, rows: QuerySet | Sequence[Any]) -> Page:
    return Paginator(rows, ROWS).get_page(request.GET.get("page"))

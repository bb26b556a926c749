"""What the pages of money share: a request of somebody who is signed in, forms that act once, pages of a list."""

from collections.abc import Callable
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils import timezone

from people import once
from people.models import User

ROWS = 50


class Request(HttpRequest):
    """LoginRequiredMiddleware lets nobody else through."""

    user: User


def act(request: Request, form: BaseForm, do: Callable[[], int | None], *, verb: str) -> Any:
    """What `do` answers; a form that arrives twice gets the first answer. Raises KeyUsedForSomethingElse."""
    # What was posted, not what the form made of it: after the first time an invoice may be open no more.
    posted = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    key, now = form.cleaned_data["submission_key"], timezone.now()
    return once.act(key, do, verb=verb, by=request.user, at=now, content=posted)[0]


def page_of(request: HttpRequest, rows: QuerySet) -> Page:
    return Paginator(rows, ROWS).get_page(request.GET.get("page"))

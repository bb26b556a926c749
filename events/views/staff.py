"""What the staff's pages share: a request of somebody who is signed in, and forms that act once."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.forms import Form, ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date

from people import once
from people.models import User


class Request(HttpRequest):
    """LoginRequiredMiddleware lets nobody else through."""

    user: User


def act(request: Request, form: Form | ModelForm, do: Callable[[], Any], *, verb: str, content: object = None) -> Any:
    """What `do` answers; a form that arrives twice gets the first answer. Raises KeyUsedForSomethingElse."""
    answer, _was_first = once.act(
        form.cleaned_data["submission_key"],
        do,
        verb=verb,
        by=request.user,
        at=timezone.now(),
        content=content or form.cleaned_data,
    )
    return answer


def day_asked(text: str) -> date | None:
    """The day that an address names; nothing when it names none, such as February 30."""
    try:
        return parse_date(text)
    except ValueError:
        return None

"""What the forms of money share: acted on once, and a refusal that stands in the form."""

from collections.abc import Callable
from typing import Any

from django.forms import BaseForm

from people import once
from people.http import Request, act


def acted(
    request: Request, form: BaseForm, do: Callable[[], Any], *, verb: str, refusals: type[Exception]
) -> tuple[bool, Any]:
    """Whether a form that came was right and was acted on, and what `do` answered (JSON)."""
    if not form.is_valid():
        return False, None
    try:
        return True, act(request, form, do, verb=verb)
    except (refusals, once.KeyUsedForSomethingElse) as refusal:
        form.add_error(None, str(refusal))
        return False, None

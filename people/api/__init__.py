"""The doors of people, and what every door of the API shares: `dry_run` and `Idempotency-Key`."""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from people import once
from people.api import directory
from people.models import User

ROUTES: list[tuple[str, type, str]] = [*directory.ROUTES]


def answer(
    request: Request,
    do: Callable[[], dict[str, Any]],
    *,
    verb: str,
    refusals: type[Exception] | tuple[type[Exception], ...],
    made: int = status.HTTP_201_CREATED,
) -> Response:
    """Call a verb for a POST and answer with what `do` returns (JSON).

    `?dry_run=true` does everything and takes it back: the answer is what would happen. With `Idempotency-Key` a
    repeated call gets the first answer. A refusal becomes a 400 with its sentence.
    """
    try:
        if request.query_params.get("dry_run") == "true":
            return Response(_tried(do) | {"dry_run": True})
        key = request.headers.get("Idempotency-Key")
        if not key:
            return Response(do(), made)
        caller = request.user if isinstance(request.user, User) else None
        body, was_first = once.act(key, do, verb=verb, by=caller, at=timezone.now(), content=request.data)
    except refusals as refusal:
        raise ValidationError({"detail": [str(refusal)]}) from refusal
    except once.KeyUsedForSomethingElse as refusal:
        return Response({"detail": [str(refusal)]}, status.HTTP_409_CONFLICT)
    return Response(body, made if was_first else status.HTTP_200_OK)


@transaction.atomic
def _tried(do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do it, let the database judge it to the end, take it back."""
    body = do()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    transaction.set_rollback(True)
    return body

"""A form or a call that arrives twice acts once: the key it carries is kept with the answer."""

import hashlib
import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from people.models import Submission, User


class KeyUsedForSomethingElse(Exception):
    """The same key came before with another verb or other content."""


def new_key() -> str:
    """A key for one form or one call."""
    return uuid.uuid4().hex


def digest_of(content: object) -> str:
    """What was asked, in 64 characters: the same content gives the same digest."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


@transaction.atomic
def act(
    key: str, do: Callable[[], Any], *, verb: str, by: User | None, at: datetime, content: object = None
) -> tuple[Any, bool]:
    """Run `do` unless the key was acted on before.

    Returns (answer, was_first): `do`'s answer, which must be JSON, or the first arrival's. A refusal raised by `do`
    undoes everything and frees the key. A second arrival waits for the first to finish: the unique key sees to it.
    Raises KeyUsedForSomethingElse when the key came before with another verb or content.
    """
    digest = digest_of(content)
    try:
        with transaction.atomic():
            submission = Submission.objects.create(key=key, user=by, verb=verb, digest=digest, at=at)
    except IntegrityError:
        first = Submission.objects.get(user=by, key=key)
        if (first.verb, first.digest) != (verb, digest):
            raise KeyUsedForSomethingElse("This key was used before for something else; send a new one.") from None
        return first.answer, False
    answer = do()
    Submission.objects.filter(pk=submission.pk).update(answer=answer)
    return answer, True

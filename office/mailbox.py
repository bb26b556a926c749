"""Looking through sent mail: newest first, by key, so that the millionth mail costs what the first does."""

from dataclasses import dataclass

from django.db.models import Prefetch, Q

from office.models import Message, MessageQuerySet, Outcome

PAGE = 50


@dataclass(frozen=True)
class Page:
    """Messages with their outcomes, and the keys to go back (to newer) and on (to older) from."""

    messages: list[Message]
    before: int | None
    after: int | None


def page(rows: MessageQuerySet, *, words: str = "", before: int | None = None, after: int | None = None) -> Page:
    """One page of the rows whose address or subject holds the words."""
    if words:
        rows = rows.filter(Q(to__icontains=words) | Q(subject__icontains=words))
    outcomes = Prefetch("outcomes", Outcome.objects.order_by("-at", "-pk"), to_attr="newest_outcomes")
    rows = rows.select_related("person").defer("text", "html").prefetch_related(outcomes)
    if before:
        found = list(_beyond(rows, before, newer=True).order_by("at", "pk")[: PAGE + 1])
        more, found = len(found) > PAGE, found[:PAGE][::-1]
        return Page(found, found[0].pk if more else None, found[-1].pk if found else None)
    found = list((_beyond(rows, after, newer=False) if after else rows).order_by("-at", "-pk")[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    return Page(found, found[0].pk if found and after else None, found[-1].pk if more else None)


def _beyond(rows: MessageQuerySet, key: int, *, newer: bool) -> MessageQuerySet:
    at = Message.objects.filter(pk=key).values("at")[:1]
    word = "gt" if newer else "lt"
    return rows.filter(Q(**{f"at__{word}": at}) | Q(**{"at": at, f"pk__{word}": key}))

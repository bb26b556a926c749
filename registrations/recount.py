"""Seats recounted from rows: what the counters of institutes and sessions say must follow from them."""

from collections.abc import Iterator

from django.db.models import Count, F, Q

from events.models import Institute, Session


def broken_equations() -> Iterator[str]:
    """What does not add up, as sentences; nothing where the counters are right. Changes nothing."""
    held = Count("seats", filter=Q(seats__released_at__isnull=True))
    for institute in Institute.objects.annotate(held=held).exclude(seats_taken=F("held")).order_by("pk"):
        yield f"{institute.code} says {institute.seats_taken} seats taken; {institute.held} are held."
    for session in Session.objects.annotate(held=Count("choices")).exclude(seats_taken=F("held")).order_by("pk"):
        yield f"{session.title} says {session.seats_taken} places taken; {session.held} are chosen."

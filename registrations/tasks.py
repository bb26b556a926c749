"""Doors of registrations for the worker."""

from datetime import datetime

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from office import digests, jobs
from registrations import (
    confirmations,
    hours,
    ladders,
    mailings,
    needs,
    offers,
    papers,
    reminders,
    self_paying,
    unnamed,
)
from registrations.models import Order


@app.task(name="registrations.confirm", retry=RetryStrategy(max_attempts=6, exponential_wait=6))
@jobs.recorded
def confirm(order: int) -> None:
    """Write the mails of an order. What was written once is not written again."""
    confirmations.send(Order.objects.select_related("sponsor", "placed_by__person").get(pk=order), at=timezone.now())


@jobs.by_the_clock("* * * * *")
def work_out_hours(at: datetime) -> None:
    """Work out anew the hours of institutes whose agenda changed."""
    for institute in hours.outdated().order_by("pk"):
        hours.work_out(institute, at=at)


@jobs.by_the_clock("* * * * *")
def advance_waitlists(at: datetime) -> None:
    """Take back offers that ended, and offer what is free to those in line."""
    offers.sweep(at=at)


@jobs.by_the_clock("*/10 * * * *")
def tell_new_agendas(at: datetime) -> None:
    """Send calendar entries anew once a changed agenda has rested."""
    confirmations.tell_new_agendas(at=at)


@jobs.by_the_clock("*/5 * * * *")
def look_after_unnamed_seats(at: datetime) -> None:
    """Warn of seats that wait for a name, and give back those for which none came."""
    unnamed.warn_due(at=at)
    unnamed.release_due(at=at)


@jobs.by_the_clock("5 * * * *")
def remind(at: datetime) -> None:
    """Remind those whose institute begins within a week."""
    reminders.send_due(at=at)


@jobs.by_the_clock("15 * * * *")
def note_bounces(at: datetime) -> None:
    """Note for the coordinators' daily mail what did not arrive."""
    mailings.note_bounces(at=at)


@jobs.by_the_clock("40 3 * * *")
def purge_needs(at: datetime) -> None:
    """Forget what people needed at institutes that are over."""
    needs.purge_due(on=timezone.localdate(at))


@jobs.by_the_clock("*/10 * * * *")
def send_digests(at: datetime) -> None:
    """Write the daily mails. Here, not in office: its tasks deliver what digests write."""
    digests.send(at=at)


@jobs.by_the_clock("20 * * * *")
def climb_ladders(at: datetime) -> None:
    """Say of purchase orders that are late what is due today."""
    ladders.climb(at=at)


@jobs.by_the_clock("*/2 * * * *")
def cover_waiting(at: datetime) -> None:
    """Draw what a change order brought for the seats that waited for it."""
    papers.cover_waiting(at=at)


@jobs.by_the_clock("* * * * *")
def answer_own_payments(at: datetime) -> None:
    """Confirm the places that were paid for, and give back those that were held too long."""
    self_paying.sweep(at=at)

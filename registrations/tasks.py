"""Doors of registrations for the worker."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from office import digests, jobs
from registrations import confirmations, hours, ladders, mailings, needs, offers, papers, reminders, unnamed
from registrations.models import Order


@app.task(name="registrations.confirm", retry=RetryStrategy(max_attempts=6, exponential_wait=6))
@jobs.recorded
def confirm(order: int) -> None:
    """Write the mails of an order. What was written once is not written again."""
    confirmations.send(Order.objects.select_related("sponsor", "placed_by__person").get(pk=order), at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="registrations.work_out_hours", queueing_lock="registrations.work_out_hours")
@jobs.recorded
def work_out_hours(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
    """Work out anew the hours of institutes whose agenda changed."""
    for institute in hours.outdated().order_by("pk"):
        hours.work_out(institute, at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="registrations.advance_waitlists", queueing_lock="registrations.advance_waitlists")
@jobs.recorded
def advance_waitlists(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
    """Take back offers that ended, and offer what is free to those in line."""
    offers.sweep(at=timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="registrations.tell_new_agendas", queueing_lock="registrations.tell_new_agendas")
@jobs.recorded
def tell_new_agendas(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
    """Send calendar entries anew once a changed agenda has rested."""
    confirmations.tell_new_agendas(at=timezone.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="registrations.look_after_unnamed_seats", queueing_lock="registrations.look_after_unnamed_seats")
@jobs.recorded
def look_after_unnamed_seats(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
    """Warn of seats that wait for a name, and give back those for which none came."""
    unnamed.warn_due(at=timezone.now())
    unnamed.release_due(at=timezone.now())


@app.periodic(cron="5 * * * *")
@app.task(name="registrations.remind", queueing_lock="registrations.remind")
@jobs.recorded
def remind(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
    """Remind those whose institute begins within a week."""
    reminders.send_due(at=timezone.now())


@app.periodic(cron="15 * * * *")
@app.task(name="registrations.note_bounces", queueing_lock="registrations.note_bounces")
@jobs.recorded
def note_bounces(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
    """Note for the coordinators' daily mail what did not arrive."""
    mailings.note_bounces(at=timezone.now())


@app.periodic(cron="40 3 * * *")
@app.task(name="registrations.purge_needs", queueing_lock="registrations.purge_needs")
@jobs.recorded
def purge_needs(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
    """Forget what people needed at institutes that are over."""
    needs.purge_due(on=timezone.localdate())


@app.periodic(cron="*/10 * * * *")
@app.task(name="registrations.send_digests", queueing_lock="registrations.send_digests")
@jobs.recorded
def send_digests(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
    """Write the daily mails. Here, not in office: its tasks deliver what digests write."""
    digests.send(at=timezone.now())


@app.periodic(cron="20 * * * *")
@app.task(name="registrations.climb_ladders", queueing_lock="registrations.climb_ladders")
@jobs.recorded
def climb_ladders(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
    """Say of purchase orders that are late what is due today."""
    ladders.climb(at=timezone.now())


@app.periodic(cron="*/2 * * * *")
@app.task(name="registrations.cover_waiting", queueing_lock="registrations.cover_waiting")
@jobs.recorded
def cover_waiting(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
    """Draw what a change order brought for the seats that waited for it."""
    papers.cover_waiting(at=timezone.now())

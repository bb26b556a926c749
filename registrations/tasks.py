"""Doors of registrations for the worker."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from office import jobs
from registrations import confirmations, hours
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

"""Doors of registrations for the worker."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from office import jobs
from registrations import confirmations
from registrations.models import Order


@app.task(name="registrations.confirm", retry=RetryStrategy(max_attempts=6, exponential_wait=6))
@jobs.recorded
def confirm(order: int) -> None:
    """Write the mails of an order. What was written once is not written again."""
    confirmations.send(Order.objects.select_related("sponsor", "placed_by__person").get(pk=order), at=timezone.now())

"""Doors of the portal for the worker."""

from django.utils import timezone
from procrastinate.contrib.django import app

from office import jobs
from portal import colleagues


@app.periodic(cron="*/5 * * * *")
@app.task(name="portal.finish_hand_overs", queueing_lock="portal.finish_hand_overs")
@jobs.recorded
def finish_hand_overs(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
    """End the parts whose successors have signed in."""
    colleagues.finish_due(at=timezone.now())

"""Doors of the portal for the worker."""

from django.utils import timezone
from procrastinate.contrib.django import app

from office import jobs
from portal import colleagues, evidence


@app.periodic(cron="*/5 * * * *")
@app.task(name="portal.finish_hand_overs", queueing_lock="portal.finish_hand_overs")
@jobs.recorded
def finish_hand_overs(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
    """End the parts whose successors have signed in."""
    colleagues.finish_due(at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="portal.gather_evidence", queueing_lock="portal.gather_evidence")
@jobs.recorded
def gather_evidence(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
    """Put together what a card holder's bank is to be given, and send what is due."""
    evidence.sweep(at=timezone.now())

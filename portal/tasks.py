"""Doors of the portal for the worker."""

from datetime import datetime

from office import jobs
from portal import colleagues, evidence


@jobs.by_the_clock("*/5 * * * *")
def finish_hand_overs(at: datetime) -> None:
    """End the parts whose successors have signed in."""
    colleagues.finish_due(at=at)


@jobs.by_the_clock("* * * * *")
def gather_evidence(at: datetime) -> None:
    """Put together what a card holder's bank is to be given, and send what is due."""
    evidence.sweep(at=at)

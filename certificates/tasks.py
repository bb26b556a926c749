"""Doors of certificates for the worker."""

from datetime import datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from certificates import announcing, renderings
from office import jobs


@app.task(name="certificates.follow_up")
@jobs.recorded
def follow_up(certificates: list[int]) -> None:
    """Tell people that theirs are ready, and make the PDFs; what was sent and made stays so when the job comes again."""
    announcing.announce(certificates, at=timezone.now())
    renderings.render_all(certificates, at=timezone.now())


@app.task(name="certificates.send_links")
@jobs.recorded
def send_links(address: str) -> None:
    """Mail whoever has this address the links to her certificates; to nobody where nobody has it."""
    announcing.send_links(address, at=timezone.now())


@jobs.by_the_clock("*/5 * * * *")
def issue_due(at: datetime) -> None:
    """Issue the certificates whose time has come."""
    from certificates import issuing  # noqa: PLC0415 - issuing defers tasks of this module

    issuing.issue_due(at=at)

"""Doors of billing for the worker."""

from django.utils import timezone
from procrastinate.contrib.django import app

from office import jobs


@app.task(name="billing.send")
@jobs.recorded
def send(invoices: list[int], by: int | None, key: str) -> None:
    """Send issued invoices. One that went out under the key before does not go out again."""
    from billing import sending  # noqa: PLC0415 - invoicing defers this task, and sending reads invoicing's rows

    sending.send_all(invoices, by=by, at=timezone.now(), key=key)

"""Doors of billing for the worker."""

from datetime import date

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from billing.models import Refund
from office import jobs
from people.models import User


@app.task(name="billing.send")
@jobs.recorded
def send(invoices: list[int], by: int | None, key: str) -> None:
    """Send issued invoices. One that went out under the key before does not go out again."""
    from billing import sending  # noqa: PLC0415 - invoicing defers this task, and sending reads invoicing's rows

    sending.send_all(invoices, by=by, at=timezone.now(), key=key)


@app.task(name="billing.act_on_event", retry=RetryStrategy(max_attempts=6, exponential_wait=6))
@jobs.recorded
def act_on_event(event: int) -> None:
    """Act on what the card processor told. One that was acted on is not acted on again."""
    from billing import webhooks  # noqa: PLC0415 - webhooks defers this task

    webhooks.act(event, at=timezone.now())


@app.task(name="billing.send_refund", retry=RetryStrategy(max_attempts=6, exponential_wait=6))
@jobs.recorded
def send_refund(refund: int) -> None:
    """Have a refund sent to the card or bank account it came from. Asked for twice, it is sent once."""
    from billing import card_refunds  # noqa: PLC0415 - card_refunds defers this task

    card_refunds.send(Refund.objects.select_related("payment__payee").get(pk=refund), at=timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="billing.act_on_waiting", queueing_lock="billing.act_on_waiting")
@jobs.recorded
def act_on_waiting(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
    """Act on messages of the card processor that wait for what they are about."""
    from billing import webhooks  # noqa: PLC0415 - webhooks defers a task of this module

    webhooks.act_due(at=timezone.now())


@app.periodic(cron="30 2 * * *")
@app.task(
    name="billing.reconcile",
    queueing_lock="billing.reconcile",
    retry=RetryStrategy(max_attempts=6, exponential_wait=6),
)
@jobs.recorded
def reconcile(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
    """Find what messages of the card processor that were lost left behind."""
    from billing import reconciling  # noqa: PLC0415 - through webhooks, which defers a task of this module

    reconciling.reconcile(at=timezone.now())


@app.task(name="billing.send_statement")
@jobs.recorded
def send_statement(payer: int, payee: int, days: list[str], by: int | None, key: str) -> None:
    """Mail a statement of the days from the first to the second. One that went out under the key goes out once."""
    from billing import statements  # noqa: PLC0415 - see above
    from billing.models import Payee, Payer  # noqa: PLC0415 - with it

    first, last = map(date.fromisoformat, days)
    sender = User.objects.filter(pk=by).first() if by else None
    between = Payer.objects.get(pk=payer), Payee.objects.get(pk=payee)
    statements.send(*between, first=first, last=last, by=sender, at=timezone.now(), key=key)


@app.periodic(cron="0 17 * * 1-5")
@app.task(name="billing.remind", queueing_lock="billing.remind")
@jobs.recorded
def remind(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
    """Remind payers of invoices that are overdue: on weekdays, in California's morning."""
    from billing import reminders  # noqa: PLC0415 - see above

    reminders.send_due(at=timezone.now())

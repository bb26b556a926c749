"""Doors of office for the worker."""

from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from office import delivery, jobs

TRIES = 6  # after 6 s, 36 s, 4 min, 22 min, 2 h and 13 h


class NotYetDelivered(Exception):
    """Some mails of a job could not be sent; the job comes again."""


@app.task(name=jobs.DELIVER, retry=RetryStrategy(max_attempts=TRIES, exponential_wait=6), pass_context=True)
@jobs.recorded
def deliver(context: JobContext, messages: list[int]) -> None:
    """Send messages. What was sent stays sent when the job comes a second time."""
    left = delivery.deliver(messages, at=timezone.now(), is_last_try=context.job.attempts >= TRIES)
    if left:
        raise NotYetDelivered(f"{left} of {len(messages)} mails wait for the mail server.")


@app.periodic(cron="* * * * *")
@app.task(name="office.bring_back_stalled", pass_context=True, queueing_lock="office.bring_back_stalled")
async def bring_back_stalled(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
    """Jobs of workers that died start again."""
    await jobs.bring_back_stalled(context.app)


@app.periodic(cron="17 3 * * *")
@app.task(name="office.forget_old_jobs", pass_context=True, queueing_lock="office.forget_old_jobs")
async def forget_old_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
    """Jobs that went well are forgotten after a week; those that failed stay until staff saw to them."""
    await context.app.job_manager.delete_old_jobs(nb_hours=7 * 24)

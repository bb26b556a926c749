"""Work in the background: deferred in the transaction that wants it, written down, and brought back when a worker dies."""

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

import pghistory
from django.db import transaction
from django.utils import timezone
from procrastinate import App
from procrastinate.connector import BaseAsyncConnector, BaseConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.contrib.django.utils import connector_params
from procrastinate.jobs import Job, Status
from procrastinate.psycopg_connector import PsycopgConnector

from office import delivery

P = ParamSpec("P")
R = TypeVar("R")

DELIVER = "office.deliver"
RETURNS = 3
"""How often a job whose worker died is started again before staff are shown it."""


def recorded(task: Callable[P, R]) -> Callable[P, R]:
    """Goes under `@app.task`: what the task changes carries the task's name in the history, as a request's does its user."""

    @functools.wraps(task)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with pghistory.context(task=task.__qualname__):
            return task(*args, **kwargs)

    return run


def by_the_clock(cron: str) -> Callable[[Callable[[datetime], None]], Any]:
    """A task that the worker begins by the clock, and never twice at once: `@jobs.by_the_clock("*/5 * * * *")`.

    It is named after its app and its function, is recorded, and is given the moment at which it runs.
    """

    def door(do: Callable[[datetime], None]) -> Any:
        name = f"{do.__module__.partition('.')[0]}.{do.__name__}"

        def run(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate's signature
            do(timezone.now())

        run.__qualname__, run.__doc__ = do.__qualname__, do.__doc__
        return app.periodic(cron=cron)(app.task(name=name, queueing_lock=name)(recorded(run)))

    return door


# --- One transaction ------------------------------------------------------------------------------------------------


class _WorkerConnector(PsycopgConnector):
    """The worker's own pool fetches jobs; what a task defers goes over the task's connection, so both happen or neither."""

    def get_sync_connector(self) -> BaseConnector:
        return DjangoConnector()


class _Connector(DjangoConnector):
    def get_worker_connector(self) -> BaseAsyncConnector:
        return _WorkerConnector(kwargs=connector_params(self.alias))


def defer_in_the_transaction(app: App) -> None:
    """Procrastinate's hook PROCRASTINATE_ON_APP_READY: `task.defer()` keeps to Django's transaction in workers too."""
    app.connector = app.job_manager.connector = _Connector()


# --- What was given up ------------------------------------------------------------------------------------------------


@transaction.atomic
def try_again(app: App, job: ProcrastinateJob, *, at: datetime) -> None:
    """Start a job anew that was given up. Mails that were given up with it are tried as well."""
    if job.task_name == DELIVER:
        delivery.want_again(job.args["messages"], at=at)
    app.job_manager.retry_job_by_id(job.pk, retry_at=at)


# --- A worker that died ---------------------------------------------------------------------------------------------


async def bring_back_stalled(app: App, *, seconds: float = 30) -> tuple[int, int]:
    """Start again what a dead worker left; (started again, given up). Staff see what was given up."""
    started = given_up = 0
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds):
        if job.attempts < RETURNS + _tries_of_its_own(app, job):
            await app.job_manager.retry_job(job)
            started += 1
        else:
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
            given_up += 1
    return started, given_up


def _tries_of_its_own(app: App, job: Job) -> int:
    """A task that may fail and try again has used attempts that no dead worker cost it."""
    task = app.tasks.get(job.task_name)
    allowed: Any = getattr(task and task.retry_strategy, "max_attempts", None)
    return allowed or 0

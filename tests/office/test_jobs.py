"""A job is done once its transaction is, and comes back when its worker dies."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Status

from office import jobs, post, tasks
from office.models import OutcomeKind
from people.models import Person
from tests import make
from tests.fakes.smtp import MailServer

NOW = make.NOW


def in_a_worker(then: Callable[[], Awaitable[Any]]) -> Any:
    """Run a coroutine as a worker does: on a connector of its own."""

    async def run() -> Any:
        async with app.open_async():
            return await then()

    home: Any = app.connector
    with app.replace_connector(home.get_worker_connector()):
        return asyncio.run(run())


def work_off() -> None:
    """Do what is due, as a worker does, and stop."""
    in_a_worker(lambda: app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False))


@pytest.mark.django_db(transaction=True)
def test_a_worker_sends_what_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    make.provider()
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)  # the task's thread outlives the worker
    with MailServer() as server:
        monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
        monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
        monkeypatch.setattr(settings, "EMAIL_PORT", server.port)
        message = post.send(post.Letter("ana@example.test", "Your seat", "mail/notice", {"text": "Hello"}), at=NOW)

        work_off()

    assert [mail["Subject"] for mail in server.mails()] == ["Your seat"]
    assert message.outcomes.get().kind == OutcomeKind.SENT
    assert ProcrastinateJob.objects.get(task_name="office.deliver").status == "succeeded"


@pytest.mark.django_db(transaction=True)
def test_what_a_task_defers_is_taken_back_with_its_transaction() -> None:
    """In a worker too, where Procrastinate's own connection would have kept it."""

    async def in_a_task() -> None:
        await asyncio.to_thread(defer_and_take_back)

    def defer_and_take_back() -> None:
        with transaction.atomic():
            tasks.deliver.defer(messages=[1])
            transaction.set_rollback(True)
        tasks.deliver.defer(messages=[2])
        connection.close()

    in_a_worker(in_a_task)

    assert [job.args for job in ProcrastinateJob.objects.all()] == [{"messages": [2]}]


@pytest.mark.django_db(transaction=True)
def test_a_job_comes_back_after_its_worker_was_killed(tmp_path: Path) -> None:
    make.provider()
    message = post.send(post.Letter("ana@example.test", "Your seat", "mail/notice", {"text": "Hello"}), at=NOW)
    with MailServer() as server:
        server.silent.set()  # so the worker hangs in the middle of its job
        worker = start_worker(server)
        wait_until(lambda: server.callers > 0)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        assert ProcrastinateJob.objects.get(task_name="office.deliver").status == "doing"

        started, given_up = in_a_worker(lambda: jobs.bring_back_stalled(app, seconds=0))
        server.silent.clear()
        again = start_worker(server)
        wait_until(message.outcomes.exists)
        again.terminate()
        again.wait(timeout=20)

    assert (started, given_up) == (1, 0)
    assert len(server.mails()) == 1
    assert message.outcomes.get().kind == OutcomeKind.SENT


def start_worker(server: MailServer) -> subprocess.Popen[bytes]:
    """manage.py's own worker, in a process of its own, at this test's database."""
    environment = {
        **os.environ,
        "DATABASE_URL": url_of_this_database(),
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(server.port),
    }
    words = [
        sys.executable,
        "manage.py",
        "procrastinate",
        "worker",
        "--concurrency",
        "1",
        "--shutdown-graceful-timeout",
        "1",
    ]
    return subprocess.Popen(words, cwd=Path(__file__).parents[2], env=environment, stderr=subprocess.DEVNULL)


def url_of_this_database() -> str:
    at = connection.get_connection_params()
    password = f":{at['password']}" if at.get("password") else ""
    return f"postgres://{at.get('user', '')}{password}@{at['host'].replace('/', '%2F')}:{at.get('port') or 5432}/{at['dbname']}"


def wait_until(happened) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, "It did not happen within a minute."
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("attempts", "came_back"),
    [(0, (1, 0)), (jobs.RETURNS + tasks.TRIES - 1, (1, 0)), (jobs.RETURNS + tasks.TRIES, (0, 1))],
)
def test_a_job_whose_workers_keep_dying_is_given_up(attempts: int, came_back: tuple[int, int]) -> None:
    key = tasks.deliver.defer(messages=[1])
    abandon(key, attempts)

    assert in_a_worker(lambda: jobs.bring_back_stalled(app)) == came_back

    wanted = Status.TODO if came_back[0] else Status.FAILED
    assert ProcrastinateJob.objects.get(pk=key).status == wanted.value


def abandon(key: int, attempts: int) -> None:
    """As a worker leaves a job when it is killed: being done, by one that was last heard an hour ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        )
        worker = cursor.fetchone()[0]
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', attempts = %s, worker_id = %s WHERE id = %s",
            [attempts, worker, key],
        )


@pytest.mark.django_db(transaction=True)
def test_what_a_task_changes_carries_its_name_in_the_history() -> None:
    @jobs.recorded
    def rename(person: Person) -> None:
        person.display_name = "Ana María Torres"
        person.save()

    ana: Any = make.person("Ana Torres")
    rename(ana)

    newest = ana.history.order_by("-pgh_id").first()
    assert newest.pgh_context.metadata["task"].endswith("rename")

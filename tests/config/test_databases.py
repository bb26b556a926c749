"""The ground of the tests themselves."""

import socket

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from people.models import County
from tests.races import at_once


def leave_a_job_and_lose_the_content_types() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_jobs (task_name, queue_name) VALUES ('test', 'test')")
        cursor.execute("TRUNCATE django_content_type CASCADE")
    County.objects.create(code="99", name="Nowhere")


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_what_one_test_commits_the_next_does_not_see(turn):
    assert not ProcrastinateJob.objects.exists()
    assert not County.objects.filter(code="99").exists()
    assert ContentType.objects.filter(app_label="people").exists()

    leave_a_job_and_lose_the_content_types()


@pytest.mark.django_db(transaction=True)
def test_sixteen_threads_have_sixteen_connections():
    def who() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return int(cursor.fetchone()[0])

    assert len(set(at_once(*[who] * 16))) == 16


@pytest.mark.django_db
def test_the_cache_has_its_table():
    cache.set("seat", 12)

    assert cache.get("seat") == 12


def test_no_test_speaks_to_the_world():
    with socket.socket() as stranger, pytest.raises(pytest.fail.Exception, match=r"may not speak to 192\.0\.2\.1"):
        stranger.connect(("192.0.2.1", 80))

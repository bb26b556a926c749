"""The commands of bin/: what they say, and that they leave nothing behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from config import embedded

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
    return port


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=120)


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A PORT and a CADRE_VAR of their own, as a second copy on one machine has them; its secrets stand in a file."""
    (tmp_path / "var").mkdir()
    (tmp_path / "env").write_text(f"SECRET_KEY={'x' * 50}\n")
    yield {
        "PORT": str(free_port()),
        "CADRE_VAR": str(tmp_path / "var"),
        "CADRE_ENV": str(tmp_path / "env"),
        "DATABASE_URL": "",
    }
    embedded.stop(tmp_path / "var")
    if embedded.place(tmp_path / "var").home != tmp_path / "var":
        shutil.rmtree(embedded.place(tmp_path / "var").home, ignore_errors=True)


def test_the_scripts_are_valid_python_and_shell():
    for script in [*(ROOT / "bin").iterdir(), ROOT / ".ci" / "run"]:
        first, text = script.read_text().split("\n", 1)

        assert os.access(script, os.X_OK)
        if "python3" in first:
            compile(text, script, "exec")
        else:
            assert first == "#!/bin/sh"
            assert run("sh", "-n", str(script)).returncode == 0


def test_a_port_that_is_taken_is_said_with_what_to_do(copy):
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(copy["PORT"])))
        other.listen()

        refused = run(sys.executable, "bin/demo", **copy)

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Port {copy['PORT']} is taken. For a second copy:  PORT=")


@pytest.mark.embedded
def test_stop_ends_the_database_and_may_be_said_twice(copy):
    embedded.ensure(Path(copy["CADRE_VAR"]))

    assert run("bin/stop", **copy).stdout.split() == ["postgresql", "stopped"]
    assert run("bin/stop", **copy).stdout.split() == ["postgresql", "was", "not", "running"]


def children_of(pid: int) -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal() and is_child(path, pid)]


def is_child(process: Path, pid: int) -> bool:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1]) == pid
    except OSError:
        return False


def answers(port: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def until(done, *, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def copy_tables(var: Path) -> None:
    """The migrated tables of the tests' own database: migrating anew would take ten seconds more."""
    embedded.ensure(var)
    known = connection.get_connection_params()
    ours: dict[str, Any] = {name: known.get(name) for name in ("host", "port", "user", "password", "dbname")}
    dump, load = (str(embedded._binaries() / tool) for tool in ("pg_dump", "psql"))
    tables = subprocess.run([dump, "--no-owner", make_conninfo(**ours)], capture_output=True, check=True)
    load_all = [load, "-q", "-v", "ON_ERROR_STOP=1", embedded.url(var)]
    subprocess.run(load_all, input=tables.stdout, capture_output=True, check=True)
    embedded.stop(var)


@pytest.mark.embedded
@pytest.mark.usefixtures("django_db_setup")
def test_the_demo_comes_up_mends_what_dies_and_ends_what_it_started(copy, tmp_path):
    var, port = Path(copy["CADRE_VAR"]), copy["PORT"]
    copy_tables(var)
    with (tmp_path / "said").open("w") as said:
        demo = subprocess.Popen(
            [sys.executable, "bin/demo"], cwd=ROOT, env=os.environ | copy, stdout=said, stderr=said,
        )  # fmt: skip
    try:
        assert until(lambda: "Ctrl-C stops it" in (tmp_path / "said").read_text() or demo.poll() is not None)
        assert answers(port), (tmp_path / "said").read_text()
        children = children_of(demo.pid)

        for pid in embedded._processes(embedded.place(var)):
            os.kill(pid, signal.SIGKILL)
        assert until(lambda: "starting it again" in (tmp_path / "said").read_text())
        assert until(lambda: answers(port))
    finally:
        demo.send_signal(signal.SIGINT)

    assert demo.wait(timeout=30) == 0
    assert not embedded.answers(var)
    assert len(children) == 2
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)

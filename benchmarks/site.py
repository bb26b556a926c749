"""A running site to measure, and the clients that call it: HTTP on 127.0.0.1 and nothing else."""

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
WORKERS = 2
KEPT_ALIVE = 1.5
"""Seconds after which a client opens a new connection: the server closes a silent one after two."""


@dataclass
class Answer:
    """What came back: the status, the bytes, and after how many seconds the first of them and the last."""

    status: int
    body: bytes
    first_byte: float
    seconds: float
    headers: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        return json.loads(self.body)


class Caller:
    """One client with one connection: by key for the API, by session for the pages."""

    def __init__(self, port: int, key: str = "") -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.cookies: dict[str, str] = {}
        self.waited = 0.0
        self.last_used = time.perf_counter()

    def get(self, path: str) -> Answer:
        return self._send("GET", path, None, {})

    def post_json(self, path: str, content: object, **headers: str) -> Answer:
        body = json.dumps(content, default=str).encode()
        return self._send("POST", path, body, {"Content-Type": "application/json"} | headers)

    def post_form(self, path: str, fields: dict[str, Any]) -> Answer:
        """Send a form as a browser does, with the token of the cookie."""
        token = self.cookies.get(settings.CSRF_COOKIE_NAME, "")
        body = urlencode(fields | {"csrfmiddlewaretoken": token}, doseq=True).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://127.0.0.1:{self.port}/"}
        return self._send("POST", path, body, kind)

    def follow(self, answer: Answer) -> Answer:
        """Where a redirect leads, as a browser goes on."""
        for _hop in range(5):
            if answer.status in {301, 302, 303}:
                answer = self.get(answer.headers["Location"])
        return answer

    def sign_in(self, session_key: str) -> None:
        self.cookies[settings.SESSION_COOKIE_NAME] = session_key

    def _send(self, verb: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        wanted = self.headers | headers
        if self.cookies:
            wanted["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if time.perf_counter() - self.last_used > KEPT_ALIVE:
            self.connection.close()
        started = time.perf_counter()
        self.connection.request(verb, path, body, wanted)
        response = self.connection.getresponse()
        content = response.read(1)
        first_byte = time.perf_counter() - started
        content += response.read()
        self.last_used = time.perf_counter()
        seconds = self.last_used - started
        self.waited += seconds
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                cookie, _, rest = value.partition("=")
                self.cookies[cookie] = rest.partition(";")[0]
        return Answer(response.status, content, first_byte, seconds, dict(response.getheaders()))


@dataclass
class Site:
    """A running site: where it answers, and its web server's process."""

    port: int
    server: subprocess.Popen[bytes]

    def caller(self, key: str = "") -> Caller:
        return Caller(self.port, key)

    def megabytes_of_workers(self) -> list[float]:
        """Resident memory of each web worker that answered, in MB."""
        children = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text(encoding="ascii").split()
        sizes = []
        for child in children:
            status = Path(f"/proc/{child}/status").read_text(encoding="ascii")
            resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
            sizes.append(int(resident.split()[1]) / 1024)
        return sizes


@contextlib.contextmanager
def running() -> Iterator[Site]:
    """Gunicorn as bin/demo starts it, until the block ends."""
    port = free_port()
    words = ["gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS)]
    with _process("-m", *words, "--threads", "4", "--log-level", "error", "--no-control-socket") as server:
        _wait_for(port, server)
        yield Site(port, server)


@contextlib.contextmanager
def working() -> Iterator[None]:
    """One worker for what is done in the background, until the block ends."""
    with _process("manage.py", "procrastinate", "worker"):
        yield


@contextlib.contextmanager
def _process(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, *words], cwd=ROOT)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _try in range(300):
        with contextlib.suppress(OSError):
            if Caller(port).get("/healthz").status == 200:
                return
        if server.poll() is not None:
            raise SystemExit("The web server ended before it answered.")
        time.sleep(0.1)
    raise SystemExit("The web server did not answer within 30 seconds.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

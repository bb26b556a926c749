"""From nothing to the first page: an empty clone, one command, and how much memory its web workers take."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.site import ROOT, Caller, Site, free_port
from benchmarks.tables import Row
from config import embedded

PATIENCE = 300


def measure(_site: Site) -> list[Row]:
    """`bin/demo` in a fresh clone, with a place and a port of its own, until its health page answers."""
    with tempfile.TemporaryDirectory() as place:
        clone, var, port = Path(place) / "cadre", Path(place) / "var", free_port()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        started = time.perf_counter()
        demo = subprocess.Popen(["bin/demo"], cwd=clone, env=_environment(var, port), stdout=subprocess.DEVNULL)
        try:
            _wait_for(port, demo)
            seconds = time.perf_counter() - started
        finally:
            demo.terminate()
            demo.wait(60)
            embedded.stop(var)
    return [Row("from an empty clone to the first page: bin/demo", f"{seconds:.0f} s", "60 s", seconds < 60, seconds)]


def memory(site: Site) -> list[Row]:
    """What a web worker holds after all that was measured before."""
    megabytes = max(site.megabytes_of_workers())
    return [
        Row("memory of a web worker, afterwards", f"{megabytes:,.0f} MB", "under 150 MB", megabytes < 150, megabytes)
    ]


def _environment(var: Path, port: int) -> dict[str, str]:
    """Ours without what was set for the measuring: the clone finds its own settings."""
    ours = {"CADRE_ENV", "DJANGO_SETTINGS_MODULE", "DEBUG", "DEMO", "DATABASE_URL", "SITE_URL", "VIRTUAL_ENV"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {"CADRE_VAR": str(var), "PORT": str(port)}


def _wait_for(port: int, demo: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and demo.poll() is None:
        try:
            if Caller(port).get("/healthz").status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"bin/demo did not answer within {PATIENCE} seconds.")

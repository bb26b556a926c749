"""Production is refused while something it needs is not set."""

import os
import re
import subprocess
import sys
from pathlib import Path

PRODUCTION = {
    "CADRE_ENV": os.devnull,
    "SECRET_KEY": "9Vw3mQ-a-secret-of-production-that-is-long-enough-and-random-7xKp2Lr8",
    "SITE_URL": "https://learning.example.org",
    "ALLOWED_HOSTS": "learning.example.org",
    "DATABASE_URL": "postgres://cadre:secret@db.example.org/cadre",
}


def check(**changed: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "CADRE_VAR") if name in os.environ}
    words = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    where = Path(__file__).parents[2]
    return subprocess.run(words, cwd=where, env={**kept, **PRODUCTION, **changed}, capture_output=True, text=True)


def test_a_site_set_up_for_production_has_nothing_to_complain_of() -> None:
    asked = check()

    assert asked.returncode == 0, asked.stderr
    assert re.findall(r"\((\w+\.\w+)\)", asked.stdout + asked.stderr) == ["billing.I001"]  # cards are off, and said so


def test_production_without_its_own_database_is_refused() -> None:
    asked = check(DATABASE_URL="")

    assert asked.returncode == 1
    assert "office.E001" in asked.stderr
    assert "Set DATABASE_URL=postgres://" in asked.stderr

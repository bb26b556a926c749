"""A wrong environment stops the start with a sentence that says what to set."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env

ROOT = Path(__file__).resolve().parents[2]


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` with this environment and no .env."""
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=clean | {"CADRE_ENV": os.devnull} | environment,
        capture_output=True, text=True,
    )  # fmt: skip


def test_what_is_required_and_missing_is_named():
    with pytest.raises(ImproperlyConfigured, match=r"^Set NO_SUCH_NAME in the environment or in \.env;"):
        env.text("NO_SUCH_NAME")


def test_a_default_is_used_when_nothing_is_set():
    assert env.text("NO_SUCH_NAME", "dull") == "dull"


@pytest.mark.parametrize(("value", "means"), [("true", True), ("false", False)])
def test_a_switch_is_true_or_false(monkeypatch, value, means):
    monkeypatch.setenv("SWITCH", value)

    assert env.flag("SWITCH", default=not means) is means


@pytest.mark.parametrize("value", ["", "1", "yes", "True", "off"])
def test_a_switch_is_nothing_else(monkeypatch, value):
    monkeypatch.setenv("SWITCH", value)

    with pytest.raises(ImproperlyConfigured, match=f"SWITCH is '{value}'; set it to true or false"):
        env.flag("SWITCH", default=False)


@pytest.mark.parametrize("value", ["", "eighty", "-1", "8000.0"])
def test_a_number_is_whole(monkeypatch, value):
    monkeypatch.setenv("PORT", value)

    with pytest.raises(ImproperlyConfigured, match=f"PORT is '{value}'; set it to a whole number"):
        env.number("PORT", 8000)


def test_words_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("HOSTS", "one.example.org, two.example.org,,")

    assert env.words("HOSTS") == ["one.example.org", "two.example.org"]


def test_without_a_secret_nothing_starts():
    refused = start()

    assert refused.returncode == 1
    assert refused.stderr == "Set SECRET_KEY in the environment or in .env; see .env.example.\n"


def test_a_demo_is_not_shown_to_the_world():
    refused = start(SECRET_KEY="x" * 50, DEMO="true", ALLOWED_HOSTS="127.0.0.1,learning.example.org")

    assert refused.returncode == 1
    assert refused.stderr.startswith("DEMO lets anyone sign in as anyone, so it runs on this machine only:")


def test_the_private_file_is_read_and_the_environment_wins(tmp_path):
    path = tmp_path / ".env"
    path.write_text(f"# a comment\nSECRET_KEY={'x' * 50}\nDEMO=perhaps\n")

    refused = start(CADRE_ENV=str(path))
    accepted = start(CADRE_ENV=str(path), DEMO="false")

    assert refused.stderr == "DEMO is 'perhaps'; set it to true or false.\n"
    assert accepted.returncode == 0, accepted.stderr


def test_with_a_database_url_no_database_is_started(tmp_path):
    url = "postgres://nobody@127.0.0.1:9/nothing?connect_timeout=2"

    refused = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--plan"], cwd=ROOT, capture_output=True, text=True,
        env=os.environ | {"DATABASE_URL": url, "CADRE_VAR": str(tmp_path / "var")},
    )  # fmt: skip

    assert "port 9 failed" in refused.stderr
    assert not (tmp_path / "var").exists()

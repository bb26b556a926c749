"""The environment, read once and strictly: a wrong value stops the start with a sentence that says what to set."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def _private_file() -> dict[str, str]:
    """The pairs of `.env`, which `bin/demo` writes; the real environment wins over it."""
    path = Path(os.environ.get("CADRE_ENV", BASE_DIR / ".env"))
    if not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


_FILE = _private_file()


def text(name: str, default: str | None = None) -> str:
    """The value of a variable; without a default it must be set."""
    value = os.environ.get(name, _FILE.get(name, default))
    if value is None:
        raise ImproperlyConfigured(f"Set {name} in the environment or in .env; see .env.example.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """A switch: only `true` and `false` are understood."""
    value = text(name, "true" if default else "false")
    if value not in {"true", "false"}:
        raise ImproperlyConfigured(f"{name} is {value!r}; set it to true or false.")
    return value == "true"


def number(name: str, default: int) -> int:
    """A whole number."""
    value = text(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is {value!r}; set it to a whole number.")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """A list, separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]

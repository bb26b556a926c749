"""A PostgreSQL of our own, for demo, development and tests (being written)."""

from pathlib import Path
from typing import Any


def settings(var: Path) -> dict[str, Any]:
    return {"ENGINE": "django.db.backends.postgresql", "NAME": "cadre", "USER": "cadre", "HOST": str(var)}

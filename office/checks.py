"""What `manage.py check` says about mail, paper and the database."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register

from office import paper


@register("paper")
def paper_can_be_made(app_configs: Sequence[Any] | None, **_options: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Certificates and invoices need Pango."""
    if paper.is_available():
        return []
    return [
        checks.Warning("Certificates and invoices cannot be made into PDFs.", hint=paper.why_not(), id="office.W001")
    ]


@register(Tags.database, deploy=True)
def the_database_is_named(app_configs: Sequence[Any] | None, **_options: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Production brings a PostgreSQL that somebody backs up."""
    if settings.DATABASE_URL:
        return []
    return [
        checks.Error(
            "DATABASE_URL is not set, so a PostgreSQL of our own would be started in var/, which nobody backs up.",
            hint="Set DATABASE_URL=postgres://user:password@host/name; PostgreSQL 15 or newer.",
            id="office.E001",
        )
    ]

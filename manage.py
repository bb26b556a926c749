#!/usr/bin/env python
"""Django's command line; it has a database running before a command asks for one."""

import os
import sys

WITHOUT_DATABASE = {
    "check", "collectstatic", "compilemessages", "diffsettings", "help", "makemessages", "startapp", "version",
}  # fmt: skip


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # Django is imported here, after its settings are named.
    from django.conf import settings  # noqa: PLC0415
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    from config import embedded  # noqa: PLC0415

    try:
        if not settings.DATABASE_URL and needs_database(sys.argv[1:]):
            embedded.ensure(settings.CADRE_VAR)
    except (ImproperlyConfigured, embedded.CannotStart) as refusal:
        sys.exit(str(refusal))
    execute_from_command_line(sys.argv)


def needs_database(words: list[str]) -> bool:
    return bool(words) and words[0] not in WITHOUT_DATABASE and not {"--help", "-h", "--version"} & set(words)


if __name__ == "__main__":
    main()

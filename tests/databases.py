"""A database for each test worker, cloned from one migrated template: a fifth of a second instead of a migration.

Names: `cadre_template_<hash of all migrations>` and `cadre_test_<run>_<count>`. A run holds an advisory lock on its
number for as long as it lives, so a database whose number nobody holds was left by a dead run.
"""

import hashlib
import secrets
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from psycopg import sql

FAMILY = 0xCAD  # of our advisory locks
TEMPLATES_KEPT = 4  # of other branches


class Database:
    """The database of one test worker."""

    def __init__(self) -> None:
        self.keeper = psycopg.connect(**connection.get_connection_params(), autocommit=True)
        self.run = secrets.randbelow(2**31 - 2) + 1
        self.count = 0
        self.name = ""
        self._do("SELECT pg_advisory_lock({}, {})", FAMILY, self.run)
        self._drop_those_of_dead_runs()
        self.template = self._template()
        self.renew()

    def renew(self) -> None:
        """Start afresh: what a test committed goes away with its database, protected rows too."""
        connection.close()
        old, self.count = self.name, self.count + 1
        self.name = f"cadre_test_{self.run}_{self.count}"
        self._do("CREATE DATABASE {} TEMPLATE {}", self._id(self.name), self._id(self.template))
        self._do("ALTER DATABASE {} SET synchronous_commit = off", self._id(self.name))
        self._do("ALTER DATABASE {} SET lock_timeout = '30s'", self._id(self.name))
        connection.settings_dict["NAME"] = self.name
        if old:
            self._drop(old)

    def close(self) -> None:
        connection.close()
        self._drop(self.name)
        self.keeper.close()

    def _template(self) -> str:
        name = f"cadre_template_{_hash_of_migrations()}"
        self._do("SELECT pg_advisory_lock({}, 0)", FAMILY)  # parallel workers wait for the first
        if name not in self._names("cadre_template_%"):
            self._build(name)
        self._do("SELECT pg_advisory_unlock({}, 0)", FAMILY)
        return name

    def _build(self, name: str) -> None:
        unfinished = "cadre_template_unfinished"
        self._drop(unfinished)
        locale = "SELECT datcollate, datctype FROM pg_database WHERE datname = current_database()"
        collate, ctype = self._do(locale).fetchone() or ("C", "C")
        alike = "ENCODING 'UTF8' LC_COLLATE {} LC_CTYPE {}"
        self._do(f"CREATE DATABASE {{}} TEMPLATE template0 {alike}", self._id(unfinished), collate, ctype)
        connection.close()
        connection.settings_dict["NAME"] = unfinished
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        connection.close()
        for old in self._names("cadre_template_%")[TEMPLATES_KEPT:]:
            self._drop(old)
        self._do("ALTER DATABASE {} RENAME TO {}", self._id(unfinished), self._id(name))

    def _drop_those_of_dead_runs(self) -> None:
        for name in self._names("cadre_test_%"):
            run = int(name.split("_")[2])
            if self._rows("SELECT pg_try_advisory_lock({}, {})", FAMILY, run) == [True]:
                self._drop(name)
                self._do("SELECT pg_advisory_unlock({}, {})", FAMILY, run)

    def _names(self, pattern: str) -> list[str]:
        """Newest first."""
        return self._rows("SELECT datname FROM pg_database WHERE datname LIKE {} ORDER BY oid DESC", pattern)

    def _drop(self, name: str) -> None:
        try:
            self._do("DROP DATABASE IF EXISTS {} WITH (FORCE)", self._id(name))
        except psycopg.errors.InsufficientPrivilege:  # autovacuum is there, a superuser's: it goes when not forced
            self._do("DROP DATABASE IF EXISTS {}", self._id(name))

    def _rows(self, words: str, *values: Any) -> list[Any]:
        return [row[0] for row in self._do(words, *values).fetchall()]

    def _do(self, words: str, *values: Any) -> psycopg.Cursor[Any]:
        return self.keeper.execute(sql.SQL(words).format(*values))

    @staticmethod
    def _id(name: str) -> sql.Identifier:
        return sql.Identifier(name)


def _hash_of_migrations() -> str:
    """Of every file that decides what `migrate` makes: ours (tables, triggers, first rows) and the libraries'."""
    digest = hashlib.sha256()
    for app in apps.get_app_configs():
        folder = Path(app.path) / "migrations"
        for path in sorted(folder.rglob("*.py")) + sorted(folder.rglob("*.sql")):
            digest.update(app.label.encode() + path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]

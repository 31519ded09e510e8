"""Take the triggers of the trust ledger away, and put them back: only ever in a database of a test."""

import importlib
from types import SimpleNamespace

from django.apps import apps
from django.db import connection

_migration = importlib.import_module("payments.migrations.0002_append_only")


def drop() -> None:
    _run(_migration.backwards)


def make() -> None:
    _run(_migration.forwards)


def _run(step) -> None:
    """One direction of the migration; unlike a schema editor, this works inside of a transaction of SQLite."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and connection.in_atomic_block:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        step(apps, SimpleNamespace(connection=connection, execute=cursor.execute))

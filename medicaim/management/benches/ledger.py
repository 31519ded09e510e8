"""Postings per second of the trust ledger, beside the bare INSERTs of the same rows.

The ledger is append-only, and a measurement must leave nothing in it: all of it happens in one transaction, each entry
in a savepoint, and is undone at the end. So neither figure holds the time of a commit, which both would need once for
each entry: with it they would lie closer together. Nobody else can post meanwhile.
"""

import statistics
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterable

from django.db import connection, transaction

from medicaim.common.ids import new_public_id
from medicaim.common.money import Money
from medicaim.management.measure import percentile
from payments.enums import AccountKind, EntryKind
from payments.ledger import credit, debit
from payments.models import LedgerHead
from payments.services import post_entry

DEPOSITS = 20
AMOUNT = Money(100_00, "EUR")
ENTRY = "payments_ledgerentry", "id, number, kind, reference, posted_at, actor_id, previous_hash, hash"
POSTING = "payments_ledgerposting", "id, entry_id, account_id, amount_minor, currency"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--entries", type=int, default=1000, help="entries of two postings each (default 1000)")


def run(*, entries: int, **options) -> dict[str, object]:
    holders = [new_public_id() for _ in range(DEPOSITS)]
    with transaction.atomic():
        before = LedgerHead.objects.select_for_update().get().number
        for holder in holders:  # opens the accounts, and warms up
            _capture(holder)
        point = transaction.savepoint()
        posted = _timed(_capture, (holders[number % DEPOSITS] for number in range(entries)))
        rows = _rows_after(before + DEPOSITS)
        transaction.savepoint_rollback(point)
        bare = _timed(_insert, rows)
        transaction.set_rollback(True)
    return {
        "bench": "ledger",
        "database": connection.vendor,
        "entries": entries,
        "postings": 2 * entries,
        "entries_before": before,
        "commits": False,
        "post_entry": _figures(posted),
        "bare_inserts": _figures(bare),
        "times_as_long": round(sum(posted) / sum(bare), 2),
    }


def _capture(holder: str) -> None:
    """One entry as the product posts it, with what PostgreSQL looks at on commit."""
    lines = [debit(AccountKind.STRIPE_CLEARING, AMOUNT), credit(AccountKind.TRUST_PATIENT, AMOUNT, holder)]
    post_entry(kind=EntryKind.CAPTURE, reference=f"bench:{new_public_id()}", lines=lines, actor=None)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _rows_after(number: int) -> list[tuple[tuple, list[tuple]]]:
    """Each entry behind that number with its postings, as the database has them."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ENTRY[1]} FROM {ENTRY[0]} WHERE number > %s ORDER BY number", [number])  # noqa: S608
        entries = cursor.fetchall()
        cursor.execute(f"SELECT {POSTING[1]} FROM {POSTING[0]} WHERE entry_id >= %s", [entries[0][0]])  # noqa: S608
        postings: dict[int, list[tuple]] = {}
        for row in cursor.fetchall():
            postings.setdefault(row[1], []).append(row)
    return [(entry, postings[entry[0]]) for entry in entries]


def _insert(rows: tuple[tuple, list[tuple]]) -> None:
    """The same rows without any of the service: one INSERT for the entry, one for its postings."""
    entry, postings = rows
    with transaction.atomic(), connection.cursor() as cursor:
        for (table, columns), new in ((ENTRY, [entry]), (POSTING, postings)):
            places = ", ".join(f"({', '.join(['%s'] * len(row))})" for row in new)
            values = [value for row in new for value in row]
            cursor.execute(f"INSERT INTO {table} ({columns}) VALUES {places}", values)  # noqa: S608


def _timed(call: Callable[..., None], arguments: Iterable[object]) -> list[float]:
    times = []
    for argument in arguments:
        started = time.perf_counter()
        call(argument)
        times.append(time.perf_counter() - started)
    return times


def _figures(times: list[float]) -> dict[str, float]:
    return {
        "postings_per_second": round(2 * len(times) / sum(times)),
        "entries_per_second": round(len(times) / sum(times)),
        "median_ms": round(statistics.median(times) * 1000, 3),
        "p95_ms": round(percentile(times, 0.95) * 1000, 3),
    }

"""Walk the ledger from its first entry to its last, and find the first row that is not as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import DatabaseError, connection
from django.db.models import Exists, OuterRef, QuerySet, Sum, TextField
from django.db.models.functions import Cast, Coalesce

from .ledger import CREDIT_NORMAL, FIRST_HASH, entry_hash, imbalance
from .models import LedgerAccount, LedgerEntry, LedgerHead, LedgerPosting

BATCH = 500
"""Rows that are in memory at one time."""
UNREADABLE = (DatabaseError, ValueError, TypeError, AttributeError)
"""What reading a row may raise whose bytes are no longer those of its type."""


class LedgerFault(Exception):
    """The first row that is changed, missing or unbalanced. The text names it."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was walked without a fault. Whoever notes number and hash elsewhere can prove that nothing was cut off."""

    entries: int
    postings: int
    accounts: int
    head: str


def verify_ledger() -> Verified:
    """Raise LedgerFault, which names the first fault, or say what was verified. Posting may go on meanwhile."""
    head = LedgerHead.objects.filter(pk=1).first()
    if head is None:
        raise LedgerFault("the head of the chain is missing")
    last_hash, number, postings = FIRST_HASH, 0, 0
    for entry in _entries(head.number):
        number += 1
        if entry.number != number:
            raise LedgerFault(f"entry {number} is missing: entry {entry.number} comes after entry {number - 1}")
        _check_entry(entry, last_hash)
        last_hash, postings = entry.hash, postings + len(entry.postings.all())
    if number != head.number:
        raise LedgerFault(f"entry {number + 1} is missing: the chain ended with entry {head.number}")
    if last_hash != head.hash:
        raise LedgerFault(f"the head of the chain was changed: it has not the hash of entry {number}")
    _check_nothing_beside_the_chain()
    return Verified(entries=number, postings=postings, accounts=_check_accounts(), head=last_hash)


def _entries(last: int) -> Iterator[LedgerEntry]:
    """All entries up to that one in their order, some at a time."""
    number = 0
    while number < last:
        rows = LedgerEntry.objects.filter(number__gt=number, number__lte=last).order_by("number")
        try:
            batch = list(_with_postings(rows)[:BATCH])
        except UNREADABLE:
            yield from _one_by_one(number, last)
            number += BATCH
            continue
        if not batch:
            return
        yield from batch
        number = batch[-1].number


def _with_postings(rows: QuerySet[LedgerEntry]) -> QuerySet[LedgerEntry]:
    if connection.vendor == "sqlite":
        rows = rows.annotate(posted_text=Cast("posted_at", TextField()))
    return rows.prefetch_related("postings__account")


def _one_by_one(after: int, last: int) -> Iterator[LedgerEntry]:
    """The same rows, each by itself, to learn which of them cannot be read."""
    for number in range(after + 1, min(after + BATCH, last) + 1):
        try:
            yield from _with_postings(LedgerEntry.objects.filter(number=number))
        except UNREADABLE as error:
            if isinstance(error, DatabaseError) and "decode" not in str(error):
                raise  # the database is away: that says nothing of the row
            raise LedgerFault(f"entry {number} was changed: it, or a posting of it, cannot be read") from error


def _check_entry(entry: LedgerEntry, last_hash: str) -> None:
    name = f"entry {entry.number} ({entry.reference})"
    postings = list(entry.postings.all())
    if entry.previous_hash != last_hash:
        raise LedgerFault(f"{name} was changed: it does not follow from entry {entry.number - 1}")
    try:
        uneven = imbalance((posting.currency, posting.amount_minor) for posting in postings)
        hashed = _hash_of(entry, postings)
        is_as_written = _is_as_written(entry)
    except UNREADABLE as error:
        raise LedgerFault(f"{name} was changed: it, or a posting of it, cannot be read") from error
    off = f"; its postings do not balance: {uneven}" if uneven else ""
    if entry.hash != hashed or not is_as_written:
        raise LedgerFault(f"{name}, a posting of it or its account was changed: its hash is another{off}")
    if uneven or len(postings) < 2:
        raise LedgerFault(f"{name} is unbalanced{off}")
    for posting in postings:
        if posting.currency != posting.account.currency:
            raise LedgerFault(f"{name} was changed: posting {posting.pk} is not in the currency of its account")


def _hash_of(entry: LedgerEntry, postings: list[LedgerPosting]) -> str:
    return entry_hash(
        number=entry.number,
        previous_hash=entry.previous_hash,
        kind=entry.kind,
        reference=entry.reference,
        posted_at=entry.posted_at,
        actor_id=entry.actor_id,
        lines=[
            (posting.account.kind, posting.account.currency, posting.account.holder, posting.amount_minor)
            for posting in postings
        ],
    )


def _is_as_written(entry: LedgerEntry) -> bool:
    """SQLite keeps an instant as text, and two texts may be read as one instant: only the one that we write will do."""
    text = getattr(entry, "posted_text", None)
    return text is None or text == str(connection.ops.adapt_datetimefield_value(entry.posted_at))


def _check_nothing_beside_the_chain() -> None:
    """An entry behind the head has never been sealed. One statement reads both, since posting goes on."""
    end = LedgerHead.objects.filter(pk=1).values("number")[:1]
    beside = LedgerEntry.objects.filter(number__gt=end).order_by("number").first()
    if beside is not None:
        raise LedgerFault(f"entry {beside.number} ({beside.reference}) stands beside the chain: it was never sealed")
    has_entry = Exists(LedgerEntry.objects.filter(pk=OuterRef("entry_id")))
    orphan = LedgerPosting.objects.filter(~has_entry).order_by("pk").first()
    if orphan is not None:
        raise LedgerFault(f"the entry of posting {orphan.pk} is missing")


def _check_accounts() -> int:
    """Compare the balance of each account with the sum of its postings, some accounts at a time; how many there are."""
    count = last = 0
    while True:
        batch = list(
            LedgerAccount.objects.filter(pk__gt=last)
            .order_by("pk")
            .annotate(posted=Coalesce(Sum("postings__amount_minor"), 0))
            .values_list("pk", "kind", "balance_minor", "posted")[:BATCH]
        )
        if not batch:
            return count
        for pk, kind, balance, posted in batch:
            true = -posted if kind in CREDIT_NORMAL else posted
            if balance != true:
                raise LedgerFault(f"the balance of account {pk} was changed: {balance}, but its postings give {true}")
        count, last = count + len(batch), batch[-1][0]

"""Post to the trust ledger."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from payments.enums import EntryKind
from payments.errors import Overdrawn, ReferenceReused
from payments.ledger import CREDIT_NORMAL, NEVER_NEGATIVE, AccountName, Line, check_entry, entry_hash
from payments.models import LedgerAccount, LedgerEntry, LedgerHead, LedgerPosting


@transaction.atomic
def post_entry(*, kind: EntryKind, reference: str, lines: Sequence[Line], actor: User | None) -> LedgerEntry:
    """Record one movement of money, once.

    `reference` names what caused it ("capture:<id>"), by opaque ids alone. The same reference again gives the entry
    that is there, and ReferenceReused where that one says something else. Overdrawn where more would leave an account
    of NEVER_NEGATIVE than it holds. Accounts are opened when they are first named.

    Locks the end of the chain, then the accounts by key, until the caller's transaction ends: post last.
    """
    check_entry(kind, reference, lines)
    head = LedgerHead.objects.select_for_update(no_key=True).get()
    posted = LedgerEntry.objects.filter(reference=reference).first()
    if posted is not None:
        _check_same(posted, kind, lines)
        return posted
    accounts = _lock_accounts([line.account for line in lines])
    for line in lines:
        _check_covered(accounts[line.account], line)
    return _append(head, kind=kind, reference=reference, lines=lines, accounts=accounts, actor=actor)


def _lock_accounts(names: Sequence[AccountName]) -> dict[AccountName, LedgerAccount]:
    """The accounts of these names, locked; new ones are opened. Nobody else opens any: the head is locked."""
    wanted = Q()
    for name in names:
        wanted |= Q(kind=name.kind, currency=name.currency, holder=name.holder)
    rows = list(LedgerAccount.objects.filter(wanted).order_by("pk").select_for_update(no_key=True))
    accounts = {_name_of(row): row for row in rows}
    missing = [name for name in names if name not in accounts]
    opened = LedgerAccount.objects.bulk_create(
        LedgerAccount(kind=name.kind, currency=name.currency, holder=name.holder) for name in missing
    )
    return accounts | dict(zip(missing, opened, strict=True))


def _name_of(account: LedgerAccount) -> AccountName:
    return AccountName(account.kind, account.currency, account.holder)  # type: ignore[arg-type]  # a str enum


def _check_covered(account: LedgerAccount, line: Line) -> None:
    change = -line.amount_minor if line.account.kind in CREDIT_NORMAL else line.amount_minor
    if line.account.kind in NEVER_NEGATIVE and account.balance_minor + change < 0:
        raise Overdrawn


def _check_same(posted: LedgerEntry, kind: EntryKind, lines: Sequence[Line]) -> None:
    rows = posted.postings.select_related("account")
    there = {Line(_name_of(row.account), row.amount_minor) for row in rows}
    if posted.kind != kind or there != set(lines):
        raise ReferenceReused(f"{posted.reference} is entry {posted.number}, and says something else")


def _append(
    head: LedgerHead,
    *,
    kind: EntryKind,
    reference: str,
    lines: Sequence[Line],
    accounts: dict[AccountName, LedgerAccount],
    actor: User | None,
) -> LedgerEntry:
    """Write the next link of the chain, and seal it by moving the head on to it."""
    number, posted_at, actor_id = head.number + 1, timezone.now(), actor.pk if actor else None
    hashed = entry_hash(
        number=number,
        previous_hash=head.hash,
        kind=kind,
        reference=reference,
        posted_at=posted_at,
        actor_id=actor_id,
        lines=[(line.account.kind, line.account.currency, line.account.holder, line.amount_minor) for line in lines],
    )
    entry = LedgerEntry(
        number=number,
        kind=kind,
        reference=reference,
        posted_at=posted_at,
        actor_id=actor_id,
        previous_hash=head.hash,
        hash=hashed,
    )
    entry.save()
    LedgerPosting.objects.bulk_create(
        LedgerPosting(
            entry=entry,
            account=accounts[line.account],
            amount_minor=line.amount_minor,
            currency=line.account.currency,
        )
        for line in lines
    )
    head.number, head.hash = number, hashed
    head.save(update_fields=["number", "hash"])
    return entry

"""What makes an entry of the trust ledger: which accounts it may touch, that it balances, and its hash.

Double entry: an entry has two postings or more, a debit is positive, a credit negative, and those of one currency
add up to nothing. Pure functions of their arguments.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from medicaim.common.money import Money

from .enums import AccountKind as Account
from .enums import EntryKind as Kind
from .errors import MalformedEntry

FIRST_HASH = "0" * 64
"""What the first entry has for the hash before it."""
LARGEST_MINOR = 10**15
"""No posting is larger: a sum of thousands of them still fits into 64 bits."""
REFERENCE_LENGTH = 120
HOLDER_LENGTH = 40

OF_A_DEPOSIT = frozenset({Account.TRUST_PATIENT, Account.REFUND_PENDING})
"""One account for each deposit; its holder is the public id of the deposit."""
OF_A_PROVIDER = frozenset({Account.PROVIDER_PAYABLE, Account.PROVIDER_RECEIVABLE})
"""One account for each provider; its holder is the public id of the provider."""
CREDIT_NORMAL = OF_A_DEPOSIT | {Account.PROVIDER_PAYABLE, Account.MEDICAIM_REVENUE}
"""Liabilities and income: a credit makes their balance larger. Of all others (assets, expenses) a debit does."""
NEVER_NEGATIVE = OF_A_DEPOSIT | {Account.PROVIDER_PAYABLE}
"""What we owe to somebody: nobody can be given more of it than is there."""

#: Which accounts each kind of entry debits, and which it credits.
SHAPES: dict[Kind, tuple[frozenset[Account], frozenset[Account]]] = {
    kind: (frozenset(debited), frozenset(credited))
    for kind, debited, credited in (
        (Kind.CAPTURE, {Account.STRIPE_CLEARING}, {Account.TRUST_PATIENT}),
        (Kind.STRIPE_FEE, {Account.FEE_EXPENSE}, {Account.STRIPE_CLEARING}),
        (Kind.CANCELLATION_FEE, {Account.TRUST_PATIENT}, {Account.PROVIDER_PAYABLE, Account.MEDICAIM_REVENUE}),
        (Kind.RELEASE, {Account.TRUST_PATIENT}, {Account.PROVIDER_PAYABLE}),
        (Kind.RELEASE_REVERSED, {Account.PROVIDER_PAYABLE}, {Account.TRUST_PATIENT}),
        (Kind.TRANSFER, {Account.PROVIDER_PAYABLE}, {Account.STRIPE_CLEARING}),
        (Kind.TRANSFER_REVERSED, {Account.STRIPE_CLEARING}, {Account.PROVIDER_PAYABLE}),
        (Kind.BANK_TRANSFER, {Account.PROVIDER_PAYABLE}, {Account.BANK}),
        (Kind.REFUND_ASKED, {Account.TRUST_PATIENT}, {Account.REFUND_PENDING}),
        (Kind.REFUND_SUCCEEDED, {Account.REFUND_PENDING}, {Account.STRIPE_CLEARING}),
        (Kind.REFUND_FAILED, {Account.REFUND_PENDING}, {Account.TRUST_PATIENT}),
        (Kind.REFUND_BY_BANK, {Account.REFUND_PENDING}, {Account.BANK}),
        (Kind.DISPUTE_OPENED, {Account.DISPUTE_RECEIVABLE}, {Account.STRIPE_CLEARING}),
        (Kind.DISPUTE_WON, {Account.STRIPE_CLEARING}, {Account.DISPUTE_RECEIVABLE}),
        (
            Kind.DISPUTE_LOST,
            {Account.TRUST_PATIENT, Account.PROVIDER_RECEIVABLE, Account.DISPUTE_LOSS},
            {Account.DISPUTE_RECEIVABLE},
        ),
        (Kind.SHORTFALL_COVERED, {Account.PROVIDER_RECEIVABLE, Account.DISPUTE_LOSS}, {Account.TRUST_PATIENT}),
        (Kind.PAYOUT, {Account.BANK}, {Account.STRIPE_CLEARING}),
        (Kind.RESERVE_HELD, {Account.STRIPE_RESERVE}, {Account.STRIPE_CLEARING}),
        (Kind.RESERVE_FREED, {Account.STRIPE_CLEARING}, {Account.STRIPE_RESERVE}),
    )
}


@dataclass(frozen=True, slots=True, order=True)
class AccountName:
    """Which account: its kind, its currency and, where each deposit or provider has its own, whose."""

    kind: Account
    currency: str
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One posting: so many minor units of the account's currency; a debit is positive, a credit negative."""

    account: AccountName
    amount_minor: int


def debit(kind: Account, money: Money, holder: str = "") -> Line:
    return _line(kind, money.currency, holder, money.minor, money.minor)


def credit(kind: Account, money: Money, holder: str = "") -> Line:
    return _line(kind, money.currency, holder, money.minor, -money.minor)


def _line(kind: Account, currency: str, holder: str, minor: int, signed: int) -> Line:
    if not 0 < minor <= LARGEST_MINOR:
        raise MalformedEntry(f"{minor} is no amount to post")
    return Line(AccountName(Account(kind), currency, holder), signed)


def imbalance(amounts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """By currency what does not add up to nothing."""
    sums: dict[str, int] = defaultdict(int)
    for currency, minor in amounts:
        sums[currency] += minor
    return {currency: minor for currency, minor in sorted(sums.items()) if minor}


def check_entry(kind: Kind, reference: str, lines: Sequence[Line]) -> None:
    """Raise MalformedEntry unless these postings make an entry of that kind."""
    if not reference or len(reference) > REFERENCE_LENGTH or not reference.isprintable():
        raise MalformedEntry(f"{reference!r} is no reference")
    if len(lines) < 2 or len({line.account for line in lines}) < len(lines):
        raise MalformedEntry("an entry has two postings or more, each on an account of its own")
    if uneven := imbalance((line.account.currency, line.amount_minor) for line in lines):
        raise MalformedEntry(f"the postings do not balance: {uneven}")
    debited, credited = SHAPES[kind]
    for line in lines:
        if line.account.kind not in (debited if line.amount_minor > 0 else credited):
            raise MalformedEntry(f"{kind} does not post {line.amount_minor} on {line.account.kind}")
    _check_holders([line.account for line in lines])


def _check_holders(accounts: Collection[AccountName]) -> None:
    for account in accounts:
        if (account.kind in OF_A_DEPOSIT | OF_A_PROVIDER) != bool(account.holder):
            raise MalformedEntry(f"{account.kind} has {account.holder!r} for its holder")
        if len(account.holder) > HOLDER_LENGTH:
            raise MalformedEntry(f"{account.holder!r} is too long for a holder")
    for kinds in (OF_A_DEPOSIT, OF_A_PROVIDER):
        if len({account.holder for account in accounts if account.kind in kinds}) > 1:
            raise MalformedEntry("one entry never moves money between two deposits or two providers")


def entry_hash(
    *,
    number: int,
    previous_hash: str,
    kind: str,
    reference: str,
    posted_at: datetime,
    actor_id: int | None,
    lines: Iterable[tuple[str, str, str, int]],
) -> str:
    """The hash of an entry: of all that it says and of the hash before it, so that the entries are one chain.

    `lines` are (kind, currency, holder, minor units), in any order.
    """
    content = {
        "number": number,
        "previous_hash": previous_hash,
        "kind": kind,
        "reference": reference,
        "posted_at": posted_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": actor_id,
        "postings": sorted(list(line) for line in lines),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()

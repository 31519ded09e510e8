"""The money: every movement is a balance transaction, and the two balances of an account follow from them.

Balances are counted as money moves, not added up when asked for: that both agree is tested.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import invalid

if TYPE_CHECKING:
    from .world import Object, World

CATEGORIES = {
    "adjustment": "dispute",
    "payment": "charge",
    "payment_refund": "refund",
    "payout_cancel": "payout_reversal",
    "payout_failure": "payout_reversal",
    "transfer_refund": "transfer_reversal",
}


@dataclass
class Books:
    """The balances of one account, by currency, in minor units."""

    available: Counter[str] = field(default_factory=Counter)
    pending: Counter[str] = field(default_factory=Counter)


def post(
    world: World,
    *,
    owner: str,
    kind: str,
    amount: int,
    currency: str,
    source: str,
    fee: int = 0,
    available_on: int | None = None,
    **fields: Any,
) -> Object:
    """Move money on the account of the owner. Without `available_on` it counts at once."""
    due = world.now if available_on is None else available_on
    is_pending = due > world.now
    details = [
        {"amount": fee, "application": None, "currency": currency, "description": "Stripe fee", "type": "stripe_fee"}
    ]
    movement = world.new(
        "balance_transaction",
        owner=owner,
        type=kind,
        reporting_category=CATEGORIES.get(kind, kind),
        balance_type="payments",
        amount=amount,
        fee=fee,
        fee_details=details if fee else [],
        net=amount - fee,
        currency=currency,
        source=source,
        available_on=due,
        status="pending" if is_pending else "available",
        **fields,
    )
    books = world.books[owner]
    (books.pending if is_pending else books.available)[currency] += movement["net"]
    if is_pending:
        world.at(due, lambda: _become_available(books, movement))
    return movement


def _become_available(books: Books, movement: Object) -> None:
    movement["status"] = "available"
    books.pending[movement["currency"]] -= movement["net"]
    books.available[movement["currency"]] += movement["net"]


def settles_on(world: World, movement: Object) -> int | None:
    """When money taken back from a movement counts: with it while it is pending, at once afterwards."""
    return int(movement["available_on"]) if movement["available_on"] > world.now else None


def require_available(world: World, owner: str, amount: int, currency: str) -> None:
    if world.books[owner].available[currency] < amount:
        raise invalid(
            "You have insufficient available funds in your Stripe account. Try adding funds directly to your available"
            " balance by creating Charges using the 4000000000000077 test card.",
            code="balance_insufficient",
        )


def written(amounts: Counter[str]) -> list[dict[str, Any]]:
    """A balance as the API writes it."""
    return [
        {
            "amount": amount,
            "currency": currency,
            "source_types": {"bank_account": None, "card": amount, "fpx": None},
        }
        for currency, amount in sorted(amounts.items())
    ] or [{"amount": 0, "currency": "eur", "source_types": {"bank_account": None, "card": 0, "fpx": None}}]

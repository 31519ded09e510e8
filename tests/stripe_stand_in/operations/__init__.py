"""One function for each operation of the API; importing this package enters them all into `OPERATIONS`."""

from . import (
    accounts,
    balances,
    checkout,
    customers,
    disputes,
    payment_intents,
    refunds,
    setup_intents,
    transfers,
    webhooks,
)
from .calls import OPERATIONS, Call, answer_of

__all__ = [
    "OPERATIONS",
    "Call",
    "accounts",
    "answer_of",
    "balances",
    "checkout",
    "customers",
    "disputes",
    "payment_intents",
    "refunds",
    "setup_intents",
    "transfers",
    "webhooks",
]

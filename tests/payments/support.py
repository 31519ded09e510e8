"""Posting in a word."""

from medicaim.common.money import Money
from payments.enums import AccountKind as Account
from payments.enums import EntryKind as Kind
from payments.ledger import credit, debit
from payments.services import post_entry


def eur(minor):
    return Money(minor, "EUR")


def capture(deposit="deposit1", minor=10_000, currency="EUR", *, reference=None, actor=None):
    money = Money(minor, currency)
    return post_entry(
        kind=Kind.CAPTURE,
        reference=reference or f"capture:{deposit}",
        lines=[debit(Account.STRIPE_CLEARING, money), credit(Account.TRUST_PATIENT, money, deposit)],
        actor=actor,
    )


def ask_refund(deposit="deposit1", minor=10_000, *, reference="refund:1"):
    money = eur(minor)
    return post_entry(
        kind=Kind.REFUND_ASKED,
        reference=reference,
        lines=[debit(Account.TRUST_PATIENT, money, deposit), credit(Account.REFUND_PENDING, money, deposit)],
        actor=None,
    )

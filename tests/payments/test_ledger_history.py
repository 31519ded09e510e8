"""Any history of movements, with double and impossible ones among them, ends in books that are whole."""

from collections import Counter

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from medicaim.common.money import Money
from payments.enums import AccountKind as Account
from payments.enums import EntryKind as Kind
from payments.errors import Overdrawn
from payments.ledger import credit, debit
from payments.models import LedgerAccount, LedgerEntry
from payments.queries import trust_totals
from payments.services import post_entry
from payments.verification import verify_ledger

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

#: What each step takes from where, and puts where, in a second and simpler set of books.
STEPS = {
    Kind.CAPTURE: ("patient", "trust"),
    Kind.REFUND_ASKED: ("trust", "pending"),
    Kind.REFUND_SUCCEEDED: ("pending", "patient back"),
    Kind.REFUND_BY_BANK: ("pending", "patient back"),
    Kind.REFUND_FAILED: ("pending", "trust"),
    Kind.RELEASE: ("trust", "payable"),
    Kind.RELEASE_REVERSED: ("payable", "trust"),
    Kind.TRANSFER: ("payable", "provider"),
    Kind.TRANSFER_REVERSED: ("provider", "payable"),
    Kind.CANCELLATION_FEE: ("trust", "revenue"),
    Kind.DISPUTE_LOST: ("trust", "charged back"),
    Kind.SHORTFALL_COVERED: ("loss", "trust"),
}
#: The accounts that each step debits and credits.
POSTED = {
    Kind.CAPTURE: (Account.STRIPE_CLEARING, Account.TRUST_PATIENT),
    Kind.REFUND_ASKED: (Account.TRUST_PATIENT, Account.REFUND_PENDING),
    Kind.REFUND_SUCCEEDED: (Account.REFUND_PENDING, Account.STRIPE_CLEARING),
    Kind.REFUND_BY_BANK: (Account.REFUND_PENDING, Account.BANK),
    Kind.REFUND_FAILED: (Account.REFUND_PENDING, Account.TRUST_PATIENT),
    Kind.RELEASE: (Account.TRUST_PATIENT, Account.PROVIDER_PAYABLE),
    Kind.RELEASE_REVERSED: (Account.PROVIDER_PAYABLE, Account.TRUST_PATIENT),
    Kind.TRANSFER: (Account.PROVIDER_PAYABLE, Account.STRIPE_CLEARING),
    Kind.TRANSFER_REVERSED: (Account.STRIPE_CLEARING, Account.PROVIDER_PAYABLE),
    Kind.CANCELLATION_FEE: (Account.TRUST_PATIENT, Account.MEDICAIM_REVENUE),
    Kind.DISPUTE_LOST: (Account.TRUST_PATIENT, Account.DISPUTE_RECEIVABLE),
    Kind.SHORTFALL_COVERED: (Account.DISPUTE_LOSS, Account.TRUST_PATIENT),
}
#: Whose box a movement takes from or puts into; all others belong to the whole house.
OF_THE_DEPOSIT, OF_THE_PROVIDER = {"trust", "pending"}, {"payable"}
ENDLESS = {"patient", "provider", "loss"}

steps = st.tuples(
    st.sampled_from([Kind.CAPTURE, *STEPS]),
    st.sampled_from(["deposit1", "deposit2"]),
    st.sampled_from(["EUR", "JPY"]),
    st.integers(1, 4),
    st.booleans(),
)


def holder(account, deposit):
    if account in (Account.TRUST_PATIENT, Account.REFUND_PENDING):
        return deposit
    return "provider1" if account == Account.PROVIDER_PAYABLE else ""


def post(number, kind, deposit, money):
    debited, credited = POSTED[kind]
    lines = [debit(debited, money, holder(debited, deposit)), credit(credited, money, holder(credited, deposit))]
    return post_entry(kind=kind, reference=f"step:{number}", lines=lines, actor=None)


def box(name, deposit, currency):
    if name in OF_THE_DEPOSIT:
        return name, deposit, currency
    return name, "", currency


def play(history):
    """Post the history; beside it keep the simple books. The simple books, and how many entries there must be."""
    books, entries = Counter(), 0
    for number, (kind, deposit, currency, minor, twice) in enumerate(history):
        source, target = (box(name, deposit, currency) for name in STEPS[kind])
        money = Money(minor, currency)
        if source[0] not in ENDLESS and books[source] < minor:
            with pytest.raises(Overdrawn):
                post(number, kind, deposit, money)
            continue
        first = post(number, kind, deposit, money)
        if twice:
            assert post(number, kind, deposit, money) == first
        books[source] -= minor
        books[target] += minor
        entries += 1
    return books, entries


@settings(deadline=None)
@given(st.lists(steps, max_size=25))
def test_received_is_held_refunded_released_and_kept(history):
    """Rules 5, point 4: after any history the money is where a second set of books says that it is."""
    with transaction.atomic():
        books, entries = play(history)
        assert LedgerEntry.objects.count() == entries
        for currency in ("EUR", "JPY"):
            check_totals(books, currency)
        for account in LedgerAccount.objects.filter(kind=Account.TRUST_PATIENT):
            assert account.balance_minor == books["trust", account.holder, account.currency]
        assert verify_ledger().entries == entries
        transaction.set_rollback(True)


def check_totals(books, currency):
    def total(name):
        return sum(minor for (box, _, of), minor in books.items() if (box, of) == (name, currency))

    totals = trust_totals(currency)
    assert totals.is_whole
    assert totals.received == -total("patient")
    assert totals.held == total("trust")
    assert totals.refunded == total("pending") + total("patient back")
    assert totals.released == total("payable") + total("provider")
    assert totals.fees == total("revenue")
    assert totals.charged_back == total("charged back") + total("loss")

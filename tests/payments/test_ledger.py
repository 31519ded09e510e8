"""The trust ledger: what it takes, what it refuses, and by whom it is refused."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from medicaim.common.money import Money
from payments.enums import AccountKind as Account
from payments.enums import EntryKind as Kind
from payments.errors import AppendOnly, MalformedEntry, Overdrawn, ReferenceReused
from payments.ledger import CREDIT_NORMAL, FIRST_HASH, NEVER_NEGATIVE, SHAPES, credit, debit
from payments.models import LedgerAccount, LedgerEntry, LedgerHead, LedgerPosting
from payments.queries import trust_totals
from payments.services import post_entry
from tests.payments.support import ask_refund, capture, eur

pytestmark = pytest.mark.django_db


def balances():
    return {(row.kind, row.holder): row.balance_minor for row in LedgerAccount.objects.all()}


def rows():
    return LedgerEntry.objects.count(), LedgerPosting.objects.count(), LedgerAccount.objects.count()


def simple_line(kind, side, holder="x"):
    """A line of one euro on an account of that kind, whoever it belongs to."""
    of_somebody = kind in NEVER_NEGATIVE or kind == Account.PROVIDER_RECEIVABLE
    return side(kind, eur(100), holder if of_somebody else "")


# --- What it takes --------------------------------------------------------------------------------------------


def test_a_capture_is_held_for_its_deposit(careteam):
    entry = capture("deposit1", 10_000, actor=careteam)
    assert (entry.number, entry.previous_hash, entry.actor) == (1, FIRST_HASH, careteam)
    assert balances() == {("stripe_clearing", ""): 10_000, ("trust_patient", "deposit1"): 10_000}
    assert sorted(entry.postings.values_list("amount_minor", "currency")) == [(-10_000, "EUR"), (10_000, "EUR")]


def test_entries_are_one_chain():
    first, second = capture("deposit1"), capture("deposit2")
    assert (second.number, second.previous_hash) == (2, first.hash)
    head = LedgerHead.objects.get()
    assert (head.number, head.hash) == (2, second.hash)


def test_the_same_reference_again_is_the_same_entry(careteam):
    first = capture("deposit1")
    before = rows()
    assert capture("deposit1", actor=careteam) == first
    assert rows() == before
    assert balances()["trust_patient", "deposit1"] == 10_000


@pytest.mark.parametrize(
    "again",
    [
        lambda: capture("deposit1", 10_001),
        lambda: capture("deposit2", 10_000, reference="capture:deposit1"),
        lambda: capture("deposit1", 10_000, "CHF"),
        lambda: ask_refund("deposit1", 10_000, reference="capture:deposit1"),
    ],
)
def test_a_reference_never_stands_for_two_movements(again):
    capture("deposit1", 10_000)
    before = rows()
    with pytest.raises(ReferenceReused):
        again()
    assert rows() == before


def test_more_than_is_held_never_leaves_a_deposit():
    """A refund is tied to its deposit, and the money of another one does not pay it."""
    capture("deposit1", 10_000)
    capture("deposit2", 99_999)
    with pytest.raises(Overdrawn):
        ask_refund("deposit1", 10_001)
    ask_refund("deposit1", 10_000)
    with pytest.raises(Overdrawn):
        ask_refund("deposit1", 1, reference="refund:2")
    assert balances()["trust_patient", "deposit1"] == 0
    assert balances()["trust_patient", "deposit2"] == 99_999


def test_a_refused_entry_leaves_nothing_behind_not_even_accounts():
    with pytest.raises(Overdrawn):
        ask_refund("deposit1", 1)
    assert rows() == (0, 0, 0)
    assert LedgerHead.objects.get().number == 0


def test_each_currency_is_an_account_of_its_own():
    capture("deposit1", 500, "JPY", reference="a")
    capture("deposit1", 5_120, "TND", reference="b")
    assert sorted(LedgerAccount.objects.values_list("kind", "currency", "balance_minor")) == [
        ("stripe_clearing", "JPY", 500), ("stripe_clearing", "TND", 5_120),
        ("trust_patient", "JPY", 500), ("trust_patient", "TND", 5_120),
    ]  # fmt: skip
    assert trust_totals("JPY").held == 500
    assert trust_totals("EUR").held == 0


@pytest.mark.parametrize("kind", Account)
def test_the_mirror_of_each_kind_of_account_has_the_sign_of_its_kind(kind):
    """The trigger names the kinds whose balance grows by credits; this finds one that was forgotten there."""
    grows = credit if kind in CREDIT_NORMAL else debit
    entry, others = next(
        (entry, debited if grows is credit else credited)
        for entry, (debited, credited) in SHAPES.items()
        if kind in (credited if grows is credit else debited)
    )
    other = min(others)
    if other == Account.TRUST_PATIENT and grows is credit:
        capture("x", 100)
    lines = [simple_line(kind, grows), simple_line(other, debit if grows is credit else credit)]
    post_entry(kind=entry, reference="one", lines=lines, actor=None)
    assert LedgerAccount.objects.get(kind=kind).balance_minor == 100


def test_the_queries_of_an_entry_are_few_and_do_not_grow(django_assert_num_queries):
    for number in range(30):
        capture(f"deposit{number}")
    with django_assert_num_queries(9):  # savepoint, head, reference, accounts, new account, entry, postings, head, end
        capture("another")
    with django_assert_num_queries(8):
        capture("another", reference="capture:again")


# --- What makes no entry --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        (Kind.CAPTURE, []),
        (Kind.CAPTURE, [debit(Account.STRIPE_CLEARING, eur(1))]),
        (Kind.CAPTURE, [debit(Account.STRIPE_CLEARING, eur(2)), credit(Account.TRUST_PATIENT, eur(1), "a")]),
        # of two currencies
        (Kind.CAPTURE, [debit(Account.STRIPE_CLEARING, eur(1)), credit(Account.TRUST_PATIENT, Money(1, "USD"), "a")]),
        # the other way round, and between accounts that this kind has nothing to do with
        (Kind.CAPTURE, [credit(Account.STRIPE_CLEARING, eur(1)), debit(Account.TRUST_PATIENT, eur(1), "a")]),
        (Kind.CAPTURE, [debit(Account.STRIPE_CLEARING, eur(1)), credit(Account.MEDICAIM_REVENUE, eur(1))]),
        # from one deposit to another, or to one of nobody
        (Kind.REFUND_ASKED, [debit(Account.TRUST_PATIENT, eur(1), "a"), credit(Account.REFUND_PENDING, eur(1), "b")]),
        (Kind.CAPTURE, [debit(Account.STRIPE_CLEARING, eur(1)), credit(Account.TRUST_PATIENT, eur(1))]),
        (Kind.CAPTURE, [debit(Account.STRIPE_CLEARING, eur(1), "a"), credit(Account.TRUST_PATIENT, eur(1), "a")]),
        # twice on one account
        (
            Kind.CAPTURE,
            [
                debit(Account.STRIPE_CLEARING, eur(1)),
                debit(Account.STRIPE_CLEARING, eur(1)),
                credit(Account.TRUST_PATIENT, eur(2), "a"),
            ],
        ),
        (Kind.CAPTURE, [debit(Account.STRIPE_CLEARING, eur(1)), credit(Account.TRUST_PATIENT, eur(1), "a" * 41)]),
    ],
)
def test_postings_that_make_no_entry_are_refused(kind, lines):
    with pytest.raises(MalformedEntry):
        post_entry(kind=kind, reference="one", lines=lines, actor=None)
    assert rows() == (0, 0, 0)


@pytest.mark.parametrize("minor", [0, -1, 10**15 + 1])
def test_an_amount_is_positive_and_has_an_end(minor):
    with pytest.raises(MalformedEntry):
        debit(Account.STRIPE_CLEARING, eur(minor))


@pytest.mark.parametrize("reference", ["", "a" * 121, "a\nb"])
def test_a_reference_is_one_short_line(reference):
    lines = [debit(Account.STRIPE_CLEARING, eur(1)), credit(Account.TRUST_PATIENT, eur(1), "a")]
    with pytest.raises(MalformedEntry):
        post_entry(kind=Kind.CAPTURE, reference=reference, lines=lines, actor=None)


def test_every_kind_of_entry_says_which_accounts_it_touches():
    assert set(SHAPES) == set(Kind)
    assert set().union(*(debited | credited for debited, credited in SHAPES.values())) == set(Account)


# --- What the models refuse -----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [LedgerAccount, LedgerEntry, LedgerPosting])
def test_the_models_change_and_delete_nothing(model):
    capture()
    row = model.objects.first()
    for attempt in (
        row.save,
        row.delete,
        model.objects.all().delete,
        lambda: model.objects.bulk_update([row], ["id"]),
        lambda: model.objects.update(pk=7),
    ):
        with pytest.raises(AppendOnly):
            attempt()


# --- What the database refuses --------------------------------------------------------------------------------


def refused(sql, *values):
    """Whether the database refuses this, whoever says it. Nothing is left of it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as error:
        return str(error)
    raise AssertionError(f"not refused: {sql}")


@pytest.mark.parametrize("table", ["ledgerentry", "ledgerposting", "ledgeraccount", "ledgerhead"])
def test_the_database_deletes_nothing(table):
    capture()
    assert "append_only" in refused(f"DELETE FROM payments_{table}")


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("ledgerentry", "number = 2"),
        ("ledgerentry", "kind = 'release'"),
        ("ledgerentry", "reference = reference"),
        ("ledgerposting", "amount_minor = amount_minor + 1"),
        ("ledgerposting", "account_id = account_id"),
        ("ledgeraccount", "holder = 'somebody'"),
        ("ledgeraccount", "currency = 'USD'"),
        ("ledgeraccount", "kind = 'bank'"),
    ],
)
def test_the_database_changes_nothing(table, change):
    capture()
    assert "append_only" in refused(f"UPDATE payments_{table} SET {change}")


@pytest.mark.once
def test_sqlite_replaces_nothing_either():
    """INSERT OR REPLACE deletes without asking the triggers of DELETE."""
    capture()
    for table in ("ledgerentry", "ledgerposting", "ledgeraccount", "ledgerhead"):
        assert "append_only" in refused(f"INSERT OR REPLACE INTO payments_{table} SELECT * FROM payments_{table}")


def insert_entry(number, previous, hashed, reference="raw"):
    """An entry that did not come through the service; its key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_ledgerentry (number, kind, reference, posted_at, previous_hash, hash)"
            " VALUES (%s, 'capture', %s, %s, %s, %s) RETURNING id",
            [number, reference, timezone.now(), previous, hashed],
        )
        return cursor.fetchone()[0]


POST = "INSERT INTO payments_ledgerposting (entry_id, account_id, amount_minor, currency) VALUES (%s, %s, %s, %s)"


def post_raw(entry, minor, account, currency="EUR"):
    with connection.cursor() as cursor:
        cursor.execute(POST, [entry, account.pk, minor, currency])


@pytest.fixture
def accounts():
    """Of one capture. What these tests leave unsealed is never committed, so nobody asks whether it could be."""
    capture("deposit1", 10_000)
    yield {row.kind: row for row in LedgerAccount.objects.all()}
    transaction.set_rollback(True)


def test_a_posting_in_another_currency_than_its_account_is_refused(accounts):
    head = LedgerHead.objects.get()
    entry = insert_entry(2, head.hash, "b" * 64)
    assert "currency" in refused(POST, entry, accounts["stripe_clearing"].pk, 1, "USD")


def test_nothing_is_posted_on_a_sealed_entry(accounts):
    entry = LedgerEntry.objects.get()
    other = LedgerAccount.objects.create(kind=Account.BANK, currency="EUR")
    assert "sealed" in refused(POST, entry.pk, other.pk, 1, "EUR")


def test_an_overdraft_is_refused_by_the_database_too(accounts):
    entry = insert_entry(2, LedgerHead.objects.get().hash, "b" * 64)
    assert "never_negative" in refused(POST, entry, accounts["trust_patient"].pk, 10_001, "EUR")
    post_raw(entry, 10_000, accounts["trust_patient"])


SEAL = "UPDATE payments_ledgerhead SET number = %s, hash = %s"


@pytest.mark.parametrize("minors", [[], [100], [100, -99], [-100, 99]])
def test_an_entry_that_does_not_balance_is_never_sealed(accounts, minors):
    entry = insert_entry(2, LedgerHead.objects.get().hash, "b" * 64)
    for minor, kind in zip(minors, ("stripe_clearing", "trust_patient"), strict=False):
        post_raw(entry, minor, accounts[kind])
    assert "balanced" in refused(SEAL, 2, "b" * 64)


@pytest.mark.parametrize(
    ("number", "hashed"),
    [(3, "b" * 64), (2, "c" * 64), (0, FIRST_HASH), (1, FIRST_HASH)],
)
def test_the_head_moves_to_the_next_link_alone(accounts, number, hashed):
    entry = insert_entry(2, LedgerHead.objects.get().hash, "b" * 64)
    post_raw(entry, 100, accounts["stripe_clearing"])
    post_raw(entry, -100, accounts["trust_patient"])
    assert "next_link" in refused(SEAL, number, hashed)
    with connection.cursor() as cursor:
        cursor.execute(SEAL, [2, "b" * 64])


def test_an_entry_of_the_wrong_link_is_never_sealed(accounts):
    entry = insert_entry(2, FIRST_HASH[:-1] + "1", "b" * 64)
    post_raw(entry, 100, accounts["stripe_clearing"])
    post_raw(entry, -100, accounts["trust_patient"])
    assert "next_link" in refused(SEAL, 2, "b" * 64)


@pytest.mark.parametrize("minors", [[], [100, -99], [100, -100]])
def test_postgresql_commits_nothing_that_is_not_balanced_and_sealed(accounts, minors):
    """On SQLite such an entry stays beside the chain, where `verify_ledger` finds it and the next one meets it."""
    entry = insert_entry(2, LedgerHead.objects.get().hash, "b" * 64)
    for minor, kind in zip(minors, ("stripe_clearing", "trust_patient"), strict=False):
        post_raw(entry, minor, accounts[kind])
    if connection.vendor == "postgresql":
        assert ("not_sealed" if minors == [100, -100] else "balanced") in refused("SELECT 1")
    else:
        with pytest.raises(IntegrityError):
            capture("deposit2")


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_stays_and_the_rest_does_not():
    capture("deposit1")

    @transaction.atomic
    def both():
        capture("deposit2")
        ask_refund("deposit1", 10_001)

    with pytest.raises(Overdrawn):
        both()
    assert list(LedgerEntry.objects.values_list("number", "reference")) == [(1, "capture:deposit1")]
    assert capture("deposit3").number == 2

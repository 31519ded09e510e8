"""`bin/manage verify_ledger`: whatever is changed behind the ledger's back is found and named."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from payments import verification
from payments.models import LedgerAccount, LedgerEntry, LedgerHead
from tests.payments.support import ask_refund, capture
from tests.support import ledger_guards

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch):
    """So that a few entries are several batches."""
    monkeypatch.setattr(verification, "BATCH", 3)


@pytest.fixture
def ledger():
    """Eight entries: seven captures, and a refund of the third."""
    for number in range(1, 8):
        capture(f"deposit{number}", 1000 * number)
    ask_refund("deposit3", 500)
    return {entry.number: entry for entry in LedgerEntry.objects.all()}


def tamper(sql, *values):
    """As somebody who has the database to themselves."""
    ledger_guards.drop()
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
    ledger_guards.make()


def fault(capsys):
    with pytest.raises(CommandError) as raised:
        call_command("verify_ledger")
    assert raised.value.returncode == 1
    assert capsys.readouterr().out == ""
    return str(raised.value)


def test_a_ledger_that_nobody_touched_is_whole(ledger, capsys):
    call_command("verify_ledger")
    said = capsys.readouterr().out
    assert "8 entries, 16 postings, 9 accounts" in said
    assert LedgerHead.objects.get().hash in said


def test_an_empty_ledger_is_whole(capsys):
    call_command("verify_ledger")
    assert "0 entries" in capsys.readouterr().out


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'release'",
        "reference = 'capture:deposit9'",
        "posted_at = '2026-01-02 03:04:05.678901+00:00'",
        "previous_hash = '0' || substr(previous_hash, 2, 62) || 'x'",
        "hash = substr(hash, 1, 63) || 'x'",
    ],
)
@pytest.mark.parametrize("number", [1, 3, 4, 8])
def test_a_changed_entry_is_named(ledger, capsys, change, number):
    tamper(f"UPDATE payments_ledgerentry SET {change} WHERE number = %s", number)
    said = fault(capsys)
    assert said.startswith(f"entry {number} (")
    assert "was changed" in said


def test_somebody_else_as_the_actor_is_named(ledger, capsys, careteam):
    tamper("UPDATE payments_ledgerentry SET actor_id = %s WHERE number = 5", careteam.pk)
    assert fault(capsys).startswith("entry 5 (capture:deposit5)")


@pytest.mark.parametrize("number", [1, 4, 8])
def test_a_changed_amount_is_named_with_what_it_does_not_balance_by(ledger, capsys, number):
    tamper(
        "UPDATE payments_ledgerposting SET amount_minor = amount_minor + 1 WHERE entry_id = %s AND amount_minor > 0",
        ledger[number].pk,
    )
    said = fault(capsys)
    assert said.startswith(f"entry {number} (")
    assert "{'EUR': 1}" in said


def test_an_amount_changed_on_both_sides_is_named(ledger, capsys):
    tamper("UPDATE payments_ledgerposting SET amount_minor = 2 * amount_minor WHERE entry_id = %s", ledger[6].pk)
    assert fault(capsys).startswith("entry 6 (capture:deposit6)")


def test_a_posting_moved_to_another_deposit_is_named(ledger, capsys):
    other = LedgerAccount.objects.get(kind="trust_patient", holder="deposit7")
    tamper(
        "UPDATE payments_ledgerposting SET account_id = %s WHERE entry_id = %s AND amount_minor < 0",
        other.pk, ledger[2].pk,
    )  # fmt: skip
    assert fault(capsys).startswith("entry 2 (capture:deposit2)")


def test_a_posting_in_another_currency_is_named(ledger, capsys):
    tamper("UPDATE payments_ledgerposting SET currency = 'USD' WHERE entry_id = %s", ledger[2].pk)
    assert fault(capsys).startswith("entry 2 (capture:deposit2)")


def test_an_account_that_was_given_to_somebody_else_is_named_by_its_first_entry(ledger, capsys):
    tamper("UPDATE payments_ledgeraccount SET holder = 'deposit9' WHERE holder = 'deposit3'")
    assert fault(capsys).startswith("entry 3 (capture:deposit3)")


@pytest.mark.parametrize("number", [1, 4, 8])
def test_a_missing_entry_is_named(ledger, capsys, number):
    tamper("DELETE FROM payments_ledgerposting WHERE entry_id = %s", ledger[number].pk)
    tamper("DELETE FROM payments_ledgerentry WHERE number = %s", number)
    assert fault(capsys).startswith(f"entry {number} is missing")


def test_a_missing_posting_is_named_by_its_entry(ledger, capsys):
    tamper("DELETE FROM payments_ledgerposting WHERE entry_id = %s AND amount_minor > 0", ledger[4].pk)
    assert fault(capsys).startswith("entry 4 (capture:deposit4)")


def test_a_changed_balance_is_named(ledger, capsys):
    account = LedgerAccount.objects.get(kind="trust_patient", holder="deposit5")
    with connection.cursor() as cursor:  # a mirror: no trigger stands before it, but it is compared
        cursor.execute("UPDATE payments_ledgeraccount SET balance_minor = 4999 WHERE id = %s", [account.pk])
    assert f"account {account.pk} was changed: 4999, but its postings give 5000" in fault(capsys)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("number = 7", "the head of the chain was changed: it has not the hash of entry 7"),
        ("number = 9", "entry 9 is missing: the chain ended with entry 9"),
        ("hash = 'x'", "the head of the chain was changed: it has not the hash of entry 8"),
    ],
)
def test_a_changed_head_is_named(ledger, capsys, change, named):
    tamper(f"UPDATE payments_ledgerhead SET {change}")
    assert fault(capsys) == named


def test_the_rest_of_the_chain_is_not_believed_when_it_was_cut_and_the_head_set_back(ledger, capsys):
    """Entry 8 is still there, and nothing seals it."""
    tamper("UPDATE payments_ledgerhead SET number = 7, hash = %s", ledger[7].hash)
    assert fault(capsys).startswith("entry 8 (refund:1) stands beside the chain")


@pytest.mark.once
def test_postings_without_their_entry_are_named(ledger, capsys):
    """The end of the chain was cut off; PostgreSQL would not even let its last entry go."""
    orphan = ledger[8].postings.order_by("pk").first()
    tamper("UPDATE payments_ledgerhead SET number = 7, hash = %s", ledger[7].hash)
    tamper("DELETE FROM payments_ledgerentry WHERE number = 8")
    assert fault(capsys) == f"the entry of posting {orphan.pk} is missing"
    tamper("DELETE FROM payments_ledgerposting WHERE entry_id = %s", ledger[8].pk)
    assert "balance of account" in fault(capsys)


@pytest.mark.once
def test_bytes_that_are_no_longer_of_their_type_are_named(ledger, capsys):
    """SQLite keeps any bytes in any column."""
    for number, change in (
        (7, "posted_at = '2026-11-24 21-00'"),
        (6, "posted_at = '2026-91-24 21:00:00'"),
        (5, "reference = CAST(x'ff6361' AS TEXT)"),
        (4, "kind = x'00'"),
    ):
        tamper(f"UPDATE payments_ledgerentry SET {change} WHERE number = %s", number)
        assert fault(capsys).startswith(f"entry {number} ")
    tamper("UPDATE payments_ledgerposting SET amount_minor = '1O00' WHERE entry_id = %s", ledger[3].pk)
    assert fault(capsys).startswith("entry 3 ")


@pytest.mark.parametrize("bit", [8, 16])
@pytest.mark.parametrize("at", [0, -1])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        *(("ledgerentry", column) for column in ("kind", "reference", "posted_at", "previous_hash", "hash")),
        *(("ledgerposting", column) for column in ("amount_minor", "currency")),
    ],
)
@pytest.mark.once
def test_a_flipped_byte_is_found_and_named(ledger, capsys, table, column, at, bit):
    """One bit of one byte of entry 4 as it lies in the file, in each of its columns."""
    row = ledger[4] if table == "ledgerentry" else ledger[4].postings.first()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM payments_{table} WHERE id = %s", [row.pk])
        flipped = bytearray(str(cursor.fetchone()[0]).encode())
    flipped[at] ^= bit
    tamper(f"UPDATE payments_{table} SET {column} = %s WHERE id = %s", flipped.decode(), row.pk)
    assert fault(capsys).startswith("entry 4 ")


def test_the_queries_grow_with_the_batches_and_memory_does_not(ledger, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(verification, "BATCH", 500)
    # head; entries, postings and accounts; beside the chain; orphans; accounts twice
    with django_assert_num_queries(8):
        verification.verify_ledger()
    monkeypatch.setattr(verification, "BATCH", 3)
    with django_assert_num_queries(1 + 3 * 3 + 2 + 4):
        verification.verify_ledger()

"""Processes that post at the same instant; and the same race without the ledger's lock, as the control."""

from collections import Counter

import pytest

ACTORS = 4


@pytest.fixture
def arena(make_arena):
    return make_arena()


def test_four_processes_empty_one_deposit(arena):
    """No more leaves a deposit than it holds, the chain has no gap, and nobody meets a deadlock."""
    arena.do("fill_deposit", deposit="deposit1", minor=1_000)
    outcomes = arena.race(
        *(
            ("refund_each", {"deposit": "deposit1", "references": [f"{who}:{n}" for n in range(5)], "minor": 100})
            for who in range(ACTORS)
        )
    )
    assert Counter(outcome for said in outcomes for outcome in said) == {"won": 10, "Overdrawn": 10}
    facts = arena.do("ledger_facts", deposit="deposit1")
    assert facts["balances"] == {"trust_patient": 0, "refund_pending": 1_000}
    assert facts["posted"] == 0
    assert facts["numbers"] == list(range(1, 12))
    assert facts["verified"] == 11


def test_one_movement_that_four_processes_post_is_posted_once(arena):
    """What a webhook, its double and the page that came back post at once has one effect."""
    arena.do("fill_deposit", deposit="deposit1", minor=1_000)
    references = [f"refund:{number}" for number in range(5)]
    outcomes = arena.race(
        *(("refund_each", {"deposit": "deposit1", "references": references, "minor": 100}) for _ in range(ACTORS))
    )
    assert outcomes == [["won"] * 5] * ACTORS
    facts = arena.do("ledger_facts", deposit="deposit1")
    assert facts["balances"] == {"trust_patient": 500, "refund_pending": 500}
    assert (facts["accounts"], facts["verified"]) == (2, 6)


def test_control_without_lock_and_guards_a_deposit_is_overdrawn(arena):
    """The control: look, then insert, with neither lock nor trigger takes the same money several times."""
    account = arena.do("fill_deposit", deposit="deposit1", minor=100)
    arena.do("drop_the_guards_of_the_ledger")
    outcomes = arena.race(*(control(account, number) for number in range(ACTORS)))
    assert outcomes.count("won") > 1
    assert arena.do("trust_left", account=account) < 0


def test_control_without_lock_the_database_still_refuses(arena):
    """A path that forgets the lock is stopped by the triggers: on PostgreSQL at its commit, by the balance on both."""
    account = arena.do("fill_deposit", deposit="deposit1", minor=100)
    outcomes = arena.race(*(control(account, number) for number in range(ACTORS)))
    assert "IntegrityError" in outcomes, "nobody needed the guards: the race did not happen"
    assert arena.do("trust_left", account=account) >= 0


def control(account, number):
    return "take_without_lock", {"account": account, "number": number + 2, "minor": 100, "pause": 0.2}

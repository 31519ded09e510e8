"""What time brings, each at its own instant."""

import pytest

pytestmark = pytest.mark.slow


def test_money_of_a_card_becomes_available_after_days(bench):
    intent = bench.paid(expand=["latest_charge.balance_transaction"])
    movement = intent.latest_charge.balance_transaction
    assert (movement.status, movement.net, bench.api.balance.retrieve().pending[0].amount) == (
        "pending",
        19_675,
        19_675,
    )
    bench.advance(days=3)
    balance = bench.api.balance.retrieve()
    assert (balance.available[0].amount, balance.pending[0].amount) == (19_675, 0)
    assert bench.api.balance_transactions.retrieve(movement.id).status == "available"


def test_session_ends_at_its_time(bench):
    session = bench.session()
    bench.advance(days=3)
    assert bench.event_types()[-1] == "checkout.session.expired"
    event = bench.api.events.list({"limit": 1}).data[0]
    assert (event.created, event.request.id) == (session.expires_at, None)


def test_authorisation_lapses_after_seven_days(bench):
    intent = bench.paid(capture_method="manual", expand=["latest_charge"])
    assert intent.latest_charge.payment_method_details.card.capture_before - intent.created <= 7 * 86_400 + 1
    bench.advance(days=7)
    gone = bench.api.payment_intents.retrieve(intent.id)
    assert (gone.status, gone.cancellation_reason) == ("canceled", "automatic")
    assert bench.event_types()[-2:] == ["charge.expired", "payment_intent.canceled"]
    bench.refused(bench.api.payment_intents.capture, intent.id, code="payment_intent_unexpected_state")


@pytest.mark.parametrize(
    ("card", "status", "events"),
    [
        ("pm_card_refundFail", "failed", ["refund.updated", "refund.failed"]),
        ("pm_card_pendingRefund", "succeeded", ["refund.updated"]),
    ],
)
def test_refund_that_is_decided_later(bench, card, status, events):
    intent = bench.paid(card)
    refund = bench.api.refunds.create({"payment_intent": intent.id, "amount": 5000})
    assert refund.status == "pending"
    assert bench.api.balance.retrieve().pending[0].amount == 14_675
    bench.advance(days=2)
    assert bench.api.refunds.retrieve(refund.id).status == status
    assert bench.event_types()[-len(events) :] == events
    back = status == "failed"
    assert bench.api.balance.retrieve().pending[0].amount == (19_675 if back else 14_675)
    assert bench.api.charges.retrieve(intent.latest_charge).amount_refunded == (0 if back else 5000)


def test_refund_waits_until_there_is_money(bench):
    intent = bench.paid()
    bench.advance(days=3)
    bench.api.payouts.create({"amount": 19_675, "currency": "eur"})
    refund = bench.api.refunds.create({"payment_intent": intent.id})
    assert (refund.status, refund.balance_transaction) == ("pending", None)
    bench.advance(days=1)
    assert bench.api.refunds.retrieve(refund.id).status == "pending"
    bench.paid("pm_card_bypassPending", amount=30_000)
    bench.advance(days=1)
    assert bench.api.refunds.retrieve(refund.id).status == "succeeded"
    assert bench.api.balance.retrieve().available[0].amount == 30_000 - 475 - 20_000


def test_dispute_takes_money_and_a_fee_at_once_and_gives_it_back(bench):
    intent = bench.paid("pm_card_createDispute")
    dispute = bench.api.disputes.list({"payment_intent": intent.id}).data[0]
    assert bench.event_types()[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    assert bench.api.balance.retrieve().available[0].amount == -22_000
    assert dispute.balance_transactions[0].net == -22_000
    bench.control(f"disputes/{dispute.id}", verdict="won")
    assert bench.event_types()[-2:] == ["charge.dispute.funds_reinstated", "charge.dispute.closed"]
    assert bench.api.balance.retrieve().available[0].amount == -2000


def test_dispute_after_the_money_was_transferred_is_the_platforms_loss(bench):
    account, intent = bench.account(), bench.paid()
    about = {"currency": "eur", "destination": account.id, "source_transaction": intent.latest_charge}
    bench.api.transfers.create({"amount": 15_000, **about})
    bench.control("disputes", charge=intent.latest_charge, reason="product_not_received")
    assert bench.api.balance.retrieve({}, {"stripe_account": account.id}).pending[0].amount == 15_000
    assert bench.api.balance.retrieve().available[0].amount == -22_000


@pytest.mark.parametrize(("succeeds", "status", "left"), [(True, "paid", 14_675), (False, "failed", 19_675)])
def test_payout_ends_at_the_bank(bench, succeeds, status, left):
    bench.paid("pm_card_bypassPending")
    payout = bench.api.payouts.create({"amount": 5000, "currency": "eur"})
    bench.control(f"payouts/{payout.id}", succeeds=succeeds)
    assert bench.api.payouts.retrieve(payout.id).status == status
    assert bench.event_types()[-1] == f"payout.{status}"
    assert bench.api.balance.retrieve().available[0].amount == left


def test_money_is_paid_out_when_it_was_held_for_too_long(bench):
    bench.paid()
    bench.advance(days=60)
    bench.paid("pm_card_bypassPending", amount=10_000)
    bench.advance(days=29)
    assert bench.api.payouts.list().data == []
    bench.advance(days=3)
    (payout,) = bench.api.payouts.list().data
    assert (payout.amount, payout.automatic) == (19_675, True)
    bench.advance(days=2)
    assert bench.event_types()[-2:] == ["payout.paid", "payout.reconciliation_completed"]


def test_bank_debit_is_decided_when_told(bench):
    session = bench.session()
    bench.page(session.url, method="debit", iban="DE89370400440532013000")
    intent = bench.api.payment_intents.list().data[0]
    bench.control(f"debits/{intent.id}", succeeds=False)
    assert bench.event_types()[-1] == "checkout.session.async_payment_failed"
    assert bench.api.charges.list().data[0].status == "failed"


def test_reset_forgets_everything_and_the_clock(bench):
    before = bench.look("clock")["now"]
    bench.paid()
    bench.advance(days=100)
    bench.control("reset")
    assert bench.api.payment_intents.list().data == bench.api.events.list().data == []
    assert bench.look("clock")["now"] - before < 3600

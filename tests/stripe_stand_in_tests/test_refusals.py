"""What the state of things does not allow, with the codes of Stripe."""

import time

import pytest
import stripe

from tests.stripe_stand_in import money
from tests.stripe_stand_in.errors import StripeRefusal


def test_capture_once_and_no_more_than_authorised(bench):
    api, intent = bench.api.payment_intents, bench.paid(capture_method="manual")
    bench.refused(api.capture, intent.id, {"amount_to_capture": 20_001}, code="amount_too_large")
    api.capture(intent.id, {"amount_to_capture": 15_000})
    for act in (api.capture, api.confirm, api.cancel):
        bench.refused(act, intent.id, code="payment_intent_unexpected_state")
    bench.refused(api.update, intent.id, {"amount": 1000}, code="payment_intent_unexpected_state")
    assert api.retrieve(intent.id).amount_received == 15_000


def test_canceled_intent_stays_canceled(bench):
    api, intent = bench.api.payment_intents, bench.paid(capture_method="manual")
    assert api.cancel(intent.id, {"cancellation_reason": "requested_by_customer"}).status == "canceled"
    charge = bench.api.charges.retrieve(intent.latest_charge)
    assert (charge.captured, charge.refunded) == (False, True)
    bench.refused(api.capture, intent.id, code="payment_intent_unexpected_state")
    bench.refused(bench.api.refunds.create, {"payment_intent": intent.id})


def test_no_more_is_refunded_than_was_paid(bench):
    api, intent = bench.api.refunds, bench.paid()
    api.create({"payment_intent": intent.id, "amount": 15_000})
    bench.refused(api.create, {"payment_intent": intent.id, "amount": 5001}, code="amount_too_large")
    api.create({"charge": intent.latest_charge})
    bench.refused(api.create, {"payment_intent": intent.id}, code="charge_already_refunded")
    charge = bench.api.charges.retrieve(intent.latest_charge, {"expand": ["refunds"]})
    assert (charge.refunded, charge.amount_refunded) == (True, 20_000)
    assert [refund.amount for refund in charge.refunds.data] == [5000, 15_000]


def test_refund_names_one_payment(bench):
    intent = bench.paid()
    bench.refused(bench.api.refunds.create, {})
    bench.refused(bench.api.refunds.create, {"payment_intent": intent.id, "charge": intent.latest_charge})
    bench.refused(bench.api.refunds.create, {"charge": "ch_none"}, code="resource_missing")
    bench.refused(bench.api.refunds.create, {"charge": intent.latest_charge, "reverse_transfer": True})


def test_refund_of_a_disputed_charge_waits_for_the_verdict(bench):
    intent = bench.paid("pm_card_createDispute")
    bench.refused(bench.api.refunds.create, {"payment_intent": intent.id}, code="charge_disputed")
    dispute = bench.api.disputes.list({"payment_intent": intent.id}).data[0]
    bench.api.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    assert bench.api.disputes.retrieve(dispute.id).status == "won"
    assert bench.api.refunds.create({"payment_intent": intent.id}).amount == 20_000


def test_dispute_is_answered_once_and_in_time(bench):
    api = bench.api.disputes
    bench.paid("pm_card_createDispute")
    bench.paid("pm_card_createDispute")
    second, first = api.list().data
    assert api.update(first.id, {"evidence": {"uncategorized_text": "We showed the policy."}}).status == "under_review"
    bench.refused(api.update, first.id, {"evidence": {"uncategorized_text": "More"}})
    bench.advance(days=14)
    late = api.retrieve(second.id)
    assert (late.status, late.evidence_details.past_due) == ("lost", True)
    bench.refused(api.close, second.id, code="dispute_already_closed")
    bench.advance(days=60)
    assert api.retrieve(first.id).status == "lost"


def test_fully_refunded_charge_cannot_be_disputed(bench):
    intent = bench.paid()
    bench.api.refunds.create({"payment_intent": intent.id})
    with pytest.raises(AssertionError, match="cannot be disputed"):
        bench.control("disputes", charge=intent.latest_charge)


def test_transfer_needs_money_or_its_charge(bench):
    account, intent = bench.account(), bench.paid()
    about = {"amount": 15_000, "currency": "eur", "destination": account.id}
    bench.refused(bench.api.transfers.create, about, code="balance_insufficient")
    source = {"source_transaction": intent.latest_charge}
    bench.api.transfers.create(about | source)
    refusal = bench.refused(bench.api.transfers.create, about | source)
    assert "may not be more than 20000" in refusal.user_message
    bench.refused(bench.api.transfers.create, {"currency": "usd", "destination": account.id} | source)
    bench.advance(days=3)
    assert bench.api.transfers.create(about | {"amount": 1000}).amount == 1000


def test_transfer_only_to_who_may_be_paid(bench):
    account, intent = bench.account(is_onboarded=False), bench.paid("pm_card_bypassPending")
    about = {"amount": 1000, "currency": "eur", "source_transaction": intent.latest_charge}
    bench.refused(bench.api.transfers.create, about | {"destination": account.id}, code="transfers_not_allowed")
    bench.refused(bench.api.transfers.create, about | {"destination": "acct_none"}, code="resource_missing")
    bench.control(f"accounts/{account.id}", is_onboarded=True)
    assert bench.api.transfers.create(about | {"destination": account.id}).transfer_group.startswith("group_")
    bench.control(f"accounts/{account.id}", is_onboarded=False)
    bench.refused(bench.api.transfers.create, about | {"destination": account.id}, code="transfers_not_allowed")
    bench.refused(bench.api.accounts.delete, account.id, code="account_invalid")


def test_reversal_needs_what_was_transferred_and_is_still_there(bench):
    account, intent = bench.account(), bench.paid("pm_card_bypassPending")
    about = {"amount": 10_000, "currency": "eur", "destination": account.id}
    transfer = bench.api.transfers.create(about | {"source_transaction": intent.latest_charge})
    api = bench.api.transfers.reversals
    bench.refused(api.create, transfer.id, {"amount": 10_001})
    options = {"stripe_account": account.id}
    payout = bench.api.payouts.create({"amount": 8000, "currency": "eur"}, options)
    bench.refused(api.create, transfer.id, {"amount": 3000}, code="balance_insufficient")
    bench.api.payouts.cancel(payout.id, {}, options)
    api.create(transfer.id)
    bench.refused(api.create, transfer.id)
    assert bench.api.transfers.retrieve(transfer.id).reversed


def test_payout_needs_available_money_and_ends_once(bench):
    api = bench.api.payouts
    bench.paid()
    bench.refused(api.create, {"amount": 1000, "currency": "eur"}, code="balance_insufficient")
    bench.advance(days=3)
    payout = api.create({"amount": 1000, "currency": "eur"})
    bench.advance(days=2)
    assert api.retrieve(payout.id).status == "paid"
    bench.refused(api.cancel, payout.id, code="payouts_not_allowed")


def test_sessions_live_between_half_an_hour_and_a_day(bench):
    for seconds in (30 * 60 - 5, 24 * 3600 + 5):
        refusal = bench.refused(bench.session, expires_at=int(time.time()) + seconds)
        assert refusal.param == "expires_at"
    session = bench.session(expires_at=int(time.time()) + 31 * 60)
    bench.advance(seconds=31 * 60)
    assert bench.api.checkout.sessions.retrieve(session.id).status == "expired"
    refusal = bench.refused(bench.api.checkout.sessions.expire, session.id)
    assert "status of `expired`" in refusal.user_message


def test_paid_session_cannot_be_expired(bench):
    session = bench.session()
    bench.pay(session)
    refusal = bench.refused(bench.api.checkout.sessions.expire, session.id)
    assert "status of `complete`" in refusal.user_message


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "subscription"},
        {"ui_mode": "elements"},
        {"line_items": [{"price": "price_1", "quantity": 1}]},
        {"customer": "cus_none"},
        {"payment_intent_data": {"application_fee_amount": 5}},
        {"automatic_tax": {"enabled": True}},
        {"allowed_payment_method_types": ["card"], "excluded_payment_method_types": ["card"]},
    ],
)
def test_sessions_that_the_product_should_not_ask_for(bench, change):
    with pytest.raises(stripe.InvalidRequestError):
        bench.session(**change)


def test_removed_parameter_has_its_own_code(bench):
    bench.refused(bench.session, payment_method_types=["card"], code="payment_method_types_no_longer_supported")


@pytest.mark.parametrize(("amount", "currency"), [(49, "eur"), (29, "gbp"), (49, "jpy"), (490, "tnd")])
def test_less_than_the_smallest_charge(bench, amount, currency):
    bench.refused(bench.session, amount, currency, code="amount_too_small")
    bench.refused(bench.api.payment_intents.create, {"amount": amount, "currency": currency}, code="amount_too_small")


def test_three_decimal_amounts_end_in_zero(bench):
    assert bench.session(5120, "kwd").amount_total == 5120
    refusal = bench.refused(bench.session, 5124, "kwd")
    assert refusal.param == "line_items[0][price_data][unit_amount]"
    intent = bench.paid(amount=5120, currency="kwd")
    bench.refused(bench.api.refunds.create, {"payment_intent": intent.id, "amount": 1001})


@pytest.mark.parametrize("currency", ["EUR", "euro", ""])
def test_currency_is_three_small_letters(currency):
    with pytest.raises(StripeRefusal, match="Invalid currency"):
        money.check_charge(1000, currency)


def test_cards_belong_to_one_customer(bench):
    one, other = bench.api.customers.create(), bench.api.customers.create()
    method = bench.api.payment_methods.attach("pm_card_visa", {"customer": one.id})
    bench.refused(bench.api.payment_methods.attach, method.id, {"customer": other.id})
    about = {"amount": 1000, "currency": "eur", "payment_method": method.id, "confirm": True}
    bench.refused(bench.api.payment_intents.create, about | {"customer": other.id})
    assert bench.paid(method.id, customer=one.id).status == "succeeded"


def test_card_that_nobody_kept_pays_once(bench):
    intent = bench.paid()
    about = {"amount": 1000, "currency": "eur", "payment_method": intent.payment_method, "confirm": True}
    bench.refused(bench.api.payment_intents.create, about)


@pytest.mark.parametrize("key", ["sk_live_1", "pk_test_1", "nonsense"])
def test_only_secret_keys_of_test_mode(bench, key):
    client = stripe.StripeClient(key, base_addresses={"api": bench.url}, max_network_retries=0)
    with pytest.raises(stripe.AuthenticationError):
        client.v1.balance.retrieve()


def test_another_version_is_noticed(bench):
    refusal = bench.refused(bench.api.balance.retrieve, {}, {"stripe_version": "2024-06-20"})
    assert bench.stand_in.contract.version in refusal.user_message


def test_what_the_contract_does_not_know_is_refused(bench):
    bench.refused(bench.api.customers.create, {"emial": "a@example.org"}, code="parameter_unknown")
    bench.refused(bench.api.transfers.create, {"currency": "eur"}, code="parameter_missing")
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        bench.client.raw_request("get", "/v1/subscriptions")

"""Every operation of the contract, driven by the official library."""

import pytest
import stripe

from tests.stripe_stand_in.contract import Contract

pytestmark = pytest.mark.slow


def customers(bench):
    api = bench.api.customers
    customer = api.create({"email": "a@example.org", "metadata": {"patient": "1", "old": "x"}})
    assert api.update(customer.id, {"metadata": {"old": ""}, "name": "A"}).metadata.to_dict() == {"patient": "1"}
    assert api.retrieve(customer.id).name == "A"
    assert [one.id for one in api.list({"email": "a@example.org"}).data] == [customer.id]
    assert api.list({"email": "b@example.org"}).data == []
    method = bench.api.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    assert [one.id for one in api.payment_methods.list(customer.id).data] == [method.id]
    assert api.delete(customer.id).deleted
    assert api.retrieve(customer.id).deleted


def payment_methods(bench):
    api = bench.api.payment_methods
    customer = bench.api.customers.create()
    card = {"number": "4242424242424242", "exp_month": 5, "exp_year": 2033, "cvc": "123"}
    method = api.create({"type": "card", "card": card})
    assert (method.card.last4, method.card.exp_month) == ("4242", 5)
    api.attach(method.id, {"customer": customer.id})
    assert api.update(method.id, {"metadata": {"a": "b"}}).metadata.to_dict() == {"a": "b"}
    assert api.retrieve(method.id).customer == customer.id
    assert len(api.list({"customer": customer.id}).data) == 1
    assert api.detach(method.id).customer is None
    bench.refused(api.attach, method.id, {"customer": customer.id})


def payment_intents(bench):
    api = bench.api.payment_intents
    intent = api.create({"amount": 1000, "currency": "eur", "transfer_group": "g"})
    assert intent.status == "requires_payment_method"
    intent = api.update(intent.id, {"amount": 1500, "payment_method": "pm_card_visa"})
    assert (intent.status, intent.amount) == ("requires_confirmation", 1500)
    assert api.confirm(intent.id).status == "succeeded"
    assert api.retrieve(intent.id).amount_received == 1500
    held = bench.paid(capture_method="manual")
    assert (held.status, held.amount_capturable) == ("requires_capture", 20_000)
    assert api.capture(held.id, {"amount_to_capture": 5000}).amount_received == 5000
    assert api.cancel(api.create({"amount": 1000, "currency": "eur"}).id).status == "canceled"
    assert len(api.list({"limit": 2}).data) == 2


def charges(bench):
    charge = bench.paid().latest_charge
    assert bench.api.charges.retrieve(charge, {"expand": ["refunds", "balance_transaction"]}).refunds.data == []
    assert bench.api.charges.update(charge, {"transfer_group": "late"}).transfer_group == "late"
    assert charge in [one.id for one in bench.api.charges.list().data]


def setup_intents(bench):
    api = bench.api.setup_intents
    customer = bench.api.customers.create()
    setup = api.create({"customer": customer.id})
    api.update(setup.id, {"metadata": {"a": "b"}})
    done = api.confirm(setup.id, {"payment_method": "pm_card_visa"})
    assert (done.status, done.usage) == ("succeeded", "off_session")
    assert api.retrieve(setup.id, {"expand": ["payment_method"]}).payment_method.customer == customer.id
    assert api.cancel(api.create().id).status == "canceled"
    assert len(api.list().data) == 2


def checkout(bench):
    api = bench.api.checkout.sessions
    session = bench.session(metadata={"a": "b"}, expand=["line_items"])
    assert (session.amount_total, session.line_items.data[0].description) == (20_000, "Down payment")
    assert api.retrieve(session.id).status == "open"
    assert api.update(session.id, {"metadata": {"a": "c"}}).metadata.to_dict() == {"a": "c"}
    assert [item.amount_total for item in api.line_items.list(session.id).data] == [20_000]
    assert api.expire(session.id).status == "expired"
    assert [one.id for one in api.list({"status": "expired"}).data] == [session.id]


def refunds(bench):
    api = bench.api.refunds
    intent = bench.paid()
    refund = api.create({"payment_intent": intent.id, "amount": 500, "reason": "requested_by_customer"})
    assert refund.status == "succeeded"
    assert api.update(refund.id, {"metadata": {"a": "b"}}).metadata.to_dict() == {"a": "b"}
    assert api.retrieve(refund.id, {"expand": ["balance_transaction"]}).balance_transaction.net == -500
    assert [one.id for one in api.list({"payment_intent": intent.id}).data] == [refund.id]
    bench.advance(days=4)
    bench.api.payouts.create({"amount": 19_175, "currency": "eur"})
    waiting = api.create({"payment_intent": intent.id, "amount": 700})
    assert waiting.status == "pending"
    assert api.cancel(waiting.id).status == "canceled"
    assert bench.api.charges.retrieve(intent.latest_charge).amount_refunded == 500


def accounts(bench):
    api = bench.api.accounts
    account = bench.account(is_onboarded=False)
    assert api.update(account.id, {"email": "p@example.org"}).email == "p@example.org"
    assert not api.retrieve(account.id).payouts_enabled
    about = {
        "account": account.id,
        "type": "account_onboarding",
        "return_url": "https://m.test/",
        "refresh_url": "https://m.test/again",
    }
    link = bench.api.account_links.create(about)
    assert bench.page(link.url, action="finish").location == "https://m.test/"
    assert api.retrieve(account.id).capabilities.transfers == "active"
    assert len(api.list().data) == 1
    assert api.delete(account.id).deleted


def transfers(bench):
    api = bench.api.transfers
    account, intent = bench.account(), bench.paid()
    transfer = api.create(
        {"amount": 15_000, "currency": "eur", "destination": account.id, "source_transaction": intent.latest_charge}
    )
    assert api.update(transfer.id, {"metadata": {"a": "b"}}).metadata.to_dict() == {"a": "b"}
    reversal = api.reversals.create(transfer.id, {"amount": 5000})
    assert api.reversals.retrieve(transfer.id, reversal.id).amount == 5000
    api.reversals.update(transfer.id, reversal.id, {"metadata": {"a": "b"}})
    assert [one.id for one in api.reversals.list(transfer.id).data] == [reversal.id]
    assert api.retrieve(transfer.id).amount_reversed == 5000
    assert [one.id for one in api.list({"destination": account.id}).data] == [transfer.id]


def disputes(bench):
    api = bench.api.disputes
    bench.paid("pm_card_createDispute")
    dispute = api.list().data[0]
    evidence = {"cancellation_policy_disclosure": "Shown before payment."}
    assert api.update(dispute.id, {"evidence": evidence, "submit": False}).status == "needs_response"
    assert api.retrieve(dispute.id).evidence.cancellation_policy_disclosure == "Shown before payment."
    assert api.close(dispute.id).status == "lost"


def balances(bench):
    bench.paid("pm_card_bypassPending")
    assert bench.api.balance.retrieve().available[0].amount == 20_000 - 325
    movement = bench.api.balance_transactions.list({"type": "charge"}).data[0]
    assert bench.api.balance_transactions.retrieve(movement.id).fee == 325
    api = bench.api.payouts
    payout = api.create({"amount": 5000, "currency": "eur"})
    assert api.update(payout.id, {"metadata": {"a": "b"}}).metadata.to_dict() == {"a": "b"}
    assert api.retrieve(payout.id).status == "pending"
    assert api.cancel(payout.id).status == "canceled"
    assert len(api.list().data) == 1


def events_and_endpoints(bench):
    bench.api.customers.create()
    event = bench.api.events.list({"type": "customer.created"}).data[0]
    assert bench.api.events.retrieve(event.id).data.object["object"] == "customer"
    api = bench.api.webhook_endpoints
    endpoint = api.create({"url": "http://127.0.0.1:9/", "enabled_events": ["refund.failed"]})
    assert endpoint.secret.startswith("whsec_")
    assert api.update(endpoint.id, {"disabled": True}).status == "disabled"
    assert "secret" not in api.retrieve(endpoint.id)
    assert len(api.list().data) == 1
    assert api.delete(endpoint.id).deleted


EVERYTHING = (
    customers, payment_methods, payment_intents, charges, setup_intents, checkout, refunds, accounts, transfers,
    disputes, balances, events_and_endpoints,
)  # fmt: skip


def test_every_operation_works_through_the_official_library(bench):
    called = set()
    contract = Contract.load()
    for drive in EVERYTHING:
        bench.control("reset")
        drive(bench)
        called |= {contract.find(one["method"], one["path"])[0] for one in bench.look("requests")["data"]}
        assert bench.look("problems")["data"] == []
    assert called == set(contract.document["operations"])


def test_lists_come_newest_first_in_pages(bench):
    made = [bench.api.customers.create().id for _ in range(5)]
    first = bench.api.customers.list({"limit": 2})
    assert [one.id for one in first.data] == made[:2:-1]
    assert first.has_more
    assert [one.id for one in bench.api.customers.list({"limit": 2, "starting_after": made[3]}).data] == [
        made[2],
        made[1],
    ]
    assert [one.id for one in bench.api.customers.list({"limit": 2, "ending_before": made[0]}).data] == [
        made[2],
        made[1],
    ]
    assert [one.id for one in bench.api.customers.list({"limit": 2}).auto_paging_iter()] == made[::-1]
    bench.refused(bench.api.customers.list, {"starting_after": "cus_none"}, code="resource_missing")
    bench.refused(bench.api.customers.list, {"limit": 101})


def test_lists_can_be_cut_by_time(bench):
    old = bench.api.customers.create()
    bench.advance(days=1)
    new = bench.api.customers.create()
    assert [one.id for one in bench.api.customers.list({"created": {"gte": new.created}}).data] == [new.id]
    assert [one.id for one in bench.api.customers.list({"created": {"lt": new.created}}).data] == [old.id]


def test_connected_account_has_its_own_balance(bench):
    account, intent = bench.account(), bench.paid("pm_card_bypassPending")
    about = {"currency": "eur", "destination": account.id, "source_transaction": intent.latest_charge}
    bench.api.transfers.create({"amount": 4000, **about})
    options = {"stripe_account": account.id}
    assert bench.api.balance.retrieve({}, options).available[0].amount == 4000
    assert [one.type for one in bench.api.balance_transactions.list({}, options).data] == ["payment"]
    with pytest.raises(stripe.PermissionError, match="acct_none"):
        bench.api.balance.retrieve({}, {"stripe_account": "acct_none"})
    bench.refused(bench.api.charges.retrieve, intent.latest_charge, {}, options, code="resource_missing")


def test_what_cannot_be_expanded_is_refused(bench):
    bench.refused(bench.paid, expand=["nothing"])
    assert bench.api.payment_intents.list().data == []
    bench.refused(bench.api.payment_intents.retrieve, bench.paid().id, {"expand": ["description.more", "status"]})

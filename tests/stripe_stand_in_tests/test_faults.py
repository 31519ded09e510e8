"""Idempotency keys, and what goes wrong between the product and Stripe."""

import threading
import time

import pytest
import stripe

pytestmark = pytest.mark.slow


REFUND = "/v1/refunds"


def create(bench, key: str, **about):
    return bench.api.customers.create(about, {"idempotency_key": key})


def test_same_key_same_answer(bench):
    first, again = create(bench, "k", name="A"), create(bench, "k", name="A")
    assert first.id == again.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.headers["Request-Id"]
    assert again.last_response.headers["Request-Id"] != first.last_response.headers["Request-Id"]
    assert len(bench.api.customers.list().data) == 1
    assert bench.event_types() == ["customer.created"]


def test_answer_of_a_key_is_that_of_then(bench):
    about = {"amount": 500, "currency": "eur"}
    intent = bench.api.payment_intents.create(about, {"idempotency_key": "k"})
    bench.api.payment_intents.cancel(intent.id)
    assert bench.api.payment_intents.create(about, {"idempotency_key": "k"}).status == "requires_payment_method"


def test_same_key_other_parameters(bench):
    create(bench, "k", name="A")
    with pytest.raises(stripe.IdempotencyError):
        create(bench, "k", name="B")
    with pytest.raises(stripe.IdempotencyError):
        bench.api.setup_intents.create({}, {"idempotency_key": "k"})


def test_refusals_are_stored_but_not_what_was_never_begun(bench):
    card = {"amount": 500, "currency": "eur", "payment_method": "pm_card_visa_chargeDeclined", "confirm": True}
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            bench.api.payment_intents.create(card, {"idempotency_key": "declined"})
    assert len(bench.api.payment_intents.list().data) == 1
    with pytest.raises(stripe.InvalidRequestError):
        create(bench, "k", nmae="A")
    assert create(bench, "k", name="A").name == "A"


def test_keys_are_forgotten_after_a_day(bench):
    """A refund repeated under its own key would be paid twice: the product has to look first."""
    intent = bench.paid()
    about = {"payment_intent": intent.id, "amount": 500}
    first = bench.api.refunds.create(about, {"idempotency_key": "k"})
    bench.advance(seconds=24 * 3600 - 60)
    assert bench.api.refunds.create(about, {"idempotency_key": "k"}).id == first.id
    bench.advance(seconds=120)
    assert bench.api.refunds.create(about, {"idempotency_key": "k"}).id != first.id


def test_keys_have_a_length_and_belong_to_an_account(bench):
    with pytest.raises(stripe.InvalidRequestError):
        create(bench, "k" * 256)
    account = bench.account()
    create(bench, "k", name="A")
    other = bench.api.customers.create({"name": "B"}, {"idempotency_key": "k", "stripe_account": account.id})
    assert other.name == "B"


def test_two_at_once_under_one_key(bench):
    bench.control("faults", fail=[{"kind": "hang", "path": "/v1/customers"}])

    def hanging() -> None:
        with pytest.raises(stripe.APIConnectionError):
            create(bench, "k")

    thread = threading.Thread(target=hanging)
    thread.start()
    while bench.stand_in.faults.coming:
        time.sleep(0.01)
    with pytest.raises(stripe.APIError) as caught:
        create(bench, "k")
    assert (caught.value.http_status, caught.value.json_body["error"]["code"]) == (409, "idempotency_key_in_use")
    thread.join()
    assert create(bench, "k").id


def test_500_is_stored_under_its_key(bench):
    bench.control("faults", fail=["500"])
    for _ in range(2):
        with pytest.raises(stripe.APIError) as caught:
            create(bench, "k")
        assert caught.value.http_status == 500
    assert caught.value.headers["Idempotent-Replayed"] == "true"
    assert create(bench, "other").id


@pytest.mark.parametrize(
    ("kind", "error", "status"),
    [("503", stripe.APIError, 503), ("429", stripe.RateLimitError, 429), ("429_retry", stripe.RateLimitError, 429)],
)
def test_come_again_later(bench, kind, error, status):
    bench.control("faults", fail=[kind])
    with pytest.raises(error) as caught:
        create(bench, "k")
    assert caught.value.http_status == status
    assert ("Stripe-Should-Retry" in caught.value.headers) == (kind == "429_retry")
    assert bench.api.customers.list().data == []
    assert create(bench, "k").id


@pytest.mark.parametrize("kind", ["reset", "hang"])
def test_no_answer_and_nothing_done(bench, kind):
    bench.control("faults", fail=[{"kind": kind, "method": "POST"}])
    assert bench.api.customers.list().data == []
    with pytest.raises(stripe.APIConnectionError):
        create(bench, "k")
    assert bench.api.customers.list().data == []


@pytest.mark.parametrize(("kind", "error"), [("lost", stripe.APIConnectionError), ("malformed", stripe.APIError)])
def test_done_but_the_answer_is_lost(bench, kind, error):
    intent = bench.paid()
    bench.control("faults", fail=[{"kind": kind, "path": REFUND}])
    with pytest.raises(error):
        bench.api.refunds.create({"payment_intent": intent.id}, {"idempotency_key": "k"})
    (done,) = bench.api.refunds.list().data
    assert bench.api.refunds.create({"payment_intent": intent.id}, {"idempotency_key": "k"}).id == done.id
    assert len(bench.api.refunds.list().data) == 1


def test_slow(bench):
    bench.control("faults", fail=[{"kind": "slow", "seconds": 0.5}])
    started = time.monotonic()
    bench.api.customers.list()
    assert time.monotonic() - started >= 0.5


def test_library_tries_again_by_itself(bench, monkeypatch):
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.01)
    client = stripe.StripeClient("sk_test_x", base_addresses={"api": bench.url}, max_network_retries=2)
    bench.control("faults", fail=["reset", "lost"])
    assert client.v1.customers.create().id
    assert len(bench.api.customers.list().data) == 1


@pytest.mark.parametrize("fail", [["nonsense"], [{"kind": "500", "when": "now"}], None])
def test_fault_that_does_not_exist(bench, fail):
    with pytest.raises(AssertionError, match="Not a fault"):
        bench.control("faults", **({"fail": fail} if fail else {}))


def test_commands_that_do_not_exist(bench):
    for path, about in (
        ("nothing", {}),
        ("resend/evt_none", {}),
        ("webhooks", {"mode": "x"}),
        ("clock", {"advance": -1}),
    ):
        with pytest.raises(AssertionError):
            bench.control(path, **about)

"""Webhooks: signed, after the answer, again until they are taken, and in every wrong way that was asked for."""

import threading
import time
from collections import Counter

import pytest
import stripe

from tests.stripe_stand_in_tests.conftest import SECRET

PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


def flush(bench) -> int:
    return bench.control("webhooks/flush")["count"]


def test_events_arrive_signed_and_whole(bench, listener):
    intent = bench.api.payment_intents.create(
        {"amount": 500, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True},
        {"idempotency_key": "pay:1"},
    )
    flush(bench)
    events = listener.events()
    assert [event.type for event in events] == PAID
    for event in events:
        assert event.api_version == stripe.api_version
        assert event.request.idempotency_key == "pay:1"
        assert event.pending_webhooks == 1
    assert events[0].data.object["status"] == "requires_payment_method"
    assert events[2].data.object["id"] == intent.id
    assert events[2].data.object["status"] == "succeeded"
    assert bench.api.events.retrieve(events[2].id).pending_webhooks == 0


def test_they_leave_after_the_answer(bench, listener):
    """The endpoint reads the object again while it is told of it, as the product does."""
    seen = []
    listener.on_event = lambda event: seen.append(bench.api.customers.retrieve(event["data"]["object"]["id"]).id)
    customer = bench.api.customers.create()
    flush(bench)
    assert seen == [customer.id]


def test_refused_ones_come_again_later_and_later(bench, listener):
    listener.statuses = [500, 404, 302]
    bench.api.customers.create()
    flush(bench)
    for tries, wait in enumerate((10, 60, 600), start=1):
        bench.advance(seconds=wait - 5)
        flush(bench)
        assert len(listener.heard) == tries
        bench.advance(seconds=6)
        flush(bench)
        assert len(listener.heard) == tries + 1
    assert len(set(listener.ids)) == 1
    assert [one["status"] for one in bench.look("webhooks")["data"]] == [500, 404, 302, 200]


def test_nobody_listens(bench):
    bench.stand_in.delivery.add_endpoint("http://127.0.0.1:9/", ["x"])
    bench.api.customers.create()
    flush(bench)
    assert bench.look("webhooks")["data"][0]["status"] == 0
    bench.advance(days=4)
    for _ in range(12):
        bench.advance(days=1)
        flush(bench)
    assert bench.look("webhooks")["waiting"] == 0


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("normal", PAID),
        ("reversed", PAID[::-1]),
        ("duplicate", [kind for kind in PAID for _ in range(2)]),
        ("drop", []),
    ],
)
def test_ways_of_travelling(bench, listener, mode, expected):
    bench.control("webhooks", mode=mode)
    bench.paid()
    flush(bench)
    assert listener.types == expected
    assert bench.event_types() == PAID


def test_same_fact_under_two_names(bench, listener):
    bench.control("webhooks", mode="twin")
    bench.paid()
    flush(bench)
    assert Counter(listener.types) == dict.fromkeys(PAID, 2)
    assert len(set(listener.ids)) == 6


def test_shuffled_by_a_seed(bench, listener):
    def order(seed: int) -> list[str]:
        listener.heard.clear()
        bench.control("webhooks", mode="hold")
        bench.paid()
        bench.paid()
        bench.control("webhooks", mode="normal", seed=seed)
        bench.control("webhooks/release", order="shuffled")
        flush(bench)
        return listener.types

    assert order(1) == order(1)
    assert sorted(order(2)) == sorted(PAID * 2)
    assert {tuple(order(seed)) for seed in range(5)} != {tuple(PAID * 2)}


def test_held_until_released(bench, listener):
    bench.control("webhooks", mode="hold")
    bench.paid()
    bench.api.customers.create()
    flush(bench)
    assert listener.types == []
    assert bench.control("webhooks/release", order="reversed") == {"count": 4}
    flush(bench)
    assert listener.types == ["customer.created", *PAID[::-1]]


def test_before_the_answer(bench, listener):
    bench.control("webhooks", mode="before_answer")
    bench.paid()
    assert listener.types == PAID


def test_delayed(bench, listener):
    bench.control("webhooks", delay=30)
    bench.api.customers.create()
    flush(bench)
    assert listener.types == []
    bench.advance(seconds=31)
    flush(bench)
    assert listener.types == ["customer.created"]


@pytest.mark.parametrize("mode", ["wrong_signature", "old_timestamp"])
def test_signature_that_must_be_refused(bench, listener, mode):
    bench.control("webhooks", mode=mode)
    bench.api.customers.create()
    flush(bench)
    with pytest.raises(stripe.SignatureVerificationError):
        listener.events()


def test_body_may_be_of_another_version(bench, listener):
    bench.control("webhooks", api_version="2024-06-20")
    bench.api.customers.create()
    flush(bench)
    assert listener.events()[0].api_version == "2024-06-20"


def test_two_secrets_while_they_are_changed(bench, listener):
    bench.stand_in.delivery.secrets["we_0"] = [SECRET, "whsec_new"]
    bench.api.customers.create()
    flush(bench)
    assert listener.events(SECRET)[0].type == listener.events("whsec_new")[0].type == "customer.created"


def test_sent_again_when_asked(bench, listener):
    bench.api.customers.create()
    flush(bench)
    assert bench.control(f"resend/{listener.ids[0]}") == {"sent": 1}
    flush(bench)
    assert listener.ids == [listener.ids[0]] * 2


def test_endpoints_made_by_the_api_hear_what_they_asked_for(bench, listener):
    about = {"url": listener.url, "api_version": stripe.api_version}
    own = bench.api.webhook_endpoints.create(about | {"enabled_events": ["customer.created"]})
    connected = bench.api.webhook_endpoints.create(about | {"enabled_events": ["*"], "connect": True})
    bench.stand_in.delivery.endpoints.clear()
    bench.api.customers.create()
    flush(bench)
    assert [event.type for event in listener.events(own.secret)] == ["customer.created"]
    listener.heard.clear()
    account = bench.account()
    bench.paid()
    flush(bench)
    events = listener.events(connected.secret)
    assert [(event.type, event.account) for event in events] == [("account.updated", account.id)]
    for wrong in ("https://medicaim.example/hook", "http://10.0.0.1/"):
        bench.refused(bench.api.webhook_endpoints.create, {"url": wrong, "enabled_events": ["*"]}, code="url_invalid")


def test_events_of_time_leave_by_themselves(bench, listener):
    """Nobody calls: the clock of the stand-in alone brings the event."""
    heard = threading.Event()
    listener.on_event = lambda event: heard.set() if event["type"] == "checkout.session.expired" else None
    bench.session(expires_at=int(time.time()) + 1801)
    bench.stand_in.world._ahead += 1801
    assert heard.wait(5)

"""A stand-in for each test, the official library that speaks to it, a payer, and somebody who hears the webhooks."""

import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from tests.stripe_stand_in.api import StandIn
from tests.stripe_stand_in.server import Server

SECRET = "whsec_of_the_tests"
SUCCESS = "https://medicaim.example/paid?session={CHECKOUT_SESSION_ID}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_about):
        return None


@dataclass
class Reply:
    status: int
    text: str
    headers: Any

    @property
    def location(self) -> str:
        return self.headers["Location"]


def send(url: str, data: dict | str | None = None, *, method: str | None = None, **headers: str) -> Reply:
    """One request, redirects not followed: a form where `data` is a dictionary."""
    body = urllib.parse.urlencode(data) if isinstance(data, dict) else data
    request = urllib.request.Request(url, data=None if body is None else body.encode(), headers=headers, method=method)
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=20) as answer:
            return Reply(answer.status, answer.read().decode(), answer.headers)
    except urllib.error.HTTPError as answer:
        return Reply(answer.code, answer.read().decode(), answer.headers)


class Bench:
    """The stand-in with everything around it."""

    def __init__(self, server: Server) -> None:
        self.server, self.url = server, server.url
        self.client = stripe.StripeClient(
            "sk_test_of_the_tests", base_addresses={"api": server.url}, max_network_retries=0
        )

    @property
    def api(self):
        return self.client.v1

    @property
    def stand_in(self) -> StandIn:
        return self.server.stand_in

    def control(self, path: str, **data: Any) -> dict:
        answer = send(f"{self.url}/_control/{path}", json.dumps(data), method="POST")
        assert answer.status == 200, answer.text
        return json.loads(answer.text)

    def look(self, path: str) -> dict:
        return json.loads(send(f"{self.url}/_control/{path}").text)

    def advance(self, *, days: float = 0, seconds: int = 0) -> None:
        self.control("clock", advance=int(days * 86400) + seconds)

    # --- the payer --------------------------------------------------------------------------------------

    def page(self, path: str, **values: str) -> Reply:
        """Open a page, or send its form where values are given."""
        return send(urllib.parse.urljoin(self.url, path), values or None)

    def pay(self, session, number: str = "4242 4242 4242 4242", **values: str) -> Reply:
        card = {"method": "card", "number": number, "expiry": "12/34", "cvc": "123", "name": "A Payer"}
        card["email"] = "payer@example.org"
        return self.page(f"/c/pay/{session.id}", **card | values)

    # --- objects in the state that a test needs ---------------------------------------------------------

    def session(self, amount: int = 20_000, currency: str = "eur", **more: Any):
        price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Down payment"}}
        return self.api.checkout.sessions.create(
            {"mode": "payment", "success_url": SUCCESS, "line_items": [{"quantity": 1, "price_data": price}], **more}
        )

    def setup_session(self, **more: Any):
        return self.api.checkout.sessions.create({"mode": "setup", "currency": "eur", "success_url": SUCCESS, **more})

    def paid(self, card: str = "pm_card_visa", amount: int = 20_000, currency: str = "eur", **more: Any):
        """A payment intent that was paid with the card."""
        about = {"amount": amount, "currency": currency, "payment_method": card, "confirm": True}
        return self.api.payment_intents.create(about | more)

    def account(self, *, is_onboarded: bool = True):
        capabilities = {"transfers": {"requested": True}}
        account = self.api.accounts.create({"type": "express", "country": "FR", "capabilities": capabilities})
        if is_onboarded:
            self.control(f"accounts/{account.id}", is_onboarded=True)
        return account

    def event_types(self) -> list[str]:
        """Oldest first."""
        return [event.type for event in self.api.events.list({"limit": 100}).data][::-1]

    def refused(self, act, *arguments, code: str | None = None, **more) -> stripe.StripeError:
        """The error of a call that must be refused with that code."""
        with pytest.raises(stripe.StripeError) as caught:
            act(*arguments, **more)
        assert caught.value.code == code
        return caught.value


@pytest.fixture(autouse=True, scope="session")
def _quiet_library():
    """The library keeps a file about its use in the home folder, and reports how long calls took."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(stripe, "enable_telemetry", False)
        yield


@pytest.fixture
def bench():
    """The stand-in; whatever it says must be what the contract allows."""
    with Server(seed=1, hang_seconds=3) as server:
        bench = Bench(server)
        yield bench
        bench.stand_in.tick()
        assert bench.stand_in.problems == []


# --- webhooks -------------------------------------------------------------------------------------------


@dataclass
class Listener:
    """An endpoint: what it heard, and what it answers next (200 when nothing is said)."""

    url: str = ""
    heard: list[tuple[str, str]] = field(default_factory=list)
    """Body and signature."""
    statuses: list[int] = field(default_factory=list)
    on_event: Any = None

    @property
    def types(self) -> list[str]:
        return [json.loads(body)["type"] for body, _signature in self.heard]

    @property
    def ids(self) -> list[str]:
        return [json.loads(body)["id"] for body, _signature in self.heard]

    def events(self, secret: str = SECRET) -> list[stripe.Event]:
        """What was heard, each signature verified by the library."""
        return [stripe.Webhook.construct_event(body, signature, secret) for body, signature in self.heard]


@pytest.fixture
def listener(bench):
    """Hears every event of the stand-in."""
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if listener.on_event:
                listener.on_event(json.loads(body))
            listener.heard.append((body, self.headers["Stripe-Signature"]))
            self.send_response(listener.statuses.pop(0) if listener.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_about):
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    listener.url = f"http://127.0.0.1:{server.server_address[1]}/"
    bench.stand_in.delivery.add_endpoint(listener.url, [SECRET])
    yield listener
    server.shutdown()
    server.server_close()

"""Webhooks: each event goes to each endpoint that asked for it, signed, after the answer, and again until it is taken.

How they travel can be changed, since on the internet they come twice, late, in another order, or not at all.
"""

import contextlib
import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from stripe import WebhookSignature

from .world import PLATFORM, Object, World

#: Seconds of the stand-in's clock until the next try.
RETRIES = (10, 60, 600, 3600, 6 * 3600, 12 * 3600, 24 * 3600, 24 * 3600)
TIMEOUT = 10
#: Older than what an endpoint may accept (five minutes), with something to spare for clocks that differ.
TOO_OLD = 360
MODES = (
    "normal", "duplicate", "twin", "reversed", "shuffled", "hold", "drop", "before_answer", "wrong_signature",
    "old_timestamp",
)  # fmt: skip


@dataclass
class Parcel:
    """One event on its way to one endpoint."""

    event: Object
    endpoint: Object
    due: int
    tries: int = 0
    is_held: bool = False
    waits_for_answer: bool = False


@dataclass
class Travel:
    """How webhooks travel until further notice."""

    mode: str = "normal"
    delay: int = 0
    api_version: str = ""
    """Of the bodies, where it is not that of the endpoint or of the contract."""
    dice: random.Random = field(default_factory=random.Random)


class Delivery:
    def __init__(self, world: World, tick: Callable[[], None]) -> None:
        self.world, self._tick = world, tick
        self.endpoints: list[Object] = []
        self.secrets: dict[str, list[str]] = {}
        #: What was sent, for tests: event, endpoint, status.
        self.log: list[dict[str, Any]] = []
        self._wake = threading.Condition()
        self._sending = threading.Lock()
        self._is_running = False
        self.clear()
        world.listeners.append(self._listen)

    def clear(self) -> None:
        self.travel = Travel()
        self.queue: list[Parcel] = []
        self.log.clear()
        self._batch: list[Parcel] = []

    # --- from the world -------------------------------------------------------------------------------

    def add_endpoint(self, url: str, secrets: list[str]) -> None:
        """The endpoint of the command line. It hears of everything, and survives a reset."""
        endpoint: Object = {"id": f"we_{len(self.endpoints)}", "url": url, "enabled_events": ["*"], "status": "enabled"}
        self.endpoints.append(endpoint)
        self.secrets[endpoint["id"]] = secrets

    def _listen(self, event: Object) -> None:
        for endpoint in [*self.endpoints, *self.world.tables["webhook_endpoint"].values()]:
            if self._wants(endpoint, event):
                event["pending_webhooks"] += 1
                self._batch.append(Parcel(event, endpoint, self.world.now + self.travel.delay))

    def _wants(self, endpoint: Object, event: Object) -> bool:
        is_of_connected = self.world.owners[event["id"]] != PLATFORM
        hears_connected = self.world.hidden[endpoint["id"]].get("connect")
        return (
            endpoint["status"] == "enabled"
            and hears_connected in {None, is_of_connected}
            and bool({"*", event["type"]} & set(endpoint["enabled_events"]))
        )

    def close_batch(self) -> list[Parcel]:
        """The events of one request are complete: what is to be sent, in the order of the day."""
        batch, self._batch = self._batch, []
        mode = self.travel.mode
        if mode == "drop":
            return []
        if mode == "duplicate":
            batch = [parcel for parcel in batch for _ in range(2)]
            batch = [Parcel(parcel.event, parcel.endpoint, parcel.due) for parcel in batch]
        if mode == "twin":
            batch = [one for parcel in batch for one in (parcel, self._twin(parcel))]
        self._order(batch, mode)
        for parcel in batch:
            parcel.is_held, parcel.waits_for_answer = mode == "hold", True
        if mode != "before_answer":
            self.queue += batch
        return batch

    def _twin(self, parcel: Parcel) -> Parcel:
        """The same fact once more, as another event."""
        fields = {name: value for name, value in parcel.event.items() if name not in {"id", "object"}}
        event = self.world.new("event", owner=self.world.owners[parcel.event["id"]], **fields)
        if "account" not in fields:
            del event["account"]
        return Parcel(event, parcel.endpoint, parcel.due)

    def let_go(self, parcels: list[Parcel]) -> None:
        """The answer is on its way: now the webhooks may leave."""
        if parcels:
            with self.world.lock:
                for parcel in parcels:
                    parcel.waits_for_answer = False
            self.wake()

    def _order(self, parcels: list[Parcel], mode: str) -> None:
        if mode == "reversed":
            parcels.reverse()
        elif mode == "shuffled":
            self.travel.dice.shuffle(parcels)

    # --- what a test may ask for ------------------------------------------------------------------------

    def release(self, order: str) -> int:
        """Let go what was held, in that order: normal, reversed or shuffled."""
        with self.world.lock:
            held = [parcel for parcel in self.queue if parcel.is_held]
            self.queue = [parcel for parcel in self.queue if not parcel.is_held]
            self._order(held, order)
            for parcel in held:
                parcel.is_held, parcel.due = False, self.world.now
            self.queue = held + self.queue
        self.wake()
        return len(held)

    def resend(self, event: Object) -> int:
        """Send an event again to whoever wants it, as the button of Stripe's dashboard does."""
        with self.world.lock:
            endpoints = [*self.endpoints, *self.world.tables["webhook_endpoint"].values()]
            again = [Parcel(event, e, self.world.now) for e in endpoints if self._wants(e, event)]
            self.queue += again
        self.wake()
        return len(again)

    def flush(self) -> int:
        """Send what is due now, and wait for it. Returns how many were sent."""
        deadline = time.monotonic() + TIMEOUT
        while self._awaits_an_answer() and time.monotonic() < deadline:
            time.sleep(0.005)
        return self._send_all()

    def _awaits_an_answer(self) -> bool:
        with self.world.lock:
            return any(parcel.waits_for_answer for parcel in self.queue)

    def _send_all(self) -> int:
        sent = 0
        while self._send_next():
            sent += 1
        return sent

    def _send_next(self) -> bool:
        with self._sending:  # One after the other: a queue in order stays in order.
            parcel = self._next()
            if parcel:
                self._send(parcel)
            return parcel is not None

    def send_now(self, parcels: list[Parcel]) -> None:
        """Before the answer: the product hears of it while it still waits."""
        for parcel in parcels:
            parcel.waits_for_answer = False
            self._send(parcel)

    # --- the thread -------------------------------------------------------------------------------------

    def start(self) -> None:
        self._is_running = True
        threading.Thread(target=self._run, name="webhooks", daemon=True).start()

    def stop(self) -> None:
        self._is_running = False
        self.wake()

    def wake(self) -> None:
        with self._wake:
            self._wake.notify_all()

    def _run(self) -> None:
        while self._is_running:
            self._tick()
            self._send_all()
            with self._wake:
                self._wake.wait(0.5)

    def _next(self) -> Parcel | None:
        with self.world.lock:
            for index, parcel in enumerate(self.queue):
                if parcel.due <= self.world.now and not (parcel.is_held or parcel.waits_for_answer):
                    return self.queue.pop(index)
        return None

    def _send(self, parcel: Parcel) -> None:
        with self.world.lock:
            version = self.travel.api_version or parcel.endpoint.get("api_version") or parcel.event["api_version"]
            payload = json.dumps(parcel.event | {"api_version": version}, separators=(",", ":"))
            request = urllib.request.Request(parcel.endpoint["url"], data=payload.encode(), method="POST")
            request.add_header("Content-Type", "application/json; charset=utf-8")
            request.add_header("Stripe-Signature", self._signature(parcel, payload))
        status = _post(request)
        with self.world.lock:
            self.log.append({"event": parcel.event["id"], "type": parcel.event["type"], "status": status})
            if 200 <= status < 300:
                parcel.event["pending_webhooks"] = max(parcel.event["pending_webhooks"] - 1, 0)
            elif parcel.tries < len(RETRIES):
                parcel.due = self.world.now + RETRIES[parcel.tries]
                parcel.tries += 1
                self.queue.append(parcel)

    def _signature(self, parcel: Parcel, payload: str) -> str:
        """`t=…,v1=…`, with one v1 for each secret while they are changed. The time is that of the machine."""
        endpoint = parcel.endpoint["id"]
        secrets = self.secrets.get(endpoint) or self.world.hidden[endpoint]["secrets"]
        if self.travel.mode == "wrong_signature":
            secrets = [f"{secret}x" for secret in secrets]
        stamp = int(time.time()) - (TOO_OLD if self.travel.mode == "old_timestamp" else 0)
        headers = [WebhookSignature.generate_signature_header(payload, secret, stamp) for secret in secrets]
        return ",".join([headers[0], *(header.split(",", 1)[1] for header in headers[1:])])


def _post(request: urllib.request.Request) -> int:
    """The status of the answer, or 0 where none came."""
    with contextlib.suppress(OSError, ValueError):
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
    return 0

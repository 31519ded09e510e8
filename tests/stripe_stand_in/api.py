"""The API: who may call, whether the call is sound, and what comes of it."""

import base64
import json
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from .contract import Contract, NoSuchOperation
from .delivery import Delivery, Parcel
from .errors import StripeRefusal, invalid
from .faults import Fault, Faults
from .idempotency import Entry, Idempotency
from .operations import OPERATIONS, Call, answer_of, balances
from .world import DAY, PLATFORM, World

GONE = {"payment_method_types": "payment_method_types_no_longer_supported"}
RETRY = {"429": "", "429_retry": "true", "503": ""}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: str = ""
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def form(self) -> str:
        return self.body if self.method == "POST" else self.query


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    parcels: list[Parcel] = field(default_factory=list)
    #: What happens on the wire: "send", "drop" (no answer), "malformed".
    wire: str = "send"


class StandIn:
    """The whole of it, without HTTP."""

    def __init__(self, base_url: str, *, seed: int | None = None, hang_seconds: float = 100) -> None:
        self.contract = Contract.load()
        self.world = World(self.contract, base_url, seed)
        self.delivery = Delivery(self.world, self.tick)
        self.faults, self.idempotency = Faults(), Idempotency()
        self.hang_seconds = hang_seconds
        self.closing = threading.Event()
        #: For tests: each API call, and whatever the contract does not allow the stand-in to say.
        self.requests: list[dict[str, Any]] = []
        self.problems: list[str] = []
        self._told: list[dict[str, Any]] = []
        self.world.listeners.append(self._told.append)
        self._watch_holding()

    def reset(self) -> None:
        with self.world.lock:
            self.world.clear()
            self.delivery.clear()
            self.faults.clear()
            self.idempotency.clear()
            self.requests.clear()
            self.problems.clear()
            self._watch_holding()

    def _watch_holding(self) -> None:
        self.world.at(self.world.now + DAY, lambda: balances.watch_holding(self.world))

    # --- acting -----------------------------------------------------------------------------------------

    @contextmanager
    def acting(self, request_id: str | None = None, key: str | None = None) -> Iterator[list[Parcel]]:
        """Alone with the world. The list holds afterwards the webhooks that follow from what was done."""
        parcels: list[Parcel] = []
        with self.world.lock:
            self.world.advance()
            self.world.request = {"id": request_id, "idempotency_key": key}
            try:
                yield parcels
            finally:
                self.world.request = {"id": None, "idempotency_key": None}
                self.world.advance()
                parcels += self.delivery.close_batch()
                self._check_events()
        if parcels and self.delivery.travel.mode == "before_answer":
            self.delivery.send_now(parcels)
            parcels.clear()

    def tick(self) -> None:
        """What time alone brings."""
        with self.acting() as parcels:
            pass
        self.delivery.let_go(parcels)

    def _check_events(self) -> None:
        for event in self._told:
            about = event["data"]["object"]
            found = self.contract.problems_of_object(about["object"], about)
            self._report(event["type"], [*found, *self.contract.problems_of_object("event", event)])
        self._told.clear()

    def _report(self, where: str, problems: list[Any]) -> None:
        for problem in problems:
            self.problems.append(f"{where}: {problem}")
            sys.stderr.write(f"The stand-in breaks the contract in {where}: {problem}\n")

    # --- a call -----------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Answer:
        request_id = self._new_request_id()
        try:
            answer = self._answer(request, request_id)
        except StripeRefusal as refusal:
            answer = Answer(refusal.status, refusal.body)
        answer.headers = {"Request-Id": request_id, "Stripe-Version": self.contract.version} | answer.headers
        return answer

    def _new_request_id(self) -> str:
        with self.world.lock:
            return self.world.new_id("req")

    def _answer(self, request: Request, request_id: str) -> Answer:
        _check_key(request.headers)
        owner = self._owner(request.headers)
        call = self._read(request, owner)
        self.requests.append({"method": request.method, "path": request.path, "params": call.params, "account": owner})
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        entry = None
        if key:
            path = f"{request.method} {request.path}"
            entry = self.idempotency.begin(owner, key, path, call.params, self.world.now, request_id)
            if not entry.is_running:
                headers = {"Idempotent-Replayed": "true", "Original-Request": entry.request_id, "Idempotency-Key": key}
                return Answer(entry.status, entry.body, headers)
        fault = self.faults.take(request.method, request.path)
        if fault and (failed := self._fail(fault, entry)):
            return failed
        try:
            answer = self._execute(request, call, request_id, key)
            if entry:
                self.idempotency.end(entry, answer.status, answer.body)
                answer.headers["Idempotency-Key"] = str(key)
        finally:
            if entry and entry.is_running:
                self.idempotency.forget(entry)
        if fault:
            answer.wire = {"lost": "drop", "malformed": "malformed"}.get(fault.kind, "send")
            self.closing.wait(fault.seconds if fault.kind == "slow" else 0)
        return answer

    def _owner(self, headers: Mapping[str, str]) -> str:
        version = headers.get("Stripe-Version", self.contract.version)
        if version != self.contract.version:
            raise invalid(f"Stripe-Version {version}: the stand-in speaks {self.contract.version}.")
        owner = headers.get("Stripe-Account", PLATFORM)
        if owner and owner not in self.world.tables["account"]:
            message = f"The provided key does not have access to account '{owner}' (or that account does not exist)."
            raise invalid(message, code="account_invalid", status=403)
        return owner

    def _read(self, request: Request, owner: str) -> Call:
        """The call, where the contract allows it. What it refuses is not stored under any key."""
        try:
            key, ids = self.contract.find(request.method, request.path)
        except NoSuchOperation as error:
            raise invalid(str(error), status=404) from None
        params, problems = self.contract.read_request(request.method, request.path, request.form)
        if problems:
            first = problems[0]
            code = GONE.get(first.param, first.code) if first.code == "parameter_unknown" else first.code
            raise invalid(first.message, code=code, param=first.param or None)
        for wanted in params.get("expand", []):
            if wanted.split(".")[0] not in self.contract.fields_of_answer(key):
                raise invalid(f"This property cannot be expanded ({wanted}).", param="expand")
        return Call(self.world, key, ids, params, owner)

    def _execute(self, request: Request, call: Call, request_id: str, key: str | None) -> Answer:
        parcels: list[Parcel] = []
        try:
            with self.acting(request_id, key) as parcels:
                result = OPERATIONS[call.key](call)
                body = answer_of(self.world, result, call.params.get("expand", []))
        except StripeRefusal as refusal:
            return Answer(refusal.status, json.loads(json.dumps(refusal.body)), parcels=parcels)
        problems = self.contract.problems_of_answer(request.method, request.path, body)
        if problems:
            self._report(call.key, problems)
            error = {"type": "api_error", "message": f"The stand-in breaks the contract: {problems[0]}"}
            return Answer(500, {"error": error}, parcels=parcels)
        return Answer(200, body, parcels=parcels)

    # --- faults -----------------------------------------------------------------------------------------

    def _fail(self, fault: Fault, entry: Entry | None) -> Answer | None:
        """The answer of a fault that comes before anything is done, or nothing."""
        if fault.kind == "500":
            body = {"error": {"type": "api_error", "message": "An unknown error occurred."}}
            if entry:
                self.idempotency.end(entry, 500, body)
            return Answer(500, body, {"Stripe-Should-Retry": "false"} if entry else {})
        if fault.kind in {"lost", "malformed", "slow"}:
            return None
        if fault.kind == "hang":
            self.closing.wait(self.hang_seconds)
        if entry:
            self.idempotency.forget(entry)
        if fault.kind in {"hang", "reset"}:
            return Answer(0, None, wire="drop")
        status = int(fault.kind[:3])
        code = {"code": "rate_limit"} if status == 429 else {}
        error = {"type": "invalid_request_error" if code else "api_error", "message": "Try again later.", **code}
        should_retry = RETRY[fault.kind]
        return Answer(status, {"error": error}, {"Stripe-Should-Retry": should_retry} if should_retry else {})


def _check_key(headers: Mapping[str, str]) -> None:
    """Any key of test mode will do; a live one has no business here."""
    kind, _, value = headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            value = base64.b64decode(value).decode().partition(":")[0]
        except ValueError:
            value = ""
    if not value:
        raise invalid("You did not provide an API key.", status=401)
    if not value.startswith(("sk_test_", "rk_test_")):
        raise invalid(f"Invalid API Key provided: {value[:8]}****", status=401, code="api_key_invalid")

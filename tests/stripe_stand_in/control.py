"""What a test may tell the stand-in: JSON on /_control/..., which Stripe does not have.

    POST /_control/reset                  forget everything
    POST /_control/clock                  {"advance": 86400}
    POST /_control/faults                 {"fail": ["429", {"kind": "lost", "path": "/v1/refunds"}]} (see faults.py)
    POST /_control/webhooks               {"mode": "duplicate", "delay": 0, "seed": 1, "api_version": ""} (delivery.py)
    POST /_control/webhooks/release       {"order": "reversed"}: let go what mode "hold" held
    POST /_control/webhooks/flush         send what is due, and wait for it
    POST /_control/resend/EVENT
    POST /_control/disputes               {"charge": "ch_…", "reason": "fraudulent", "amount": 500}
    POST /_control/disputes/DISPUTE       {"verdict": "won"}
    POST /_control/payouts                {"amount": 500, "currency": "eur", "account": "acct_…"}: an automatic payout
    POST /_control/payouts/PAYOUT         {"succeeds": false}; likewise refunds/REFUND and debits/PAYMENT_INTENT
    POST /_control/accounts/ACCOUNT       {"is_onboarded": true}
    GET  /_control/requests, problems, webhooks, books, clock

Each answers JSON. What a command does belongs to one batch of webhooks, as with a request.
"""

import random
from collections.abc import Callable
from typing import Any

from .api import StandIn
from .delivery import MODES
from .errors import StripeRefusal, invalid
from .faults import Fault
from .operations import accounts, balances, disputes, refunds
from .operations.attempts import end_debit
from .world import PLATFORM, Object

Data = dict[str, Any]
Command = Callable[[StandIn, str, Data], Data]


def _reset(stand_in: StandIn, _id: str, _data: Data) -> Data:
    stand_in.reset()
    return {}


def _clock(stand_in: StandIn, _id: str, data: Data) -> Data:
    seconds = data.get("advance", 0)
    if not isinstance(seconds, int) or seconds < 0:
        raise invalid("The clock goes forward by whole seconds.", param="advance")
    stand_in.world.advance(seconds)
    return {"now": stand_in.world.now}


def _faults(stand_in: StandIn, _id: str, data: Data) -> Data:
    try:
        stand_in.faults.coming += [Fault.read(one) for one in data["fail"]]
    except (KeyError, TypeError, ValueError) as error:
        raise invalid(f"Not a fault: {error}", param="fail") from None
    return {"coming": len(stand_in.faults.coming)}


def _webhooks(stand_in: StandIn, _id: str, data: Data) -> Data:
    travel = stand_in.delivery.travel
    if data.get("mode", travel.mode) not in MODES:
        raise invalid(f"No such mode; there are {', '.join(MODES)}.", param="mode")
    travel.mode, travel.delay = data.get("mode", travel.mode), data.get("delay", 0)
    travel.api_version = data.get("api_version", "")
    if "seed" in data:
        travel.dice = random.Random(data["seed"])
    return {"mode": travel.mode}


def _resend(stand_in: StandIn, id_: str, _data: Data) -> Data:
    event = stand_in.world.tables["event"].get(id_)
    if event is None:
        raise invalid(f"No such event: {id_}", status=404)
    return {"sent": stand_in.delivery.resend(event)}


def _dispute(stand_in: StandIn, _id: str, data: Data) -> Data:
    charge = stand_in.world.get("charge", data.get("charge", ""), param="charge")
    about = {name: data[name] for name in ("reason", "amount") if name in data}
    return disputes.open_dispute(stand_in.world, charge, **about)


def _verdict(stand_in: StandIn, id_: str, data: Data) -> Data:
    dispute = stand_in.world.get("dispute", id_)
    if data.get("verdict") not in {"won", "lost"}:
        raise invalid("A dispute is won or lost.", param="verdict")
    disputes.close(stand_in.world, dispute, data["verdict"])
    return dispute


def _payout(stand_in: StandIn, _id: str, data: Data) -> Data:
    owner, amount, currency = data.get("account", PLATFORM), data.get("amount", 0), data.get("currency", "eur")
    return balances.pay_out(stand_in.world, owner, amount, currency, is_automatic=True)


def _ending(kind: str, end: Callable[..., None]) -> Command:
    """A command that decides what the bank would decide later."""

    def decide(stand_in: StandIn, id_: str, data: Data) -> Data:
        about: Object | None = stand_in.world.tables[kind].get(id_)
        if about is None or "succeeds" not in data:
            raise invalid(f"Say which {kind} succeeds or not.", param="succeeds")
        end(stand_in.world, about, succeeds=data["succeeds"])
        return about

    return decide


def _account(stand_in: StandIn, id_: str, data: Data) -> Data:
    change = accounts.finish_onboarding if data.get("is_onboarded") else accounts.restrict
    account = stand_in.world.get("account", id_)
    change(stand_in.world, account)
    return account


def _books(stand_in: StandIn, _id: str, _data: Data) -> Data:
    """Each account's balances as counted, and the sums of its transactions, which must agree."""
    found: Data = {}
    for owner, own in stand_in.world.books.items():
        sums: dict[str, dict[str, int]] = {"available": {}, "pending": {}}
        for movement in stand_in.world.all("balance_transaction", owner=owner):
            sums[movement["status"]].setdefault(movement["currency"], 0)
            sums[movement["status"]][movement["currency"]] += movement["net"]
        found[owner or "platform"] = {"available": own.available, "pending": own.pending, "sums": sums}
    return found


COMMANDS: dict[str, Command] = {
    "POST reset": _reset,
    "POST clock": _clock,
    "GET clock": _clock,
    "POST faults": _faults,
    "POST webhooks": _webhooks,
    "POST resend/": _resend,
    "POST disputes": _dispute,
    "POST disputes/": _verdict,
    "POST payouts": _payout,
    "POST payouts/": _ending("payout", balances.end_payout),
    "POST refunds/": _ending("refund", refunds.end_refund),
    "POST debits/": _ending("payment_intent", end_debit),
    "POST accounts/": _account,
    "GET requests": lambda stand_in, _id, _data: {"data": stand_in.requests},
    "GET problems": lambda stand_in, _id, _data: {"data": stand_in.problems},
    "GET webhooks": lambda stand_in, _id, _data: {
        "data": stand_in.delivery.log,
        "waiting": len(stand_in.delivery.queue),
    },
    "GET books": _books,
}
#: Those that send webhooks themselves: they do not hold the world while they do.
SENDING: dict[str, Callable[[StandIn, Data], int]] = {
    "POST webhooks/release": lambda stand_in, data: stand_in.delivery.release(data.get("order", "normal")),
    "POST webhooks/flush": lambda stand_in, _data: stand_in.delivery.flush(),
}


def obey(stand_in: StandIn, method: str, path: str, data: Data) -> tuple[int, Data]:
    """Carry out a command: status and answer."""
    name = f"{method} {path}"
    if name in SENDING:
        stand_in.tick()
        return 200, {"count": SENDING[name](stand_in, data)}
    command, id_ = COMMANDS.get(name), ""
    if command is None:
        head, _, id_ = path.partition("/")
        command = COMMANDS.get(f"{method} {head}/") if id_ else None
    if command is None:
        return 404, {"error": {"message": f"There is no command {name}."}}
    try:
        with stand_in.acting() as parcels:
            answer = command(stand_in, id_, data)
    except StripeRefusal as refusal:
        return refusal.status, refusal.body
    stand_in.delivery.let_go(parcels)
    return 200, answer

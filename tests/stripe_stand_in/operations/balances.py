"""Balances, their transactions, and payouts."""

from tests.stripe_stand_in import books, money
from tests.stripe_stand_in.errors import invalid
from tests.stripe_stand_in.events import emit
from tests.stripe_stand_in.world import DAY, PLATFORM, Object, World

from .calls import Call, listed, operation, set_fields, set_metadata

ARRIVAL = 2 * DAY
#: How long money may stay on a balance with manual payouts; then it is paid out whether one likes it or not.
HOLDING_LIMIT = 90 * DAY


@operation("GET /v1/balance")
def get_balance(call: Call) -> Object:
    own = call.world.books[call.owner]
    balance = call.world.contract.blank("balance")
    return balance | {"available": books.written(own.available), "pending": books.written(own.pending)}


@operation("GET /v1/balance_transactions")
def list_movements(call: Call) -> Object:
    movements = call.world.all("balance_transaction", owner=call.owner)
    if payout := call.params.pop("payout", None):
        movements = (one for one in movements if one["source"] == payout)
    return listed(call, movements)


@operation("GET /v1/balance_transactions/{id}")
def get_movement(call: Call) -> Object:
    return call.world.get("balance_transaction", call.ids[0], owner=call.owner)


# --- payouts --------------------------------------------------------------------------------------------


def pay_out(world: World, owner: str, amount: int, currency: str, *, is_automatic: bool = False) -> Object:
    payout = world.new(
        "payout",
        owner=owner,
        amount=amount,
        currency=currency,
        arrival_date=world.now + ARRIVAL,
        automatic=is_automatic,
        destination=world.new_id("ba"),
        method="standard",
        reconciliation_status="in_progress" if is_automatic else "not_applicable",
        source_type="card",
        status="pending",
        metadata={},
    )
    movement = books.post(world, owner=owner, kind="payout", amount=-amount, currency=currency, source=payout["id"])
    payout["balance_transaction"] = movement["id"]
    world.at(payout["arrival_date"], lambda: end_payout(world, payout, succeeds=True))
    emit(world, "payout.created", payout, owner=owner)
    return payout


def end_payout(world: World, payout: Object, *, succeeds: bool) -> None:
    """The money is in the bank, or the bank sent it back."""
    if payout["status"] != "pending":
        return
    owner = world.owners[payout["id"]]
    if succeeds:
        payout["status"] = "paid"
        emit(world, "payout.paid", payout, owner=owner)
        if payout["automatic"]:
            payout["reconciliation_status"] = "completed"
            emit(world, "payout.reconciliation_completed", payout, owner=owner)
        return
    payout |= {"status": "failed", "failure_code": "account_closed", "failure_message": "The bank account is closed."}
    payout["failure_balance_transaction"] = _return(world, payout, "payout_failure")
    emit(world, "payout.failed", payout, owner=owner)


def _return(world: World, payout: Object, kind: str) -> str:
    owner = world.owners[payout["id"]]
    amount, currency = payout["amount"], payout["currency"]
    return str(books.post(world, owner=owner, kind=kind, amount=amount, currency=currency, source=payout["id"])["id"])


def watch_holding(world: World) -> None:
    """Once a day: what has been on the platform's balance for longer than the limit is paid out."""
    recent: dict[str, int] = {}
    for movement in world.all("balance_transaction"):
        if movement["net"] > 0 and movement["created"] > world.now - HOLDING_LIMIT:
            recent[movement["currency"]] = recent.get(movement["currency"], 0) + movement["net"]
    for currency, available in list(world.books[PLATFORM].available.items()):
        too_old = available - recent.get(currency, 0)
        if too_old > 0:
            pay_out(world, PLATFORM, too_old, currency, is_automatic=True)
    world.at(world.now + DAY, lambda: watch_holding(world))


@operation("POST /v1/payouts")
def create_payout(call: Call) -> Object:
    amount, currency = call.params["amount"], call.params["currency"]
    money.check_amount(amount, currency)
    books.require_available(call.world, call.owner, amount, currency)
    payout = pay_out(call.world, call.owner, amount, currency)
    set_fields(payout, call.params, "description", "statement_descriptor")
    set_metadata(payout, call.params)
    return payout


@operation("GET /v1/payouts")
def list_payouts(call: Call) -> Object:
    return listed(call, call.world.all("payout", owner=call.owner))


@operation("GET /v1/payouts/{payout}")
def get_payout(call: Call) -> Object:
    return call.world.get("payout", call.ids[0], owner=call.owner)


@operation("POST /v1/payouts/{payout}")
def update_payout(call: Call) -> Object:
    payout = call.world.get("payout", call.ids[0], owner=call.owner)
    set_metadata(payout, call.params)
    emit(call.world, "payout.updated", payout, owner=call.owner)
    return payout


@operation("POST /v1/payouts/{payout}/cancel")
def cancel_payout(call: Call) -> Object:
    payout = call.world.get("payout", call.ids[0], owner=call.owner)
    if payout["status"] != "pending" or payout["automatic"]:
        raise invalid("Only pending payouts that were not automatic can be canceled.", code="payouts_not_allowed")
    payout["status"] = "canceled"
    _return(call.world, payout, "payout_cancel")
    emit(call.world, "payout.canceled", payout, owner=call.owner)
    return payout

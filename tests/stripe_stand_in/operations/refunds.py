"""Refunds: money of the platform goes back to the payer, whatever was transferred since."""

from tests.stripe_stand_in import books, money
from tests.stripe_stand_in.errors import invalid
from tests.stripe_stand_in.events import emit
from tests.stripe_stand_in.world import DAY, Object, World

from .calls import Call, listed, only, operation, set_metadata

#: How long a card takes that refuses a refund, or that takes it late.
LATER = 2 * DAY


@operation("POST /v1/refunds")
def create_refund(call: Call) -> Object:
    world, params = call.world, call.params
    only(params, {"amount", "charge", "payment_intent", "reason"})
    charge = _charge_of(call)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    _check(charge, amount, left)
    if any(one["charge"] == charge["id"] and one["status"] != "won" for one in world.all("dispute", owner=call.owner)):
        raise invalid(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    refund = world.new(
        "refund",
        owner=call.owner,
        amount=amount,
        currency=charge["currency"],
        charge=charge["id"],
        payment_intent=charge["payment_intent"],
        reason=params.get("reason"),
        status="pending",
        metadata={},
    )
    set_metadata(refund, params)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    _proceed(world, refund, charge)
    emit(world, "refund.created", refund, owner=call.owner)
    emit(world, "charge.refunded", charge, owner=call.owner)
    return refund


def _charge_of(call: Call) -> Object:
    world, params = call.world, call.params
    if ("charge" in params) == ("payment_intent" in params):
        raise invalid("One of the following params should be provided for this request: payment_intent or charge.")
    if "charge" in params:
        return world.get("charge", params["charge"], owner=call.owner, param="charge")
    intent = world.get("payment_intent", params["payment_intent"], owner=call.owner, param="payment_intent")
    if intent["status"] != "succeeded":
        raise invalid("This PaymentIntent does not have a successful charge to refund.", param="payment_intent")
    return world.get("charge", intent["latest_charge"], owner=call.owner)


def _check(charge: Object, amount: int, left: int) -> None:
    if charge["refunded"]:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if not charge["captured"]:
        raise invalid(f"Charge {charge['id']} was not captured: cancel its payment intent.", param="charge")
    money.check_amount(amount, charge["currency"])
    if amount > left:
        raise invalid(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).",
            code="amount_too_large",
            param="amount",
        )


def _proceed(world: World, refund: Object, charge: Object) -> None:
    """Send the money, or wait until there is some: of the charge itself while it is pending, then what is available."""
    paid_in = world.get("balance_transaction", charge["balance_transaction"], owner=world.owners[charge["id"]])
    due = books.settles_on(world, paid_in)
    owner = world.owners[refund["id"]]
    if due is None and world.books[owner].available[refund["currency"]] < refund["amount"]:
        world.at(world.now + DAY, lambda: _try_again(world, refund, charge))
        return
    movement = books.post(
        world,
        owner=owner,
        kind="refund" if paid_in["type"] == "charge" else "payment_refund",
        amount=-refund["amount"],
        currency=refund["currency"],
        source=refund["id"],
        available_on=due,
    )
    refund["balance_transaction"] = movement["id"]
    card = world.hidden[charge["id"]]["card"]
    if card is None or card.refund == "succeeds":
        refund["status"] = "succeeded"
    else:
        fails = card.refund == "fails_later"
        world.at(world.now + LATER, lambda: end_refund(world, refund, succeeds=not fails))


def _try_again(world: World, refund: Object, charge: Object) -> None:
    if refund["status"] == "pending" and refund["balance_transaction"] is None:
        _proceed(world, refund, charge)
        if refund["status"] == "succeeded":
            emit(world, "refund.updated", refund, owner=world.owners[refund["id"]])


def end_refund(world: World, refund: Object, *, succeeds: bool) -> None:
    """The bank of the payer took the money, or sent it back."""
    if refund["status"] != "pending":
        return
    owner = world.owners[refund["id"]]
    if succeeds:
        refund["status"] = "succeeded"
        emit(world, "refund.updated", refund, owner=owner)
        return
    refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
    _take_back(world, refund)
    emit(world, "refund.updated", refund, owner=owner)
    emit(world, "refund.failed", refund, owner=owner)


def _take_back(world: World, refund: Object) -> None:
    """The platform has the money again, and may refund the charge again."""
    owner = world.owners[refund["id"]]
    charge = world.get("charge", refund["charge"], owner=owner)
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    if refund["balance_transaction"]:
        sent = world.get("balance_transaction", refund["balance_transaction"], owner=owner)
        movement = books.post(
            world,
            owner=owner,
            kind="refund_failure",
            amount=refund["amount"],
            currency=refund["currency"],
            source=refund["id"],
            available_on=books.settles_on(world, sent),
        )
        refund["failure_balance_transaction"] = movement["id"]


@operation("GET /v1/refunds")
def list_refunds(call: Call) -> Object:
    return listed(call, call.world.all("refund", owner=call.owner))


@operation("GET /v1/refunds/{refund}")
def get_refund(call: Call) -> Object:
    return call.world.get("refund", call.ids[0], owner=call.owner)


@operation("POST /v1/refunds/{refund}")
def update_refund(call: Call) -> Object:
    refund = call.world.get("refund", call.ids[0], owner=call.owner)
    set_metadata(refund, call.params)
    emit(call.world, "refund.updated", refund, owner=call.owner)
    return refund


@operation("POST /v1/refunds/{refund}/cancel")
def cancel_refund(call: Call) -> Object:
    refund = call.world.get("refund", call.ids[0], owner=call.owner)
    if refund["status"] != "pending" or refund["balance_transaction"]:
        raise invalid("This refund can no longer be canceled.")
    refund["status"] = "canceled"
    _take_back(call.world, refund)
    emit(call.world, "refund.updated", refund, owner=call.owner)
    return refund

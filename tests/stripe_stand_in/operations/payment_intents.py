"""Payment intents, and the charges that they make (read only)."""

from typing import Any

from tests.stripe_stand_in import money
from tests.stripe_stand_in.errors import invalid
from tests.stripe_stand_in.events import emit
from tests.stripe_stand_in.world import Object, World

from .attempts import cancel, pay, take, unexpected
from .calls import ON_DEMAND, Call, listed, only, operation, set_fields, set_metadata
from .customers import find_method

FIELDS = (
    "description", "receipt_email", "setup_future_usage", "statement_descriptor", "statement_descriptor_suffix",
    "transfer_group", "on_behalf_of", "allowed_payment_method_types", "excluded_payment_method_types",
)  # fmt: skip
KNOWN = {
    *FIELDS, "amount", "capture_method", "confirm", "confirmation_method", "currency", "customer",
    "error_on_requires_action", "off_session", "payment_method", "payment_method_data", "return_url",
}  # fmt: skip
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def kinds_of(params: dict[str, Any], currency: str) -> list[str]:
    """The kinds of payment methods on offer: those that fit, are allowed and not excluded. Debits are in euro."""
    fitting = ["card", "sepa_debit"] if currency == "eur" else ["card"]
    allowed = params.get("allowed_payment_method_types") or fitting
    excluded = params.get("excluded_payment_method_types") or []
    kinds = [kind for kind in fitting if kind in allowed and kind not in excluded]
    if not kinds:
        raise invalid("No payment method type is left.", param="allowed_payment_method_types")
    return kinds


def new_intent(world: World, params: dict[str, Any], *, owner: str = "") -> Object:
    amount, currency = params["amount"], params["currency"]
    money.check_charge(amount, currency)
    if customer := params.get("customer"):
        world.get("customer", customer, owner=owner, param="customer")
    intent = world.new(
        "payment_intent",
        owner=owner,
        amount=amount,
        currency=currency,
        customer=customer,
        status="requires_payment_method",
        capture_method=params.get("capture_method", "automatic_async"),
        confirmation_method=params.get("confirmation_method", "automatic"),
        payment_method_types=kinds_of(params, currency),
        metadata={},
    )
    intent["client_secret"] = f"{intent['id']}_secret_{world.new_id('s')[2:]}"
    set_fields(intent, params, *FIELDS)
    set_metadata(intent, params)
    emit(world, "payment_intent.created", intent, owner=owner)
    return intent


def _choose(call: Call, intent: Object) -> None:
    if name := call.params.get("payment_method"):
        method = find_method(call.world, name, owner=call.owner)
        if method["type"] not in intent["payment_method_types"]:
            raise invalid("This kind of payment method is not allowed here.", param="payment_method")
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    elif "payment_method_data" in call.params:
        raise invalid("Create the payment method first: the stand-in takes its id.", param="payment_method_data")


def _confirm(call: Call, intent: Object) -> None:
    if intent["status"] not in OPEN:
        raise unexpected(intent, "confirmed")
    if not intent["payment_method"]:
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    hidden = call.world.hidden[intent["id"]]
    hidden["return_url"] = call.params.get("return_url", hidden.get("return_url"))
    hidden["error_on_requires_action"] = call.params.get("error_on_requires_action", False)
    method = call.world.get("payment_method", intent["payment_method"], owner=call.owner)
    pay(call.world, intent, method, off_session=call.params.get("off_session") not in {None, False})


@operation("POST /v1/payment_intents")
def create_intent(call: Call) -> Object:
    only(call.params, KNOWN)
    if call.params.get("off_session") and not call.params.get("confirm"):
        raise invalid("off_session can only be used together with confirm=true.", param="off_session")
    intent = new_intent(call.world, call.params, owner=call.owner)
    _choose(call, intent)
    if call.params.get("confirm"):
        _confirm(call, intent)
    return intent


@operation("GET /v1/payment_intents")
def list_intents(call: Call) -> Object:
    return listed(call, call.world.all("payment_intent", owner=call.owner))


@operation("GET /v1/payment_intents/{intent}")
def get_intent(call: Call) -> Object:
    return call.world.get("payment_intent", call.ids[0], owner=call.owner)


@operation("POST /v1/payment_intents/{intent}")
def update_intent(call: Call) -> Object:
    intent = call.world.get("payment_intent", call.ids[0], owner=call.owner)
    only(call.params, KNOWN)
    changes = set(call.params) - {"metadata", "description", "transfer_group", "expand"}
    if changes and intent["status"] not in OPEN:
        raise unexpected(intent, "updated")
    wanted = {**intent, **call.params}
    money.check_charge(wanted["amount"], wanted["currency"])
    intent |= {"amount": wanted["amount"], "currency": wanted["currency"]}
    set_fields(intent, call.params, "customer", *FIELDS)
    set_metadata(intent, call.params)
    _choose(call, intent)
    return intent


@operation("POST /v1/payment_intents/{intent}/confirm")
def confirm_intent(call: Call) -> Object:
    only(
        call.params, {"error_on_requires_action", "off_session", "payment_method", "payment_method_data", "return_url"}
    )
    intent = call.world.get("payment_intent", call.ids[0], owner=call.owner)
    if intent["status"] not in OPEN:
        raise unexpected(intent, "confirmed")
    _choose(call, intent)
    _confirm(call, intent)
    return intent


@operation("POST /v1/payment_intents/{intent}/capture")
def capture_intent(call: Call) -> Object:
    world = call.world
    only(call.params, {"amount_to_capture"})
    intent = world.get("payment_intent", call.ids[0], owner=call.owner)
    if intent["status"] != "requires_capture":
        raise unexpected(intent, "captured")
    amount = {"amount_to_capture": intent["amount_capturable"], **call.params}["amount_to_capture"]
    money.check_amount(amount, intent["currency"], "amount_to_capture")
    if amount > intent["amount_capturable"]:
        raise invalid(
            "The amount to capture is more than what was authorised.",
            code="amount_too_large",
            param="amount_to_capture",
        )
    charge = world.get("charge", intent["latest_charge"], owner=call.owner)
    take(world, intent, charge, amount)
    emit(world, "charge.captured", charge, owner=call.owner)
    emit(world, "payment_intent.succeeded", intent, owner=call.owner)
    return intent


@operation("POST /v1/payment_intents/{intent}/cancel")
def cancel_intent(call: Call) -> Object:
    intent = call.world.get("payment_intent", call.ids[0], owner=call.owner)
    if intent["status"] not in (*OPEN, "requires_capture"):
        raise unexpected(intent, "canceled")
    cancel(call.world, intent, call.params.get("cancellation_reason"))
    return intent


# --- charges ------------------------------------------------------------------------------------------


def refunds_of(world: World, charge: Object) -> Object:
    refunds = [one for one in world.tables["refund"].values() if one["charge"] == charge["id"]]
    url = f"/v1/charges/{charge['id']}/refunds"
    return {"object": "list", "data": refunds[:-11:-1], "has_more": len(refunds) > 10, "url": url}


ON_DEMAND["charge", "refunds"] = refunds_of


@operation("GET /v1/charges")
def list_charges(call: Call) -> Object:
    return listed(call, call.world.all("charge", owner=call.owner))


@operation("GET /v1/charges/{charge}")
def get_charge(call: Call) -> Object:
    return call.world.get("charge", call.ids[0], owner=call.owner)


@operation("POST /v1/charges/{charge}")
def update_charge(call: Call) -> Object:
    charge = call.world.get("charge", call.ids[0], owner=call.owner)
    set_fields(charge, call.params, "description", "receipt_email", "customer")
    if "transfer_group" in call.params:
        if charge["transfer_group"]:
            raise invalid("The transfer_group of this charge is set already.", param="transfer_group")
        charge["transfer_group"] = call.params["transfer_group"]
    set_metadata(charge, call.params)
    emit(call.world, "charge.updated", charge, owner=call.owner)
    return charge

"""Setup intents: a card is kept, with its owner's agreement, and charged later."""

import copy
from typing import Any

from tests.stripe_stand_in.errors import declined, invalid
from tests.stripe_stand_in.events import emit
from tests.stripe_stand_in.world import Object, World

from .attempts import challenge_of, tell, unexpected
from .calls import Call, listed, only, operation, set_fields, set_metadata
from .customers import attach, card_of, find_method
from .payment_intents import OPEN, kinds_of

KNOWN = {
    "allowed_payment_method_types", "confirm", "customer", "description", "excluded_payment_method_types",
    "on_behalf_of", "payment_method", "payment_method_data", "return_url", "usage",
}  # fmt: skip


def new_setup(world: World, params: dict[str, Any], *, owner: str = "") -> Object:
    if customer := params.get("customer"):
        world.get("customer", customer, owner=owner, param="customer")
    setup = world.new(
        "setup_intent",
        owner=owner,
        customer=customer,
        status="requires_payment_method",
        usage=params.get("usage", "off_session"),
        payment_method_types=kinds_of(params, "eur"),
        metadata={},
    )
    setup["client_secret"] = f"{setup['id']}_secret_{world.new_id('s')[2:]}"
    set_fields(setup, params, "description", "on_behalf_of", "allowed_payment_method_types")
    set_metadata(setup, params)
    emit(world, "setup_intent.created", setup, owner=owner)
    return setup


def keep_card(world: World, setup: Object, method: Object) -> None:
    """One attempt to keep the card. Raises what a declined card raises."""
    setup |= {"payment_method": method["id"], "last_setup_error": None, "next_action": None}
    card = card_of(world, method)
    if card and card.decline and card.declines_when == "always":
        _refuse(world, setup, method, *card.decline)
    elif card and card.authentication != "never":
        setup |= {"status": "requires_action", "next_action": challenge_of(world, setup)}
        emit(world, "setup_intent.requires_action", setup, owner=world.owners[setup["id"]])
    else:
        _succeed(world, setup, method)


def authenticate_setup(world: World, setup: Object, *, is_passed: bool) -> None:
    if setup["status"] != "requires_action":
        raise unexpected(setup, "authenticated")
    method = world.get("payment_method", setup["payment_method"], owner=world.owners[setup["id"]])
    setup["next_action"] = None
    if is_passed:
        _succeed(world, setup, method)
    else:
        message = "We are unable to authenticate your payment method. Please choose a different payment method."
        _refuse(world, setup, method, "setup_intent_authentication_failure", None, message)


def _succeed(world: World, setup: Object, method: Object) -> None:
    owner = world.owners[setup["id"]]
    if setup["customer"]:
        attach(world, method["id"], world.get("customer", setup["customer"], owner=owner), owner=owner)
    world.hidden[method["id"]]["is_set_up"] = setup["usage"] == "off_session"
    setup |= {"status": "succeeded", "mandate": world.new_id("mandate")}
    emit(world, "setup_intent.succeeded", setup, owner=owner)
    tell(world, setup)


def _refuse(world: World, setup: Object, method: Object, code: str, reason: str | None, message: str) -> None:
    error = world.contract.blank("setup_intent", "last_setup_error")
    error |= {"type": "card_error", "code": code, "decline_code": reason, "message": message}
    error |= {"payment_method": copy.deepcopy(method), "payment_method_type": method["type"]}
    setup |= {"status": "requires_payment_method", "payment_method": None, "last_setup_error": error}
    emit(world, "setup_intent.setup_failed", setup, owner=world.owners[setup["id"]])
    raise declined(message, code, reason, setup_intent=copy.deepcopy(setup), payment_method=method)


def _choose(call: Call, setup: Object) -> None:
    if name := call.params.get("payment_method"):
        method = find_method(call.world, name, owner=call.owner)
        setup |= {"payment_method": method["id"], "status": "requires_confirmation"}
    elif "payment_method_data" in call.params:
        raise invalid("Create the payment method first: the stand-in takes its id.", param="payment_method_data")


def _confirm(call: Call, setup: Object) -> None:
    if not setup["payment_method"]:
        raise invalid("You cannot confirm this SetupIntent: it has no payment method.")
    call.world.hidden[setup["id"]]["return_url"] = call.params.get("return_url")
    keep_card(call.world, setup, call.world.get("payment_method", setup["payment_method"], owner=call.owner))


@operation("POST /v1/setup_intents")
def create_setup(call: Call) -> Object:
    only(call.params, KNOWN)
    setup = new_setup(call.world, call.params, owner=call.owner)
    _choose(call, setup)
    if call.params.get("confirm"):
        _confirm(call, setup)
    return setup


@operation("GET /v1/setup_intents")
def list_setups(call: Call) -> Object:
    return listed(call, call.world.all("setup_intent", owner=call.owner))


@operation("GET /v1/setup_intents/{intent}")
def get_setup(call: Call) -> Object:
    return call.world.get("setup_intent", call.ids[0], owner=call.owner)


@operation("POST /v1/setup_intents/{intent}")
def update_setup(call: Call) -> Object:
    setup = call.world.get("setup_intent", call.ids[0], owner=call.owner)
    if set(call.params) - {"metadata", "description", "expand"} and setup["status"] not in OPEN:
        raise unexpected(setup, "updated")
    set_fields(setup, call.params, "customer", "description")
    set_metadata(setup, call.params)
    _choose(call, setup)
    return setup


@operation("POST /v1/setup_intents/{intent}/confirm")
def confirm_setup(call: Call) -> Object:
    setup = call.world.get("setup_intent", call.ids[0], owner=call.owner)
    if setup["status"] not in OPEN:
        raise unexpected(setup, "confirmed")
    _choose(call, setup)
    _confirm(call, setup)
    return setup


@operation("POST /v1/setup_intents/{intent}/cancel")
def cancel_setup(call: Call) -> Object:
    setup = call.world.get("setup_intent", call.ids[0], owner=call.owner)
    if setup["status"] not in OPEN:
        raise unexpected(setup, "canceled")
    setup |= {"status": "canceled", "next_action": None, "cancellation_reason": call.params.get("cancellation_reason")}
    emit(call.world, "setup_intent.canceled", setup, owner=call.owner)
    return setup

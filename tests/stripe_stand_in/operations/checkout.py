"""Checkout sessions: what is paid, until when, and what the page found out."""

from typing import Any

from tests.stripe_stand_in import money
from tests.stripe_stand_in.errors import invalid, missing
from tests.stripe_stand_in.events import emit
from tests.stripe_stand_in.world import Object, World

from .attempts import cancel, pay
from .calls import ON_DEMAND, Call, listed, only, operation, set_fields, set_metadata
from .payment_intents import FIELDS as INTENT_FIELDS
from .payment_intents import kinds_of, new_intent
from .setup_intents import keep_card, new_setup

SHORTEST, LONGEST = 30 * 60, 24 * 3600
FIELDS = (
    "allowed_payment_method_types", "cancel_url", "client_reference_id", "customer", "customer_email", "locale",
    "submit_type", "success_url", "consent_collection",
)  # fmt: skip
KNOWN = {
    *FIELDS, "adaptive_pricing", "currency", "custom_text", "excluded_payment_method_types", "expires_at", "line_items",
    "mode", "payment_intent_data", "setup_intent_data", "ui_mode",
}  # fmt: skip


@operation("POST /v1/checkout/sessions")
def create_session(call: Call) -> Object:
    world, params = call.world, call.params
    mode = params.get("mode")
    _check_params(world, params, call.owner)
    items = [_new_item(world, line, index, call.owner) for index, line in enumerate(params.get("line_items", []))]
    currency = _currency_of(items, params)
    total = sum(item["amount_total"] for item in items)
    if mode == "payment":
        money.check_charge(total, currency, "line_items")
    session = world.new(
        "checkout.session",
        owner=call.owner,
        mode=mode,
        status="open",
        ui_mode="hosted_page",
        currency=currency or None,
        amount_subtotal=total if items else None,
        amount_total=total if items else None,
        expires_at=params.get("expires_at", world.now + LONGEST),
        payment_status="unpaid" if mode == "payment" else "no_payment_required",
        payment_method_types=kinds_of(params, currency) if mode == "payment" else ["card"],
        adaptive_pricing={"enabled": params.get("adaptive_pricing", {}).get("enabled", True)},
        metadata={},
    )
    session["url"] = f"{world.base_url}/c/pay/{session['id']}"
    if items:
        session["total_details"] = world.contract.blank("checkout.session", "total_details") | {"amount_shipping": 0}
    session["custom_text"] |= params.get("custom_text", {})
    set_fields(session, params, *FIELDS)
    set_metadata(session, params)
    hidden = world.hidden[session["id"]]
    hidden |= {"items": items, "intent": params.get("payment_intent_data", {})}
    if mode == "setup":
        about = params.get("setup_intent_data", {}) | {"customer": params.get("customer")}
        session["setup_intent"] = _listen(world, session, new_setup(world, about, owner=call.owner))
    world.at(session["expires_at"], lambda: _run_out(world, session))
    return session


def _check_params(world: World, params: dict[str, Any], owner: str) -> None:
    only(params, KNOWN)
    only(params.get("payment_intent_data", {}), {*INTENT_FIELDS, "capture_method"}, "payment_intent_data")
    only(params.get("setup_intent_data", {}), {"description", "on_behalf_of"}, "setup_intent_data")
    mode = params.get("mode")
    if mode not in {"payment", "setup"}:
        raise invalid("The stand-in knows the modes payment and setup.", param="mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise invalid("The stand-in has the hosted page only.", param="ui_mode")
    wanted = {"success_url"} | ({"line_items"} if mode == "payment" else set())
    for name in sorted(wanted - set(params)):
        raise invalid(f"Missing required param: {name}.", code="parameter_missing", param=name)
    if mode == "setup" and ("line_items" in params or "payment_intent_data" in params):
        raise invalid("A session in setup mode takes no payment.", param="mode")
    if "customer" in params:
        world.get("customer", params["customer"], owner=owner, param="customer")
        if "customer_email" in params:
            raise invalid("You may only specify one of these parameters: customer, customer_email.")
    window = params.get("expires_at", world.now + LONGEST) - world.now
    if not SHORTEST <= window <= LONGEST:
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
            param="expires_at",
        )


def _new_item(world: World, line: dict[str, Any], index: int, owner: str) -> Object:
    price, place = line.get("price_data"), f"line_items[{index}]"
    if not price:
        raise missing("price", str(line.get("price", "")), f"{place}[price]")
    amount, quantity = price.get("unit_amount"), line.get("quantity", 1)
    if amount is None:
        raise invalid("Missing required param.", code="parameter_missing", param=f"{place}[price_data][unit_amount]")
    money.check_amount(amount, price["currency"], f"{place}[price_data][unit_amount]")
    product = price.get("product_data", {})
    if not product.get("name"):
        raise invalid(
            "You passed an empty string.", code="parameter_missing", param=f"{place}[price_data][product_data]"
        )
    return world.new(
        "item",
        owner=owner,
        amount_subtotal=amount * quantity,
        amount_total=amount * quantity,
        currency=price["currency"],
        description=product["name"],
        quantity=quantity,
        metadata={},
    )


def _currency_of(items: list[Object], params: dict[str, Any]) -> str:
    currencies = {item["currency"] for item in items} or {params.get("currency", "")}
    if len(currencies) > 1 or ("currency" in params and {params["currency"]} != currencies):
        raise invalid("All line items must have the same currency.", param="line_items")
    return str(currencies.pop())


def items_of(world: World, session: Object) -> Object:
    items = world.hidden[session["id"]]["items"]
    return {
        "object": "list",
        "data": items,
        "has_more": False,
        "url": f"/v1/checkout/sessions/{session['id']}/line_items",
    }


ON_DEMAND["checkout.session", "line_items"] = items_of


@operation("GET /v1/checkout/sessions")
def list_sessions(call: Call) -> Object:
    return listed(call, call.world.all("checkout.session", owner=call.owner))


@operation("GET /v1/checkout/sessions/{session}")
def get_session(call: Call) -> Object:
    return call.world.get("checkout.session", call.ids[0], owner=call.owner)


@operation("GET /v1/checkout/sessions/{session}/line_items")
def list_items(call: Call) -> Object:
    session = call.world.get("checkout.session", call.ids[0], owner=call.owner)
    items = reversed(call.world.hidden[session["id"]]["items"])
    return listed(call, items, url=f"/v1/checkout/sessions/{session['id']}/line_items")


@operation("POST /v1/checkout/sessions/{session}")
def update_session(call: Call) -> Object:
    session = call.world.get("checkout.session", call.ids[0], owner=call.owner)
    for name in sorted(set(call.params) - {"metadata", "expand"}):
        raise invalid("The stand-in changes only the metadata of a session.", param=name)
    set_metadata(session, call.params)
    return session


@operation("POST /v1/checkout/sessions/{session}/expire")
def expire_session(call: Call) -> Object:
    session = call.world.get("checkout.session", call.ids[0], owner=call.owner)
    if session["status"] != "open":
        raise invalid(
            'Only Checkout Sessions with a status in ["open"] can be expired.'
            f" This Checkout Session has a status of `{session['status']}`."
        )
    _expire(call.world, session)
    return session


def _run_out(world: World, session: Object) -> None:
    if session["status"] == "open":
        _expire(world, session)


def _expire(world: World, session: Object) -> None:
    session |= {"status": "expired", "url": None}
    owner = world.owners[session["id"]]
    if session["payment_intent"]:
        intent = world.get("payment_intent", session["payment_intent"], owner=owner)
        if intent["status"] in {"requires_payment_method", "requires_action", "requires_confirmation"}:
            cancel(world, intent, "automatic")
    emit(world, "checkout.session.expired", session, owner=owner)


# --- from the page ------------------------------------------------------------------------------------


def _listen(world: World, session: Object, intent: Object) -> str:
    hidden = world.hidden[intent["id"]]
    hidden |= {"listener": lambda: _progress(world, session, intent), "session": session["id"]}
    hidden["return_url"] = session["url"]
    return str(intent["id"])


def asks_for_terms(session: Object) -> bool:
    return (session["consent_collection"] or {}).get("terms_of_service") == "required"


def attempt(world: World, session: Object, method: Object, payer: dict[str, str]) -> None:
    """The payer pressed "Pay". Raises what a declined card raises; the session stays open then."""
    owner = world.owners[session["id"]]
    if session["status"] != "open":
        raise invalid("This session is no longer open.")
    if asks_for_terms(session):
        session["consent"] = world.contract.blank("checkout.session", "consent") | {"terms_of_service": "accepted"}
    details = world.contract.blank("checkout.session", "customer_details")
    session["customer_details"] = details | {name: value for name, value in payer.items() if value}
    method["billing_details"] |= {name: value for name, value in payer.items() if value}
    if session["mode"] == "setup":
        keep_card(world, world.get("setup_intent", session["setup_intent"], owner=owner), method)
        return
    if not session["payment_intent"]:
        data: dict[str, Any] = dict(world.hidden[session["id"]]["intent"])
        data |= {"amount": session["amount_total"], "currency": session["currency"], "customer": session["customer"]}
        data["allowed_payment_method_types"] = session["payment_method_types"]
        session["payment_intent"] = _listen(world, session, new_intent(world, data, owner=owner))
    pay(world, world.get("payment_intent", session["payment_intent"], owner=owner), method)


def _progress(world: World, session: Object, intent: Object) -> None:
    """The intent of the session came further: money or a card is there, or on its way, or it did not come."""
    owner = world.owners[session["id"]]
    if session["status"] == "open":
        session |= {"status": "complete", "url": None}
        if session["mode"] == "payment" and intent["status"] == "succeeded":
            session["payment_status"] = "paid"
        emit(world, "checkout.session.completed", session, owner=owner)
    elif session["payment_status"] == "unpaid" and intent["status"] == "succeeded":
        session["payment_status"] = "paid"
        emit(world, "checkout.session.async_payment_succeeded", session, owner=owner)
    elif intent["status"] == "requires_payment_method":
        emit(world, "checkout.session.async_payment_failed", session, owner=owner)


def session_of(world: World, intent: Object) -> Object | None:
    name = world.hidden[intent["id"]].get("session")
    return world.tables["checkout.session"].get(name) if name else None


def success_address(session: Object) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])

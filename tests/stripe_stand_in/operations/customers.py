"""Customers and their payment methods."""

from typing import Any

from tests.stripe_stand_in import cards
from tests.stripe_stand_in.cards import Card
from tests.stripe_stand_in.errors import declined, invalid
from tests.stripe_stand_in.events import emit
from tests.stripe_stand_in.world import Object, World

from .calls import Call, listed, operation, set_fields, set_metadata

FIELDS = ("address", "description", "email", "name", "phone", "preferred_locales", "shipping")


@operation("POST /v1/customers")
def create_customer(call: Call) -> Object:
    customer = call.world.new("customer", owner=call.owner, metadata={}, balance=0, delinquent=False)
    customer.pop("deleted")
    set_fields(customer, call.params, *FIELDS)
    set_metadata(customer, call.params)
    if method := call.params.get("payment_method"):
        attach(call.world, method, customer, owner=call.owner)
    emit(call.world, "customer.created", customer, owner=call.owner)
    return customer


@operation("GET /v1/customers/{customer}")
def get_customer(call: Call) -> Object:
    if call.world.hidden[call.ids[0]].get("is_deleted"):
        return {"id": call.ids[0], "object": "customer", "deleted": True}
    return call.world.get("customer", call.ids[0], owner=call.owner)


@operation("POST /v1/customers/{customer}")
def update_customer(call: Call) -> Object:
    customer = call.world.get("customer", call.ids[0], owner=call.owner)
    set_fields(customer, call.params, *FIELDS)
    set_metadata(customer, call.params)
    emit(call.world, "customer.updated", customer, owner=call.owner)
    return customer


@operation("DELETE /v1/customers/{customer}")
def delete_customer(call: Call) -> Object:
    customer = call.world.get("customer", call.ids[0], owner=call.owner)
    del call.world.tables["customer"][customer["id"]]
    call.world.hidden[customer["id"]]["is_deleted"] = True
    emit(call.world, "customer.deleted", customer, owner=call.owner)
    return {"id": customer["id"], "object": "customer", "deleted": True}


@operation("GET /v1/customers")
def list_customers(call: Call) -> Object:
    return listed(call, call.world.all("customer", owner=call.owner))


@operation("GET /v1/customers/{customer}/payment_methods")
def list_methods_of_customer(call: Call) -> Object:
    customer = call.world.get("customer", call.ids[0], owner=call.owner)
    own = (m for m in call.world.all("payment_method", owner=call.owner) if m["customer"] == customer["id"])
    return listed(call, own, url=f"/v1/customers/{customer['id']}/payment_methods")


# --- payment methods --------------------------------------------------------------------------------


def new_card_method(world: World, card: Card, *, owner: str = "", month: int = 12, year: int = 2034) -> Object:
    details = world.contract.blank("payment_method", "card")
    details |= {"brand": "visa", "country": "FR", "funding": "credit", "last4": card.last4, "display_brand": "visa"}
    details |= {"exp_month": month, "exp_year": year, "fingerprint": card.number[::-1]}
    method = world.new("payment_method", owner=owner, type="card", card=details, metadata={})
    world.hidden[method["id"]]["card"] = card
    return method


def new_debit_method(world: World, iban: str, *, owner: str = "") -> Object:
    details = world.contract.blank("payment_method", "sepa_debit") | {"country": iban[:2], "last4": iban[-4:]}
    method = world.new("payment_method", owner=owner, type="sepa_debit", sepa_debit=details, metadata={})
    world.hidden[method["id"]]["iban"] = iban
    return method


def find_method(world: World, id_: str, *, owner: str = "") -> Object:
    """A payment method, or a new one where the name of a test card is given (pm_card_visa)."""
    if id_ in cards.BY_TOKEN:
        return new_card_method(world, cards.BY_TOKEN[id_], owner=owner)
    return world.get("payment_method", id_, owner=owner, param="payment_method")


def card_of(world: World, method: Object) -> Card | None:
    """The test card behind a payment method; none behind a bank debit."""
    card: Card | None = world.hidden[method["id"]].get("card")
    return card


def attach(world: World, id_: str, customer: Object, *, owner: str = "") -> Object:
    method = find_method(world, id_, owner=owner)
    if method["customer"] not in {None, customer["id"]}:
        raise invalid("The payment method you provided has already been attached to a customer.")
    if world.hidden[method["id"]].get("is_used_up"):
        raise invalid("This PaymentMethod was previously used without being attached to a Customer, or was detached.")
    card = card_of(world, method)
    if card and card.decline and card.declines_when == "always":
        code, reason, message = card.decline
        raise declined(message, code, reason)
    if method["customer"] is None:
        method["customer"] = customer["id"]
        emit(world, "payment_method.attached", method, owner=owner)
    return method


@operation("POST /v1/payment_methods")
def create_method(call: Call) -> Object:
    kind, params = call.params.get("type"), call.params
    if kind == "sepa_debit":
        method = new_debit_method(call.world, params.get("sepa_debit", {}).get("iban", ""), owner=call.owner)
    elif kind == "card":
        given: dict[str, Any] = params.get("card", {})
        number = given.get("number", "")
        if not cards.passes_luhn(number):
            raise declined("Your card number is incorrect.", "incorrect_number", param="number")
        year, month = given.get("exp_year", 0), given.get("exp_month", 0)
        method = new_card_method(call.world, cards.card_of(number), owner=call.owner, month=month, year=year)
    else:
        raise invalid("This type of payment method is not known here.", param="type")
    set_fields(method, params, "billing_details")
    set_metadata(method, params)
    return method


@operation("GET /v1/payment_methods/{payment_method}")
def get_method(call: Call) -> Object:
    return call.world.get("payment_method", call.ids[0], owner=call.owner)


@operation("POST /v1/payment_methods/{payment_method}")
def update_method(call: Call) -> Object:
    method = call.world.get("payment_method", call.ids[0], owner=call.owner)
    if not method["customer"]:
        raise invalid("You must save this PaymentMethod to a customer before you can update it.")
    set_metadata(method, call.params)
    emit(call.world, "payment_method.updated", method, owner=call.owner)
    return method


@operation("GET /v1/payment_methods")
def list_methods(call: Call) -> Object:
    return listed(call, call.world.all("payment_method", owner=call.owner))


@operation("POST /v1/payment_methods/{payment_method}/attach")
def attach_method(call: Call) -> Object:
    if "customer" not in call.params:
        raise invalid("Missing required param: customer.", code="parameter_missing", param="customer")
    customer = call.world.get("customer", call.params["customer"], owner=call.owner, param="customer")
    return attach(call.world, call.ids[0], customer, owner=call.owner)


@operation("POST /v1/payment_methods/{payment_method}/detach")
def detach_method(call: Call) -> Object:
    method = call.world.get("payment_method", call.ids[0], owner=call.owner)
    if not method["customer"]:
        raise invalid("The payment method you provided is not attached to a customer so detachment is impossible.")
    method["customer"] = None
    call.world.hidden[method["id"]]["is_used_up"] = True
    emit(call.world, "payment_method.detached", method, owner=call.owner)
    return method

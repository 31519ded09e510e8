"""Transfers to connected accounts, and their reversals."""

from tests.stripe_stand_in import books, money
from tests.stripe_stand_in.errors import invalid
from tests.stripe_stand_in.events import emit
from tests.stripe_stand_in.world import PLATFORM, Object, World

from .calls import Call, listed, only, operation, set_fields, set_metadata


@operation("POST /v1/transfers")
def create_transfer(call: Call) -> Object:
    world, params = call.world, call.params
    only(params, {"amount", "currency", "description", "destination", "source_transaction", "transfer_group"})
    charge = _source(call)
    amount = params.get("amount", charge["amount_captured"] if charge else None)
    if amount is None:
        raise invalid("Missing required param: amount.", code="parameter_missing", param="amount")
    money.check_amount(amount, params["currency"])
    destination = world.get("account", params["destination"], param="destination")
    if destination["capabilities"]["transfers"] != "active":
        raise invalid(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers.",
            code="transfers_not_allowed",
            param="destination",
        )
    due = _check_money(world, params["currency"], amount, charge)
    transfer = world.new(
        "transfer",
        amount=amount,
        currency=params["currency"],
        destination=destination["id"],
        source_transaction=charge["id"] if charge else None,
        source_type="card",
        metadata={},
    )
    transfer["reversals"]["url"] = f"/v1/transfers/{transfer['id']}/reversals"
    group = charge["transfer_group"] or f"group_{charge['payment_intent']}" if charge else None
    transfer["transfer_group"] = params.get("transfer_group", group)
    set_fields(transfer, params, "description")
    set_metadata(transfer, params)
    _move(world, transfer, due)
    emit(world, "transfer.created", transfer)
    return transfer


def _source(call: Call) -> Object | None:
    """The charge that the money comes from, where one is named."""
    if "source_transaction" not in call.params:
        return None
    charge = call.world.get("charge", call.params["source_transaction"], param="source_transaction")
    if not charge["captured"] or charge["status"] != "succeeded":
        raise invalid("The source charge has not been paid.", param="source_transaction")
    if charge["currency"] != call.params["currency"]:
        raise invalid(
            f"The currency of source_transaction's balance transaction ({charge['currency']}) must be the same as the"
            f" transfer currency ({call.params['currency']})",
            param="currency",
        )
    return charge


def _check_money(world: World, currency: str, amount: int, charge: Object | None) -> int | None:
    """Whether there is enough; and when it counts, where the money of the charge is still on its way."""
    if charge is None:
        books.require_available(world, PLATFORM, amount, currency)
        return None
    earlier = sum(
        one["amount"] - one["amount_reversed"]
        for one in world.all("transfer")
        if one["source_transaction"] == charge["id"]
    )
    if earlier + amount > charge["amount_captured"]:
        raise invalid(
            f"The transfers of {charge['id']} may not be more than {charge['amount_captured']}; before: {earlier}.",
            param="amount",
        )
    paid_in = world.get("balance_transaction", charge["balance_transaction"])
    due = books.settles_on(world, paid_in)
    if due is None:
        books.require_available(world, PLATFORM, amount, currency)
    return due


def _move(world: World, transfer: Object, due: int | None) -> None:
    amount, currency, destination = transfer["amount"], transfer["currency"], transfer["destination"]
    sent = books.post(
        world,
        owner=PLATFORM,
        kind="transfer",
        amount=-amount,
        currency=currency,
        source=transfer["id"],
        available_on=due,
    )
    payment = world.new(
        "charge",
        owner=destination,
        prefix="py",
        amount=amount,
        amount_captured=amount,
        captured=True,
        paid=True,
        status="succeeded",
        currency=currency,
        source_transfer=transfer["id"],
        metadata={},
    )
    received = books.post(
        world,
        owner=destination,
        kind="payment",
        amount=amount,
        currency=currency,
        source=payment["id"],
        available_on=due,
    )
    payment["balance_transaction"] = received["id"]
    transfer |= {"balance_transaction": sent["id"], "destination_payment": payment["id"]}


@operation("GET /v1/transfers")
def list_transfers(call: Call) -> Object:
    return listed(call, call.world.all("transfer", owner=call.owner))


@operation("GET /v1/transfers/{transfer}")
def get_transfer(call: Call) -> Object:
    return call.world.get("transfer", call.ids[0], owner=call.owner)


@operation("POST /v1/transfers/{transfer}")
def update_transfer(call: Call) -> Object:
    transfer = call.world.get("transfer", call.ids[0], owner=call.owner)
    set_fields(transfer, call.params, "description")
    set_metadata(transfer, call.params)
    emit(call.world, "transfer.updated", transfer)
    return transfer


# --- reversals ------------------------------------------------------------------------------------------


@operation("POST /v1/transfers/{id}/reversals")
def reverse_transfer(call: Call) -> Object:
    only(call.params, {"amount"})
    world, transfer = call.world, call.world.get("transfer", call.ids[0], owner=call.owner)
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = call.params.get("amount", left)
    if left == 0:
        raise invalid(f"Transfer {transfer['id']} is already fully reversed.")
    money.check_amount(amount, transfer["currency"])
    if amount > left:
        raise invalid(
            f"Transfer reversal amount ({amount}) is greater than unreversed amount on transfer ({left}).",
            param="amount",
        )
    destination = transfer["destination"]
    payment = world.get("charge", transfer["destination_payment"], owner=destination)
    received = world.get("balance_transaction", payment["balance_transaction"], owner=destination)
    due = books.settles_on(world, received)
    if due is None:
        books.require_available(world, destination, amount, transfer["currency"])
    reversal = world.new(
        "transfer_reversal", amount=amount, currency=transfer["currency"], transfer=transfer["id"], metadata={}
    )
    set_metadata(reversal, call.params)
    _move_back(world, reversal, payment, due)
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].insert(0, reversal)
    emit(world, "transfer.reversed", transfer)
    return reversal


def _move_back(world: World, reversal: Object, payment: Object, due: int | None) -> None:
    destination, amount, currency = world.owners[payment["id"]], reversal["amount"], reversal["currency"]
    returned = world.new(
        "refund",
        owner=destination,
        prefix="pyr",
        amount=amount,
        currency=currency,
        charge=payment["id"],
        source_transfer_reversal=reversal["id"],
        status="succeeded",
        metadata={},
    )
    taken = books.post(
        world,
        owner=destination,
        kind="payment_refund",
        amount=-amount,
        currency=currency,
        source=returned["id"],
        available_on=due,
    )
    got = books.post(
        world,
        owner=PLATFORM,
        kind="transfer_refund",
        amount=amount,
        currency=currency,
        source=reversal["id"],
        available_on=due,
    )
    returned["balance_transaction"] = taken["id"]
    payment["amount_refunded"] += amount
    payment["refunded"] = payment["amount_refunded"] == payment["amount"]
    reversal |= {"balance_transaction": got["id"], "destination_payment_refund": returned["id"]}


@operation("GET /v1/transfers/{id}/reversals")
def list_reversals(call: Call) -> Object:
    transfer = call.world.get("transfer", call.ids[0], owner=call.owner)
    return listed(call, reversed(transfer["reversals"]["data"]), url=transfer["reversals"]["url"])


@operation("GET /v1/transfers/{transfer}/reversals/{id}")
def get_reversal(call: Call) -> Object:
    call.world.get("transfer", call.ids[0], owner=call.owner)
    return call.world.get("transfer_reversal", call.ids[1], owner=call.owner)


@operation("POST /v1/transfers/{transfer}/reversals/{id}")
def update_reversal(call: Call) -> Object:
    reversal = get_reversal(call)
    set_metadata(reversal, call.params)
    return reversal

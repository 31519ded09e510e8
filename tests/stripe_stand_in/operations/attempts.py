"""What happens when somebody tries to pay: the card decides."""

import contextlib
import copy
from collections.abc import Callable
from typing import Any

from tests.stripe_stand_in import books, money
from tests.stripe_stand_in.cards import IBANS, Card
from tests.stripe_stand_in.errors import StripeRefusal, declined, invalid
from tests.stripe_stand_in.events import emit
from tests.stripe_stand_in.world import DAY, Object, World

from .customers import attach, card_of
from .disputes import open_dispute

#: When the money of a card counts as available, how long an authorisation lasts, and when a bank debit is through.
SETTLEMENT = 3 * DAY
AUTHORISATION = 7 * DAY
DEBIT = 3 * DAY
NEEDS_AUTHENTICATION = "Your card was declined. This transaction requires authentication."


def pay(world: World, intent: Object, method: Object, *, off_session: bool = False) -> None:
    """One attempt. Raises what a declined card raises; the intent then waits for another one."""
    if world.hidden[method["id"]].get("is_used_up"):
        raise invalid("This PaymentMethod was previously used without being attached to a Customer, or was detached.")
    if method["customer"] not in {None, intent["customer"]}:
        raise invalid("The PaymentMethod belongs to another Customer.", param="payment_method")
    intent |= {"payment_method": method["id"], "last_payment_error": None, "next_action": None}
    card = card_of(world, method)
    if card is None:
        _debit(world, intent, method)
    elif card.decline:
        refuse(world, intent, method, *card.decline)
    elif _needs_authentication(world, card, method):
        if off_session or world.hidden[intent["id"]].get("error_on_requires_action"):
            refuse(world, intent, method, "authentication_required", "authentication_required", NEEDS_AUTHENTICATION)
        _challenge(world, intent)
    else:
        _succeed(world, intent, method, card)


def authenticate(world: World, intent: Object, *, is_passed: bool) -> None:
    """What the payer did on the bank's page. Raises what a declined card raises where it went wrong."""
    if intent["status"] != "requires_action":
        raise unexpected(intent, "authenticated")
    method = world.get("payment_method", intent["payment_method"], owner=world.owners[intent["id"]])
    intent["next_action"] = None
    card = card_of(world, method)
    if not is_passed or card is None:
        message = "We are unable to authenticate your payment method. Please choose a different payment method."
        refuse(world, intent, method, "payment_intent_authentication_failure", None, message)
    else:
        _succeed(world, intent, method, card)


def unexpected(intent: Object, verb: str) -> Exception:
    noun = "PaymentIntent" if intent["object"] == "payment_intent" else "SetupIntent"
    return invalid(
        f"This {noun} could not be {verb} because it has a status of {intent['status']}.",
        code=f"{intent['object']}_unexpected_state",
    )


def _needs_authentication(world: World, card: Card, method: Object) -> bool:
    is_set_up = world.hidden[method["id"]].get("is_set_up")
    return card.authentication == "always" or (card.authentication == "unless_set_up" and not is_set_up)


def challenge_of(world: World, intent: Object) -> dict[str, Any]:
    """The next action: the page of the bank."""
    action = world.contract.blank(intent["object"], "next_action")
    return_url = world.hidden[intent["id"]].get("return_url")
    target = {"url": f"{world.base_url}/3ds/{intent['id']}", "return_url": return_url}
    return action | {"type": "redirect_to_url", "redirect_to_url": target}


def _challenge(world: World, intent: Object) -> None:
    intent |= {"status": "requires_action", "next_action": challenge_of(world, intent)}
    emit(world, "payment_intent.requires_action", intent, owner=world.owners[intent["id"]])


def refuse(
    world: World,
    intent: Object,
    method: Object,
    code: str,
    reason: str | None,
    message: str,
    charge: Object | None = None,
) -> None:
    """The attempt failed: it is written down as a failed charge, and the intent waits for another card."""
    owner = world.owners[intent["id"]]
    failed = charge or _new_charge(world, intent, method)
    failed |= {"status": "failed", "paid": False, "failure_code": code, "failure_message": message}
    outcome = world.contract.blank("charge", "outcome")
    failed["outcome"] = outcome | {"network_status": "declined_by_network", "reason": reason, "type": "issuer_declined"}
    error = world.contract.blank("payment_intent", "last_payment_error")
    error |= {"type": "card_error", "code": code, "decline_code": reason, "message": message, "charge": failed["id"]}
    error |= {"payment_method": copy.deepcopy(method), "payment_method_type": method["type"]}
    intent |= {"status": "requires_payment_method", "payment_method": None, "last_payment_error": error}
    intent |= {"latest_charge": failed["id"], "next_action": None, "amount_capturable": 0}
    if not method["customer"]:
        world.hidden[method["id"]]["is_used_up"] = True
    emit(world, "charge.failed", failed, owner=owner)
    emit(world, "payment_intent.payment_failed", intent, owner=owner)
    raise declined(
        message, code, reason, charge=failed["id"], payment_intent=copy.deepcopy(intent), payment_method=method
    )


def _new_charge(world: World, intent: Object, method: Object, **fields: Any) -> Object:
    details = world.contract.blank("charge", "payment_method_details") | {"type": method["type"]}
    part = world.contract.blank("charge", "payment_method_details", method["type"])
    known = method[method["type"]]
    details[method["type"]] = part | {name: value for name, value in known.items() if name in part}
    charge = world.new(
        "charge",
        owner=world.owners[intent["id"]],
        amount=intent["amount"],
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        metadata=dict(intent["metadata"]),
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details=details,
        billing_details=copy.deepcopy(method["billing_details"]),
        transfer_group=intent["transfer_group"],
        **fields,
    )
    world.hidden[charge["id"]]["card"] = card_of(world, method)
    return charge


def _succeed(world: World, intent: Object, method: Object, card: Card) -> None:
    owner = world.owners[intent["id"]]
    charge = _new_charge(world, intent, method, status="succeeded", paid=True)
    outcome = world.contract.blank("charge", "outcome")
    charge["outcome"] = outcome | {
        "network_status": "approved_by_network",
        "type": "authorized",
        "risk_level": "normal",
    }
    intent["latest_charge"] = charge["id"]
    _keep_method(world, intent, method)
    if intent["capture_method"] == "manual":
        charge["payment_method_details"]["card"]["capture_before"] = world.now + AUTHORISATION
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        world.at(world.now + AUTHORISATION, lambda: _lapse(world, intent))
        emit(world, "charge.succeeded", charge, owner=owner)
        emit(world, "payment_intent.amount_capturable_updated", intent, owner=owner)
    else:
        take(world, intent, charge, intent["amount"])
        emit(world, "charge.succeeded", charge, owner=owner)
        emit(world, "payment_intent.succeeded", intent, owner=owner)
    tell(world, intent)
    if card.is_disputed:
        world.at(world.now, lambda: _dispute(world, charge))


def _dispute(world: World, charge: Object) -> None:
    if charge["captured"] and not charge["refunded"]:
        open_dispute(world, charge)


def take(world: World, intent: Object, charge: Object, amount: int) -> None:
    """The money of a charge arrives, less Stripe's fee."""
    card = world.hidden[charge["id"]]["card"]
    movement = books.post(
        world,
        owner=world.owners[charge["id"]],
        kind="charge" if card else "payment",
        amount=amount,
        fee=money.fee_of(amount, charge["currency"]),
        currency=charge["currency"],
        source=charge["id"],
        available_on=None if card and card.is_available_at_once else world.now + SETTLEMENT,
    )
    charge |= {"captured": True, "amount_captured": amount, "balance_transaction": movement["id"]}
    intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}


def _keep_method(world: World, intent: Object, method: Object) -> None:
    """A card is kept for later where that was asked for; otherwise it is used up."""
    if intent["setup_future_usage"] and intent["customer"]:
        customer = world.get("customer", intent["customer"], owner=world.owners[intent["id"]])
        attach(world, method["id"], customer, owner=world.owners[intent["id"]])
        world.hidden[method["id"]]["is_set_up"] = intent["setup_future_usage"] == "off_session"
    elif not method["customer"]:
        world.hidden[method["id"]]["is_used_up"] = True


def tell(world: World, intent: Object) -> None:
    """The checkout session of the intent, where it has one, hears what became of it."""
    listener: Callable[[], None] | None = world.hidden[intent["id"]].get("listener")
    if listener:
        listener()


def _lapse(world: World, intent: Object) -> None:
    """An authorisation that nobody captured in time is void."""
    if intent["status"] == "requires_capture":
        cancel(world, intent, "automatic", "charge.expired")


def cancel(world: World, intent: Object, reason: str | None, of_charge: str = "charge.refunded") -> None:
    owner = world.owners[intent["id"]]
    held = world.get("charge", intent["latest_charge"], owner=owner) if intent["status"] == "requires_capture" else None
    intent |= {"status": "canceled", "canceled_at": world.now, "cancellation_reason": reason}
    intent |= {"amount_capturable": 0, "next_action": None}
    if held:
        held |= {"amount_refunded": held["amount"], "refunded": True}
        emit(world, of_charge, held, owner=owner)
    emit(world, "payment_intent.canceled", intent, owner=owner)


# --- bank debits --------------------------------------------------------------------------------------


def _debit(world: World, intent: Object, method: Object) -> None:
    """A bank is asked; it answers days later."""
    owner = world.owners[intent["id"]]
    charge = _new_charge(world, intent, method, status="pending")
    intent |= {"status": "processing", "latest_charge": charge["id"]}
    world.at(world.now + DEBIT, lambda: end_debit(world, intent))
    emit(world, "charge.pending", charge, owner=owner)
    emit(world, "payment_intent.processing", intent, owner=owner)
    tell(world, intent)


def end_debit(world: World, intent: Object, *, succeeds: bool | None = None) -> None:
    """The bank pays or not, as the account number says unless told otherwise."""
    if intent["status"] != "processing":
        return
    owner = world.owners[intent["id"]]
    charge = world.get("charge", intent["latest_charge"], owner=owner)
    method = world.get("payment_method", intent["payment_method"], owner=owner)
    pays = IBANS.get(world.hidden[method["id"]]["iban"], True) if succeeds is None else succeeds
    if pays:
        charge |= {"status": "succeeded", "paid": True}
        take(world, intent, charge, intent["amount"])
        emit(world, "charge.succeeded", charge, owner=owner)
        emit(world, "payment_intent.succeeded", intent, owner=owner)
    else:
        with contextlib.suppress(StripeRefusal):  # Nobody is waiting for an answer.
            refuse(world, intent, method, "payment_intent_payment_attempt_failed", None, "The debit failed.", charge)
    tell(world, intent)

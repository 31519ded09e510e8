"""Disputes: the payer's bank takes the money back, and the platform answers with evidence."""

from typing import Any

from tests.stripe_stand_in import books, money
from tests.stripe_stand_in.errors import invalid
from tests.stripe_stand_in.events import emit
from tests.stripe_stand_in.world import DAY, Object, World

from .calls import Call, listed, operation, set_metadata

TIME_TO_ANSWER = 14 * DAY
TIME_TO_DECIDE = 60 * DAY
#: What evidence decides, as published for tests.
VERDICTS = {"winning_evidence": "won", "losing_evidence": "lost"}


def open_dispute(world: World, charge: Object, *, reason: str = "fraudulent", amount: int | None = None) -> Object:
    """The bank of the payer takes the money and a fee at once, wherever the money has gone since."""
    if charge["refunded"] or charge["disputed"] or not charge["captured"]:
        raise invalid("This charge cannot be disputed.", param="charge")
    owner = world.owners[charge["id"]]
    due = world.now + TIME_TO_ANSWER
    dispute = world.new(
        "dispute",
        owner=owner,
        amount=amount or charge["amount_captured"] - charge["amount_refunded"],
        currency=charge["currency"],
        charge=charge["id"],
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="needs_response",
        is_charge_refundable=False,
        metadata={},
    )
    dispute["evidence_details"]["due_by"] = due
    charge["disputed"] = True
    _move(world, dispute, -dispute["amount"], fee=money.dispute_fee(charge["currency"]))
    world.at(due, lambda: _miss(world, dispute))
    emit(world, "charge.dispute.created", dispute, owner=owner)
    emit(world, "charge.dispute.funds_withdrawn", dispute, owner=owner)
    return dispute


def _move(world: World, dispute: Object, amount: int, *, fee: int = 0) -> None:
    movement = books.post(
        world,
        owner=world.owners[dispute["id"]],
        kind="adjustment",
        amount=amount,
        fee=fee,
        currency=dispute["currency"],
        source=dispute["id"],
        description=f"Chargeback {'withdrawal' if amount < 0 else 'reversal'} for {dispute['charge']}",
    )
    dispute["balance_transactions"].append(movement)


def _miss(world: World, dispute: Object) -> None:
    """Nobody answered in time."""
    if dispute["status"] == "needs_response":
        dispute["evidence_details"]["past_due"] = True
        close(world, dispute, "lost")


def close(world: World, dispute: Object, verdict: str) -> None:
    if dispute["status"] not in {"needs_response", "under_review"}:
        raise invalid("This dispute is already closed", code="dispute_already_closed")
    owner = world.owners[dispute["id"]]
    dispute["status"] = verdict
    if verdict == "won":
        _move(world, dispute, dispute["amount"])
        emit(world, "charge.dispute.funds_reinstated", dispute, owner=owner)
    emit(world, "charge.dispute.closed", dispute, owner=owner)


def _decide(world: World, dispute: Object, verdict: str) -> None:
    if dispute["status"] == "under_review":
        close(world, dispute, verdict)


@operation("GET /v1/disputes")
def list_disputes(call: Call) -> Object:
    return listed(call, call.world.all("dispute", owner=call.owner))


@operation("GET /v1/disputes/{dispute}")
def get_dispute(call: Call) -> Object:
    return call.world.get("dispute", call.ids[0], owner=call.owner)


@operation("POST /v1/disputes/{dispute}")
def answer_dispute(call: Call) -> Object:
    world, params = call.world, call.params
    dispute = world.get("dispute", call.ids[0], owner=call.owner)
    evidence: dict[str, Any] = params.get("evidence") or {}
    if evidence and dispute["status"] != "needs_response":
        raise invalid("The evidence of this dispute can no longer be changed.", param="evidence")
    for name, value in evidence.items():
        dispute["evidence"][name] = None if value == "" else value
    set_metadata(dispute, params)
    details = dispute["evidence_details"]
    details["has_evidence"] = any(value for name, value in dispute["evidence"].items() if name != "enhanced_evidence")
    if evidence and params.get("submit", True):
        dispute["status"] = "under_review"
        details["submission_count"] += 1
        text = str(evidence.get("uncategorized_text"))
        verdict, wait = (VERDICTS[text], 0) if text in VERDICTS else ("lost", TIME_TO_DECIDE)
        world.at(world.now + wait, lambda: _decide(world, dispute, verdict))
    emit(world, "charge.dispute.updated", dispute, owner=call.owner)
    return dispute


@operation("POST /v1/disputes/{dispute}/close")
def give_in(call: Call) -> Object:
    """Accept the dispute: the money is lost."""
    dispute = call.world.get("dispute", call.ids[0], owner=call.owner)
    close(call.world, dispute, "lost")
    return dispute

"""People for whom a patient acts, and what the careteam decides about them (Rules 1, point 2)."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.enums import DependantState
from accounts.errors import DecisionIncomplete, DependantDecided, DependantLocked
from accounts.models import Dependant, User
from medicaim.common import audit
from medicaim.notifications.services import queue_message


def add_dependant(
    *,
    representative: User,
    first_name: str,
    last_name: str,
    date_of_birth: date,
    gender: str,
    relation: str,
    authority: str,
    actor: User,
) -> Dependant:
    """Name a minor or an adult under guardianship; the careteam decides before anything can be requested for them."""
    with transaction.atomic():
        dependant = Dependant.objects.create(
            representative=representative,
            first_name=first_name,
            last_name=last_name,
            date_of_birth=date_of_birth,
            gender=gender,
            relation=relation,
            authority=authority,
        )
        audit.record(action="dependant.added", actor=actor, obj=dependant)
    return dependant


CHANGEABLE = ("first_name", "last_name", "date_of_birth", "gender", "relation", "authority")


def change_dependant(*, dependant: Dependant, changes: dict[str, object], actor: User) -> Dependant:
    """Correct what was said of a dependant; one that was not approved is asked for again by it.

    Raises DependantLocked once the careteam approved: the identity that was checked stays.
    """
    with transaction.atomic():
        dependant = Dependant.objects.select_for_update().get(pk=dependant.pk)
        if dependant.state == DependantState.APPROVED:
            raise DependantLocked
        for name in CHANGEABLE:
            if name in changes:
                setattr(dependant, name, changes[name])
        dependant.state = DependantState.PENDING
        dependant.decision_reason = ""
        dependant.decided_at = dependant.decided_by = None
        dependant.save(update_fields=[*CHANGEABLE, "state", "decision_reason", "decided_at", "decided_by"])
        audit.record(action="dependant.changed", actor=actor, obj=dependant)
    return dependant


def _decide(*, dependant: Dependant, state: DependantState, proof_seen: str, reason: str, actor: User) -> Dependant:
    with transaction.atomic():
        dependant = Dependant.objects.select_for_update().get(pk=dependant.pk)
        if dependant.state != DependantState.PENDING:
            raise DependantDecided
        dependant.state = state
        dependant.proof_seen = proof_seen
        dependant.decision_reason = reason
        dependant.decided_at = timezone.now()
        dependant.decided_by = actor
        dependant.save(update_fields=["state", "proof_seen", "decision_reason", "decided_at", "decided_by"])
        entry = audit.record(action=f"dependant.{state}", actor=actor, obj=dependant, reason=proof_seen or reason)
        queue_message(
            event="accounts.dependant_decided",
            object_id=dependant.pk,
            recipient=dependant.representative,
            occurrence=str(entry.pk),
        )
    return dependant


def approve_dependant(*, dependant: Dependant, proof_seen: str, actor: User) -> Dependant:
    """The careteam has seen the proof of the authority: requests can be made for the dependant from now on.

    Raises DecisionIncomplete without a note of the proof, DependantDecided where a decision stands.
    """
    if not proof_seen.strip():
        raise DecisionIncomplete
    return _decide(
        dependant=dependant, state=DependantState.APPROVED, proof_seen=proof_seen.strip(), reason="", actor=actor
    )


def reject_dependant(*, dependant: Dependant, reason: str, actor: User) -> Dependant:
    """The careteam does not approve, and says why; the representative reads the reason and can correct and ask again.

    Raises DecisionIncomplete without a reason, DependantDecided where a decision stands.
    """
    if not reason.strip():
        raise DecisionIncomplete
    return _decide(
        dependant=dependant, state=DependantState.REJECTED, proof_seen="", reason=reason.strip(), actor=actor
    )

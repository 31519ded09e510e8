"""What happens by the clock alone. An appointment whose time has run out is expired at that instant, for
everybody who looks (`state_at`); what is here only writes it down and tells both sides.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bookings.enums import AppointmentState as State
from bookings.enums import ProposalState
from bookings.models import Appointment, Proposal, SlotHold
from providers.models import Practitioner

from . import _base as base

BATCH = 100


def expire(appointment: Appointment, now: datetime) -> bool:
    """Write down that a (locked) appointment, or the move proposed for it, has run out; whether one had."""
    if appointment.state != State.EXPIRED and appointment.state_at(now) == State.EXPIRED:
        was_agreed = appointment.state == State.ACCEPTED
        base.close_open_proposal(appointment, ProposalState.EXPIRED, now)
        base.release_time(appointment, now)
        changes: dict[str, Any] = {"sequence": appointment.sequence + 1} if was_agreed else {}
        transition = base.move(appointment, State.EXPIRED, event="expired", by=base.CLOCK, now=now, **changes)
        base.tell_both("expired", appointment, transition)
        return True
    proposal = appointment.proposals.filter(state=ProposalState.OPEN, expires_at__lte=now).first()
    if proposal is None:
        return False
    base.close_proposal(proposal, ProposalState.EXPIRED, now)
    base.record_step(appointment, appointment.state, event="proposal_expired", by=base.CLOCK, now=now)
    return True


def release_run_out(*, practitioner_ids: list[int], starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Free what has run out in a time of (locked) practitioners, so that it can be given to somebody else.

    This is why a dead worker never keeps a slot: whoever needs the time writes the expiry down first.
    """
    holds = SlotHold.objects.run_out(now).overlapping(starts_at, ends_at).filter(practitioner_id__in=practitioner_ids)
    appointment_ids = sorted(set(holds.values_list("appointment_id", flat=True)))
    if not appointment_ids:
        return
    rows = Appointment.objects.filter(pk__in=appointment_ids).order_by("pk")
    for appointment in rows.select_for_update(of=("self",), no_key=True).select_related("patient"):
        expire(appointment, now)
    holds.update(released_at=now)


def expire_overdue(*, limit: int = BATCH) -> int:
    """Write down what has run out by now, one short transaction for each; how many. Run by a sweep.

    What somebody is working on at this moment is left to them, or to the next sweep.
    """
    now = timezone.now()
    overdue = Appointment.objects.overdue(now).order_by("expires_at", "pk").values_list("pk", flat=True)[:limit]
    moves = Proposal.objects.filter(state=ProposalState.OPEN, expires_at__lte=now).order_by("expires_at", "pk")
    ids = dict.fromkeys([*overdue, *moves.values_list("appointment_id", flat=True)[:limit]])
    return sum(_expire_one(appointment_id) for appointment_id in ids)


def _expire_one(appointment_id: int) -> bool:
    with transaction.atomic():
        holds = SlotHold.objects.filter(appointment_id=appointment_id, released_at=None)
        wanted = set(holds.values_list("practitioner_id", flat=True))
        people = Practitioner.objects.filter(pk__in=wanted).order_by("pk")
        rows = Appointment.objects.filter(pk=appointment_id)
        if connection.features.has_select_for_update_skip_locked:
            people = people.select_for_update(of=("self",), no_key=True, skip_locked=True)
            rows = rows.select_for_update(of=("self",), no_key=True, skip_locked=True)
        if len(people) < len(wanted):
            return False
        appointment = rows.select_related("patient").first()
        return appointment is not None and expire(appointment, timezone.now())

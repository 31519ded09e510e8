"""Another time: the provider's answer to a request, or a move that either side proposes once it is agreed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from bookings.enums import AppointmentState as State
from bookings.enums import ProposalState, Side
from bookings.errors import (
    AlreadyAnswered,
    AlreadyBegun,
    AlreadyRequested,
    NotAllowedNow,
    NotBookable,
    PatientNotFree,
    RequestExpired,
    TooLateToMove,
)
from bookings.models import Appointment, Proposal
from bookings.slots import Slot

from . import _base as base
from .answers import AGREED_STATES, REQUEST_STATES
from .expiry import expire, release_run_out

OTHER_PARTY = {Side.PATIENT: Side.PROVIDER, Side.PROVIDER: Side.PATIENT}


def propose_slot(
    *, appointment: Appointment, slot: Slot, actor: User, on_behalf_of: Side | None = None, note: str = ""
) -> Proposal:
    """Put another free time of the same service to the other side, and keep it until the answer.

    The provider answers a request this way (then it is `proposed`, and both times are kept); once it is
    agreed either side may propose a move, and the state stays. A newer proposal takes the place of an open
    one. The new time must be one that is offered, with the minimum notice of the service, and the patient must
    not be elsewhere then; a patient moves a visit only before that notice has begun (`TooLateToMove`).
    """
    if slot.service_id != appointment.service_id:
        raise NotBookable
    asked = appointment.state in REQUEST_STATES
    if asked:  # only the provider answers a request this way
        on_behalf_of = on_behalf_of or Side.PROVIDER
    by = base.acting_for(appointment, actor, Side.PATIENT, Side.PROVIDER, on_behalf_of=on_behalf_of)
    party = by.party
    people = base.candidates(appointment.service, slot)
    with transaction.atomic():
        base.lock_patient(appointment.patient)
        appointment = base.lock_appointment(appointment, practitioner_ids=people)
        now = timezone.now()
        base.check_alive(appointment, now)
        if (appointment.state in REQUEST_STATES) is not asked:
            raise AlreadyAnswered
        if not asked:
            _check_may_move(appointment, party, now)
        elif party == Side.PATIENT:  # a patient has nothing to move yet: withdraw, and ask for the other time
            raise NotAllowedNow
        ends_at = slot.starts_at + base.rules_of(appointment.service).duration
        _check_patient_free(appointment, slot.starts_at, ends_at, party, now)
        expire(appointment, now)  # a proposal that has run out makes room for this one
        for earlier in appointment.proposals.filter(state=ProposalState.OPEN):
            mine = earlier.proposed_by == party
            base.close_proposal(earlier, ProposalState.WITHDRAWN if mine else ProposalState.DECLINED, now)
        service = appointment.service
        kept = base.rules_of(service).kept(slot.starts_at)
        release_run_out(practitioner_ids=people, starts_at=kept.start, ends_at=kept.end, now=now)
        practitioner_id = base.first_free(service, slot, people, now, moving=appointment)
        own = (appointment.starts_at, appointment.location_id, appointment.practitioner_id)
        if (slot.starts_at, slot.location_id, practitioner_id) == own:
            raise NotBookable
        hours = settings.REQUEST_ANSWER_HOURS if asked else settings.RESCHEDULE_ANSWER_HOURS
        limits = [slot.starts_at] if asked else [slot.starts_at, appointment.starts_at, appointment.expires_at]
        expires_at = base.deadline(now, hours, *limits)
        hold = base.keep_time(appointment, service, practitioner_id, slot.starts_at, expires_at)
        proposal = Proposal.objects.create(
            appointment=appointment,
            proposed_by=party,
            hold=hold,
            practitioner_id=practitioner_id,
            location_id=slot.location_id,
            starts_at=slot.starts_at,
            ends_at=ends_at,
            note=note,
            expires_at=expires_at,
        )
        changes = {"expires_at": expires_at} if asked else {"expires_at": appointment.expires_at}
        transition = base.move(
            appointment,
            State.PROPOSED if asked else appointment.state,
            event="proposed",
            by=by,
            now=now,
            **changes,
        )
        if asked:
            base.keep_until(appointment, expires_at)
        base.tell(
            "patient_proposal" if party == Side.PROVIDER else "provider_proposal",
            appointment,
            OTHER_PARTY[party],
            str(transition.pk),
        )
    return proposal


def accept_proposal(*, proposal: Proposal, actor: User) -> Appointment:
    """The other side agrees to the time that it was shown: the old time is free again, the entry moves."""
    with transaction.atomic():
        base.lock_patient(proposal.appointment.patient)
        appointment, proposal, by, now = _open(proposal, actor, by_the_proposer=False)
        _check_patient_free(appointment, proposal.starts_at, proposal.ends_at, by.party, now)
        was_asked = appointment.state in REQUEST_STATES
        to, expires_at = appointment.state, appointment.expires_at
        if was_asked:
            owes = appointment.amount_due_minor > 0
            to = State.ACCEPTED if owes else State.CONFIRMED
            expires_at = base.deadline(now, settings.PAYMENT_HOURS, proposal.starts_at) if owes else None
        elif expires_at is not None:
            expires_at = min(expires_at, proposal.starts_at)
        proposal.state, proposal.answered_at = ProposalState.ACCEPTED, now
        proposal.save(update_fields=["state", "answered_at"])
        base.release_time(appointment, now, but=proposal.hold)
        appointment.location = proposal.location
        appointment.practitioner = proposal.practitioner
        transition = base.move(
            appointment,
            to,
            event="proposal_accepted" if was_asked else "moved",
            by=by,
            now=now,
            starts_at=proposal.starts_at,
            ends_at=proposal.ends_at,
            location_id=proposal.location_id,
            practitioner_id=proposal.practitioner_id,
            expires_at=expires_at,
            sequence=appointment.sequence + 1,
        )
        base.keep_until(appointment, expires_at)
        if was_asked:
            base.say_agreed(appointment, transition, now)
            if appointment.state == State.ACCEPTED:
                base.tell_provider("moved", appointment, transition)
        else:
            base.tell_both("moved", appointment, transition)
            if appointment.state == State.CONFIRMED:
                base.queue_reminders(appointment, now)
    return appointment


def decline_proposal(*, proposal: Proposal, actor: User, reason: str = "") -> Appointment:
    """The other side does not want that time, which is free at once.

    Where it was the answer to a request, the request ends here (`withdrawn`); an agreed visit stays as it was.
    """
    with transaction.atomic():
        appointment, proposal, by, now = _open(proposal, actor, by_the_proposer=False)
        base.close_proposal(proposal, ProposalState.DECLINED, now)
        step: dict[str, Any] = {"by": by, "now": now, "reason": reason}
        if appointment.state in REQUEST_STATES:
            base.release_time(appointment, now)
            transition = base.move(appointment, State.WITHDRAWN, event="proposal_declined", **step)
        else:
            transition = base.record_step(appointment, appointment.state, event="proposal_declined", **step)
        if proposal.proposed_by == Side.PROVIDER:
            base.tell_provider("proposal_declined", appointment, transition)
        else:
            base.tell_patient("proposal_declined", appointment, transition)
    return appointment


def withdraw_proposal(*, proposal: Proposal, actor: User) -> Appointment:
    """Whoever proposed a move takes it back. An answer to a request cannot be taken back: decline it instead."""
    with transaction.atomic():
        appointment, proposal, by, now = _open(proposal, actor, by_the_proposer=True)
        if appointment.state not in AGREED_STATES:
            raise NotAllowedNow
        base.close_proposal(proposal, ProposalState.WITHDRAWN, now)
        base.record_step(appointment, appointment.state, event="proposal_withdrawn", by=by, now=now)
    return appointment


def _open(
    proposal: Proposal, actor: User, *, by_the_proposer: bool
) -> tuple[Appointment, Proposal, base.Acting, datetime]:
    """(appointment, proposal, who acts, now): locked, and still waiting for an answer."""
    proposer = Side(proposal.proposed_by)
    by = base.acting_for(proposal.appointment, actor, proposer if by_the_proposer else OTHER_PARTY[proposer])
    appointment = base.lock_appointment(proposal.appointment)
    now = timezone.now()
    proposal = appointment.proposals.select_related("hold", "location", "practitioner").get(pk=proposal.pk)
    if proposal.state_at(now) == ProposalState.EXPIRED:
        raise RequestExpired
    if proposal.state != ProposalState.OPEN:
        raise AlreadyAnswered
    base.check_alive(appointment, now)
    return appointment, proposal, by, now


def _check_patient_free(
    appointment: Appointment, starts_at: datetime, ends_at: datetime, party: Side, now: datetime
) -> None:
    """Nobody is in two visits at once, whoever proposed the time. A provider is not told what the other one is."""
    try:
        base.check_not_doubled(
            appointment.patient_id, appointment.dependant_id, starts_at, ends_at, now, moving=appointment
        )
    except AlreadyRequested as error:
        if party == Side.PROVIDER:
            raise PatientNotFree from error
        raise


def _check_may_move(appointment: Appointment, party: Side, now: datetime) -> None:
    if appointment.starts_at <= now:
        raise AlreadyBegun
    if party == Side.PATIENT and now + base.rules_of(appointment.service).minimum_notice > appointment.starts_at:
        raise TooLateToMove

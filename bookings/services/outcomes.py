"""After the visit: did it take place, do both go on together, is a mediation fee due (Rules 4, point 5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from bookings.enums import AppointmentState as State
from bookings.enums import MediationFee, ProposalState, Side
from bookings.errors import AlreadyAnswered, NotAllowedNow, NotYetOver
from bookings.models import OUTCOMES, Appointment

from . import _base as base

BATCH = 200


def record_outcome(*, appointment: Appointment, came: bool, actor: User, goes_on: bool | None = None) -> Appointment:
    """The provider says, once the visit has begun, whether the patient came; and may say whether they go on.

    The patient is then asked the same question. A visit that did not take place owes no mediation fee.
    """
    by = base.acting_for(appointment, actor, Side.PROVIDER)
    with transaction.atomic():
        appointment = base.lock_appointment(appointment)
        now = timezone.now()
        if appointment.state in OUTCOMES:
            raise AlreadyAnswered
        base.check_alive(appointment, now)
        if appointment.state != State.CONFIRMED:
            raise NotAllowedNow
        if now < appointment.starts_at:
            raise NotYetOver
        base.close_open_proposal(appointment, ProposalState.EXPIRED, now)
        transition = base.move(
            appointment,
            State.COMPLETED if came else State.NO_SHOW,
            event="came" if came else "did_not_come",
            by=by,
            now=now,
            outcome_at=now,
            provider_goes_on=goes_on,
        )
        base.tell_patient("outcome_question", appointment, transition)
        _decide_fee(appointment, now)
    return appointment


def say_goes_on(
    *, appointment: Appointment, goes_on: bool, actor: User, on_behalf_of: Side | None = None
) -> Appointment:
    """One side says whether it wants to go on with the other. It may change its mind until the fee is decided.

    Where the other side's "no" has waived the fee, a first answer is recorded all the same: both were asked.
    """
    by = base.acting_for(appointment, actor, Side.PATIENT, Side.PROVIDER, on_behalf_of=on_behalf_of)
    with transaction.atomic():
        appointment = base.lock_appointment(appointment)
        now = timezone.now()
        if appointment.state not in OUTCOMES:
            raise NotYetOver
        own = "patient_goes_on" if by.party == Side.PATIENT else "provider_goes_on"
        if getattr(appointment, own) == goes_on:
            return appointment
        is_first_after_waiver = appointment.mediation_fee == MediationFee.WAIVED and getattr(appointment, own) is None
        is_decided = appointment.state == State.COMPLETED and appointment.mediation_fee != MediationFee.OPEN
        if is_decided and not is_first_after_waiver:
            raise AlreadyAnswered
        setattr(appointment, own, goes_on)
        appointment.save(update_fields=[own])
        base.record_step(
            appointment,
            appointment.state,
            event="goes_on" if goes_on else "does_not_go_on",
            by=by,
            now=now,
        )
        _decide_fee(appointment, now)
    return appointment


def ask_for_outcomes(*, limit: int = BATCH) -> int:
    """Ask providers, once each, whether the visits that are over took place; how many were asked."""
    now = timezone.now()
    over = Appointment.objects.filter(state=State.CONFIRMED, outcome_asked_at=None, ends_at__lte=now)
    asked = 0
    for appointment in over.order_by("ends_at", "pk")[:limit]:
        with transaction.atomic():
            claimed = Appointment.objects.filter(pk=appointment.pk, state=State.CONFIRMED, outcome_asked_at=None)
            if claimed.update(outcome_asked_at=now):
                base.tell("provider_outcome_question", appointment, Side.PROVIDER, str(appointment.sequence))
                asked += 1
    return asked


def decide_open_mediation_fees(*, limit: int = BATCH) -> int:
    """Decide where one side has not answered in time; silence is no wish to stop. How many were decided."""
    now = timezone.now()
    since = now - timedelta(days=settings.MEDIATION_ANSWER_DAYS)
    rows = Appointment.objects.filter(mediation_fee=MediationFee.OPEN, outcome_at__lte=since)
    decided = 0
    for appointment in rows.order_by("outcome_at", "pk")[:limit]:
        with transaction.atomic():
            decided += _decide_fee(base.lock_appointment(appointment), timezone.now())
    return decided


def _decide_fee(appointment: Appointment, now: datetime) -> bool:
    """Whether the fee is due or waived, as soon as that is certain; recorded with its reason.

    Due: the visit took place, and either both want to go on, or the time to answer is over and nobody said no.
    The amount is the rate of the provider's contract on the fee of the visit, rounded half up; at a rate of 0
    nothing can fall due.
    """
    if appointment.mediation_fee != MediationFee.OPEN or appointment.outcome_at is None:
        return False
    answers = (appointment.patient_goes_on, appointment.provider_goes_on)
    in_time = now < appointment.outcome_at + timedelta(days=settings.MEDIATION_ANSWER_DAYS)
    amount = (appointment.fee_minor * appointment.provider.mediation_fee_bp + 5_000) // 10_000
    if appointment.state == State.NO_SHOW:
        decision, reason = MediationFee.WAIVED, "the visit did not take place"
    elif False in answers:
        decision, reason = MediationFee.WAIVED, "one side does not go on"
    elif None in answers and in_time:
        return False
    elif amount == 0:
        decision, reason = MediationFee.WAIVED, "the contract asks for nothing"
    else:
        decision, reason = MediationFee.DUE, "the visit took place and nobody wants to stop"
    appointment.mediation_fee = decision
    appointment.mediation_fee_minor = amount if decision == MediationFee.DUE else 0
    appointment.save(update_fields=["mediation_fee", "mediation_fee_minor"])
    base.record_step(
        appointment,
        appointment.state,
        event=f"mediation_fee_{decision}",
        by=base.CLOCK,
        now=now,
        reason=reason,
    )
    return True

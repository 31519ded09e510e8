"""Accept, decline, withdraw, cancel."""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from bookings.enums import AppointmentState as State
from bookings.enums import ProposalState, Side
from bookings.errors import AlreadyAnswered, AlreadyBegun, NotAllowedNow, RequestExpired
from bookings.models import Appointment

from . import _base as base

REQUEST_STATES = (State.REQUESTED, State.PROPOSED)
AGREED_STATES = (State.ACCEPTED, State.CONFIRMED)


def accept_request(*, appointment: Appointment, actor: User) -> Appointment:
    """The provider accepts the time that was asked for: confirmed, or accepted where something is to be paid.

    A second answer raises `AlreadyAnswered`, one after the time to answer `RequestExpired`.
    """
    by = base.acting_for(appointment, actor, Side.PROVIDER)
    with transaction.atomic():
        appointment = base.lock_appointment(appointment)
        now = timezone.now()
        if appointment.state_at(now) != State.REQUESTED:
            _refuse_answer(appointment, now)
        owes = appointment.amount_due_minor > 0
        expires_at = base.deadline(now, settings.PAYMENT_HOURS, appointment.starts_at) if owes else None
        transition = base.move(
            appointment,
            State.ACCEPTED if owes else State.CONFIRMED,
            event="accepted",
            by=by,
            now=now,
            expires_at=expires_at,
        )
        base.keep_until(appointment, expires_at)
        base.say_agreed(appointment, transition, now)
    return appointment


def decline_request(*, appointment: Appointment, actor: User, reason: str = "") -> Appointment:
    """The provider declines a request; the time is free at once and the patient is shown other times."""
    return decline_as(base.acting_for(appointment, actor, Side.PROVIDER), appointment, reason=reason)


def decline_as(by: base.Acting, appointment: Appointment, *, reason: str = "", event: str = "declined") -> Appointment:
    """The same where the right to do it was looked at before; `event` is what history and message call it."""
    with transaction.atomic():
        appointment = base.lock_appointment(appointment)
        now = timezone.now()
        if appointment.state_at(now) not in REQUEST_STATES:
            _refuse_answer(appointment, now)
        base.close_open_proposal(appointment, ProposalState.WITHDRAWN, now)
        base.release_time(appointment, now)
        transition = base.move(appointment, State.DECLINED, event=event, by=by, now=now, reason=reason)
        base.tell_patient("declined", appointment, transition)
    return appointment


def withdraw_request(*, appointment: Appointment, actor: User, reason: str = "") -> Appointment:
    """The patient takes a request back before it is agreed; the time is free at once."""
    return withdraw_as(base.acting_for(appointment, actor, Side.PATIENT), appointment, reason=reason)


def withdraw_as(by: base.Acting, appointment: Appointment, *, reason: str = "") -> Appointment:
    """The same where the right to do it was looked at before."""
    with transaction.atomic():
        appointment = base.lock_appointment(appointment)
        now = timezone.now()
        if appointment.state_at(now) not in REQUEST_STATES:
            _refuse_answer(appointment, now)
        base.close_open_proposal(appointment, ProposalState.DECLINED, now)
        base.release_time(appointment, now)
        transition = base.move(appointment, State.WITHDRAWN, event="withdrawn", by=by, now=now, reason=reason)
        base.tell_provider("withdrawn", appointment, transition)
    return appointment


def cancel_appointment(
    *, appointment: Appointment, actor: User, on_behalf_of: Side | None = None, reason: str = ""
) -> Appointment:
    """Either side cancels what was agreed, before it begins; the time is free at once, both are told."""
    by = base.acting_for(appointment, actor, Side.PATIENT, Side.PROVIDER, on_behalf_of=on_behalf_of)
    return cancel_as(by, appointment, reason=reason)


def cancel_as(by: base.Acting, appointment: Appointment, *, reason: str = "", event: str = "cancelled") -> Appointment:
    """The same where the right to do it was looked at before; `event` is what history and messages call it."""
    with transaction.atomic():
        appointment = base.lock_appointment(appointment)
        now = timezone.now()
        base.check_alive(appointment, now)
        if appointment.state not in AGREED_STATES:
            raise NotAllowedNow
        if appointment.starts_at <= now:
            raise AlreadyBegun
        base.close_open_proposal(appointment, ProposalState.WITHDRAWN, now)
        base.release_time(appointment, now)
        transition = base.move(
            appointment,
            State.CANCELLED,
            event=event,
            by=by,
            now=now,
            reason=reason,
            sequence=appointment.sequence + 1,
        )
        base.tell_both("cancelled", appointment, transition)
    return appointment


def _refuse_answer(appointment: Appointment, now: datetime) -> NoReturn:
    """Say why a request cannot be answered: its time has run out, or it was answered before."""
    if appointment.state_at(now) == State.EXPIRED:
        raise RequestExpired
    raise AlreadyAnswered

"""A patient asks for a slot."""

from __future__ import annotations

import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.ages import is_adult
from accounts.enums import DependantState
from accounts.models import Dependant, PatientProfile, User
from bookings.enums import AppointmentState as State
from bookings.enums import Side
from bookings.errors import (
    AlreadyRequested,
    DependantNotApproved,
    EmailNotVerified,
    NotBookable,
    NotYours,
    PatientNotAdult,
    PatientProfileMissing,
    SlotTaken,
    TooManyRequests,
)
from bookings.models import WAITING_STATES, Appointment
from bookings.slots import Slot
from providers.models import Service

from . import _base as base
from .expiry import release_run_out


def request_appointment(
    *,
    slot: Slot,
    patient: User,
    actor: User,
    dependant: Dependant | None = None,
    subject: str = "",
    request_key: str = "",
    address: str = "",
) -> Appointment:
    """Keep a slot for a patient, or for a dependant, until the provider answers (Rules 4).

    The same `request_key` (one per form shown) gives the same appointment, however often it is posted. Where
    the service confirms at once, request and acceptance are one step. `address` is where the request came
    from; it only limits how many there are a day. Raises what `bookings.errors` lists, `SlotTaken` for all
    but one of those who ask for overlapping times of one practitioner; whoever loses has written nothing.
    """
    if actor.pk != patient.pk and not actor.is_careteam:
        raise NotYours
    key = _stored_key(patient, request_key)
    earlier = _made_with(key)
    if earlier is not None:
        return earlier
    now = timezone.now()
    service = Service.objects.select_related("provider").filter(pk=slot.service_id).first()
    if service is None:
        raise NotBookable
    _check_person(patient, dependant, now)
    try:
        _check_not_doubled(patient, dependant, service, slot, now)
        people = base.candidates(service, slot)
        base.look_before_locking(service, slot, people, now)
    except (AlreadyRequested, SlotTaken):
        # The other click of a double click may have been served since the key was looked up.
        if (earlier := _made_with(key)) is not None:
            return earlier
        raise
    with transaction.atomic():
        base.lock_patient(patient)
        earlier = _made_with(key)
        if earlier is not None:
            return earlier
        base.lock_practitioners(people)
        now = timezone.now()
        origin = _origin(address, now)
        _check_limits(patient, origin, now)
        _check_not_doubled(patient, dependant, service, slot, now)
        kept = base.rules_of(service).kept(slot.starts_at)
        release_run_out(practitioner_ids=people, starts_at=kept.start, ends_at=kept.end, now=now)
        practitioner_id = base.first_free(service, slot, people, now)
        due = base.due_before_confirmation(service)
        state = State.REQUESTED
        expires_at = base.deadline(now, settings.REQUEST_ANSWER_HOURS, slot.starts_at)
        appointment = Appointment.objects.create(
            patient=patient,
            dependant=dependant,
            provider_id=service.provider_id,
            practitioner_id=practitioner_id,
            service=service,
            location_id=slot.location_id,
            starts_at=slot.starts_at,
            ends_at=slot.starts_at + base.rules_of(service).duration,
            state=state,
            expires_at=expires_at,
            subject=subject,
            requested_by=actor,
            fee_minor=service.fee_minor,
            currency=service.currency,
            amount_due_minor=due,
            request_key=key,
            origin=origin,
            created_at=now,
        )
        base.keep_time(appointment, service, practitioner_id, slot.starts_at, expires_at)
        by = base.acting_for(appointment, actor, Side.PATIENT)
        transition = base.record_step(appointment, "", event="requested", by=by, now=now)
        if service.instant_confirmation:
            _accept_at_once(appointment, now)
        else:
            base.tell_both("request_received", appointment, transition)
    return appointment


def _accept_at_once(appointment: Appointment, now: datetime) -> None:
    """The provider said beforehand that requests of this service need no answer (Rules 4, point 2)."""
    owes = appointment.amount_due_minor > 0
    expires_at = base.deadline(now, settings.PAYMENT_HOURS, appointment.starts_at) if owes else None
    transition = base.move(
        appointment,
        State.ACCEPTED if owes else State.CONFIRMED,
        event="accepted_at_once",
        by=base.Acting(Side.PROVIDER, None, Side.PROVIDER),
        now=now,
        expires_at=expires_at,
    )
    base.keep_until(appointment, expires_at)
    base.say_agreed(appointment, transition, now)
    if owes:
        base.tell_provider("request_received", appointment, transition)


def _stored_key(patient: User, request_key: str) -> str | None:
    """Keys are the patient's own: that of somebody else finds nothing."""
    if not request_key:
        return None
    return hashlib.sha256(f"{patient.pk}:{request_key}".encode()).hexdigest()


def _made_with(key: str | None) -> Appointment | None:
    return Appointment.objects.filter(request_key=key).first() if key else None


def _origin(address: str, now: datetime) -> str:
    if not address:
        return ""
    return salted_hmac("bookings.origin", f"{now:%Y-%m-%d} {address}", algorithm="sha256").hexdigest()[:32]


def _check_person(patient: User, dependant: Dependant | None, now: datetime) -> None:
    profile = PatientProfile.objects.filter(user_id=patient.pk).first()
    if profile is None:
        raise PatientProfileMissing
    today = now.astimezone(ZoneInfo(patient.time_zone)).date()
    if not is_adult(profile.date_of_birth, today, adult_age=settings.ADULT_AGE):
        raise PatientNotAdult
    if not EmailAddress.objects.filter(user_id=patient.pk, verified=True).exists():
        raise EmailNotVerified
    if dependant is not None:
        # Read again: careteam may have decided since the page was shown.
        row = Dependant.objects.filter(pk=dependant.pk, representative_id=patient.pk).first()
        if row is None:
            raise NotYours
        if row.state != DependantState.APPROVED:
            raise DependantNotApproved


def _check_limits(patient: User, origin: str, now: datetime) -> None:
    waiting = Appointment.objects.of_patient(patient).alive(now).filter(state__in=WAITING_STATES)
    if waiting.count() >= settings.MAX_OPEN_REQUESTS_PER_PATIENT:
        raise TooManyRequests
    if origin and Appointment.objects.filter(origin=origin).count() >= settings.MAX_REQUESTS_PER_ADDRESS_PER_DAY:
        raise TooManyRequests


def _check_not_doubled(patient: User, dependant: Dependant | None, service: Service, slot: Slot, now: datetime) -> None:
    ends_at = slot.starts_at + base.rules_of(service).duration
    base.check_not_doubled(patient.pk, dependant.pk if dependant else None, slot.starts_at, ends_at, now)

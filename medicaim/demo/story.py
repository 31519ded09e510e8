"""Demonstration appointments in every state.

What lies ahead goes through the real services, so that its holds, history and messages are true. What lies
behind cannot be requested any more: those rows are written as the services would have left them.
"""

import random
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from bookings import services
from bookings.enums import AppointmentState as State
from bookings.enums import MediationFee, Side
from bookings.models import OUTCOMES, Appointment, AppointmentTransition, SlotHold
from bookings.queries import free_slots
from bookings.slots import Slot
from medicaim.common.ids import new_public_id
from providers.enums import DepositKind
from providers.models import Membership, Provider, Service

SUBJECTS = (
    "Pain in the right knee since the spring; I would like to know what can be done.",
    "A second look at my last examination, and what to expect of the operation.",
    "Je souhaite un avis avant de décider, et savoir combien de jours rester sur place.",
    "First visit. I can bring my earlier reports in English.",
)
#: What becomes of each request that lies ahead, in turn.
AHEAD = (
    "requested", "confirmed", "proposed", "confirmed", "declined", "withdrawn", "cancelled", "requested", "moved",
    "confirmed", "accepted",
)  # fmt: skip
#: How visits that lie behind ended: event, state.
BEHIND = (
    ("came", State.COMPLETED),
    ("did_not_come", State.NO_SHOW),
    ("expired", State.EXPIRED),
    ("came", State.COMPLETED),
)


def create_appointments(*, users: dict[str, User], seed: int, now: datetime) -> int:
    """Make appointments for every demonstration patient; the provider of `owner` has some of each state."""
    rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
    own = Membership.objects.get(user=users["owner"]).provider
    others = list(Provider.objects.public().exclude(pk=own.pk).order_by("pk")[:40]) or [own]
    owner_of = {own.pk: users["owner"]}
    patients = [user for name, user in users.items() if name.startswith("patient")]
    made = 0
    for number in range(len(patients) * 4):
        patient = patients[number % len(patients)]
        provider = own if number % 2 == 0 else rng.choice(others)
        outcome = AHEAD[number % len(AHEAD)]
        wants_deposit = outcome == "accepted"
        service = _service_of(provider if not wants_deposit else None, wants_deposit=wants_deposit)
        if service is not None:
            actor = owner_of.get(service.provider_id, users["careteam"])
            made += _ahead(patient, service, actor, outcome, number, rng, now)
        if number < len(patients) * 2:
            service = _service_of(provider, wants_deposit=False)
            if service is not None:
                made += _behind(patient, service, number, rng, now)
    return made


def _service_of(provider: Provider | None, *, wants_deposit: bool) -> Service | None:
    services_ = Service.objects.filter(is_published=True, instant_confirmation=False).order_by("pk")
    if provider is not None:
        services_ = services_.filter(provider=provider)
    if wants_deposit:
        return services_.exclude(deposit_kind=DepositKind.NONE).first()
    return services_.filter(deposit_kind=DepositKind.NONE).first()


def _pick(patient: User, service: Service, rng: random.Random, now: datetime, *, after_days: int) -> Slot | None:
    """A time at which the service is free, and so is the patient."""
    slots = free_slots(
        service=service,
        from_at=now + timedelta(days=after_days),
        until_at=now + timedelta(days=after_days + 14),
        now=now,
    )
    length = timedelta(minutes=service.duration)
    taken = list(Appointment.objects.of_patient(patient).alive(now).values_list("starts_at", "ends_at"))
    slots = [
        slot for slot in slots
        if not any(starts < slot.starts_at + length and slot.starts_at < ends for starts, ends in taken)
    ]  # fmt: skip
    return rng.choice(slots) if slots else None


def _ahead(
    patient: User, service: Service, actor: User, outcome: str, number: int, rng: random.Random, now: datetime
) -> int:
    slot = _pick(patient, service, rng, now, after_days=3 + number % 25)
    if slot is None:
        return 0
    appointment = services.request_appointment(
        slot=slot,
        patient=patient,
        dependant=None,
        subject=SUBJECTS[number % len(SUBJECTS)],
        request_key=new_public_id(),
        address=f"192.0.2.{1 + number}",
        actor=patient,
    )
    if outcome in ("confirmed", "cancelled", "moved", "accepted"):
        services.accept_request(appointment=appointment, actor=actor)
        appointment.refresh_from_db()
    if outcome == "declined":
        services.decline_request(appointment=appointment, reason="This is better seen by a colleague.", actor=actor)
    elif outcome == "withdrawn":
        services.withdraw_request(appointment=appointment, actor=patient)
    elif outcome == "cancelled":
        services.cancel_appointment(appointment=appointment, reason="I cannot travel that week.", actor=patient)
    elif outcome in ("proposed", "moved"):
        other = _pick(patient, service, rng, now, after_days=10 + number % 20)
        if other is not None:
            by = actor if outcome == "proposed" else patient
            services.propose_slot(appointment=appointment, slot=other, note="Would this suit you better?", actor=by)
    return 1


@transaction.atomic
def _behind(patient: User, service: Service, number: int, rng: random.Random, now: datetime) -> int:
    event, state = BEHIND[number % len(BEHIND)]
    practitioner = service.practitioners.order_by("pk")[0]
    starts_at = (now - timedelta(days=8 + number * 3)).replace(hour=9 + number % 6, minute=0, second=0, microsecond=0)
    ends_at = starts_at + timedelta(minutes=service.duration)
    if SlotHold.objects.filter(
        practitioner=practitioner, released_at=None, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).exists():
        return 0
    appointment = Appointment.objects.create(
        patient=patient,
        provider=service.provider,
        practitioner=practitioner,
        service=service,
        location=service.locations.order_by("pk")[0],
        starts_at=starts_at,
        ends_at=ends_at,
        state=state,
        subject=SUBJECTS[number % len(SUBJECTS)],
        requested_by=patient,
        fee_minor=service.fee_minor,
        currency=service.currency,
        sequence=1,
        outcome_at=ends_at if state in OUTCOMES else None,
        outcome_asked_at=ends_at if state in OUTCOMES else None,
        patient_goes_on=True if state == State.COMPLETED and number % 2 else None,
        mediation_fee=MediationFee.WAIVED if state != State.COMPLETED else MediationFee.OPEN,
    )
    steps = [("requested", "", State.REQUESTED, Side.PATIENT, patient, starts_at - timedelta(days=12))]
    if state == State.EXPIRED:
        steps.append((event, State.REQUESTED, state, Side.CLOCK, None, starts_at - timedelta(days=10)))
    else:
        steps.append(
            ("accepted", State.REQUESTED, State.CONFIRMED, Side.PROVIDER, None, starts_at - timedelta(days=11))
        )
        steps.append((event, State.CONFIRMED, state, Side.PROVIDER, None, ends_at))
        SlotHold.objects.create(
            appointment=appointment, practitioner=practitioner, starts_at=starts_at, ends_at=ends_at
        )
    AppointmentTransition.objects.bulk_create(
        AppointmentTransition(
            appointment=appointment, at=at, event=name, from_state=before, to_state=after, side=side, actor=by,
            starts_at=starts_at,
        )
        for name, before, after, side, by, at in steps
    )  # fmt: skip
    return 1

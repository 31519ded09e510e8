"""What all steps share: who acts, which rows are locked, how a state moves, who is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.models import PatientProfile, User
from bookings.availability import is_bookable
from bookings.enums import AppointmentState as State
from bookings.enums import ProposalState, Side
from bookings.errors import (
    AlreadyRequested,
    NotAllowedNow,
    NotBookable,
    NotYours,
    PartyMissing,
    RequestExpired,
    SlotTaken,
)
from bookings.models import (
    ALLOWED,
    OPEN_STATES,
    WAITING_STATES,
    Appointment,
    AppointmentTransition,
    Proposal,
    SlotHold,
)
from bookings.queries import Calendars, rules_of
from medicaim.common.money import Money
from medicaim.common.tasks import enqueue
from medicaim.notifications.services import queue_for_user
from providers.enums import MemberRole
from providers.models import Membership, Practitioner, Provider, Service

if TYPE_CHECKING:
    from bookings.slots import Slot

#: Who of a provider handles appointments and hears of them; an editor looks after the page.
HANDLING_ROLES = (MemberRole.OWNER, MemberRole.RECEPTION)


# --- Who acts -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Acting:
    """Who takes a step: the side that is recorded, the person, and the party for which it is taken."""

    side: Side
    actor: User | None
    party: Side


CLOCK = Acting(Side.CLOCK, None, Side.CLOCK)


def acting_for(appointment: Appointment, actor: User, *parties: Side, on_behalf_of: Side | None = None) -> Acting:
    """For which of the parties that may take this step the actor takes it; `NotYours` where for none of them.

    Careteam is recorded as careteam, and says on whose behalf it acts; where only one party may take the step,
    that is said already.
    """
    if Side.PATIENT in parties and actor.pk == appointment.patient_id:
        return Acting(Side.PATIENT, actor, Side.PATIENT)
    if (
        Side.PROVIDER in parties
        and Membership.objects.filter(
            user_id=actor.pk, provider_id=appointment.provider_id, role__in=HANDLING_ROLES
        ).exists()
    ):
        return Acting(Side.PROVIDER, actor, Side.PROVIDER)
    if not actor.is_careteam:
        raise NotYours
    party = parties[0] if on_behalf_of is None and len(parties) == 1 else on_behalf_of
    if party not in parties:
        raise PartyMissing
    return Acting(Side.CARETEAM, actor, party)


# --- Locks: patient -> practitioners -> appointments, each by key (docs/locking.md) ---------------


def lock_patient(patient: User) -> PatientProfile | None:
    """Requests of one patient one after the other: limits and overlaps of a person are looked at under it."""
    return PatientProfile.objects.select_for_update(of=("self",), no_key=True).filter(user_id=patient.pk).first()


def check_not_doubled(
    patient_id: int,
    dependant_id: int | None,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    *,
    moving: Appointment | None = None,
) -> None:
    """Nobody is in two visits at once: neither the patient nor one dependant. The one that moves leaves its place."""
    person = Q(dependant=None) if dependant_id is None else Q(dependant_id=dependant_id)
    rows = Appointment.objects.alive(now).filter(person, patient_id=patient_id)
    if moving is not None:
        rows = rows.exclude(pk=moving.pk)
    other = rows.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).order_by("starts_at", "pk").first()
    if other is not None:
        raise AlreadyRequested(other)


def lock_practitioners(practitioner_ids: Iterable[int]) -> None:
    """Whoever takes time of practitioners locks their rows first, in the order of their keys."""
    rows = Practitioner.objects.filter(pk__in=set(practitioner_ids)).order_by("pk")
    list(rows.select_for_update(of=("self",), no_key=True).values_list("pk"))


def lock_appointment(appointment: Appointment, *, practitioner_ids: Iterable[int] = ()) -> Appointment:
    """The appointment as it is now, locked, after the practitioners whose time it keeps and those named."""
    holds = SlotHold.objects.filter(appointment_id=appointment.pk, released_at=None)
    lock_practitioners(
        {appointment.practitioner_id, *practitioner_ids, *holds.values_list("practitioner_id", flat=True)}
    )
    rows = Appointment.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("patient", "provider", "service", "location").get(pk=appointment.pk)


def check_alive(appointment: Appointment, now: datetime) -> None:
    """A waiting state whose time has run out answers nothing any more, whether or not a worker has noticed."""
    if appointment.state_at(now) == State.EXPIRED:
        raise RequestExpired
    if appointment.state not in OPEN_STATES:
        raise NotAllowedNow


# --- Time that is kept ----------------------------------------------------------------------------


def deadline(now: datetime, hours: int, *limits: datetime | None) -> datetime:
    """`hours` from now, but never beyond any of the limits (the start of the visit)."""
    return min([now + timedelta(hours=hours), *[limit for limit in limits if limit is not None]])


def candidates(service: Service, slot: Slot) -> list[int]:
    """The practitioners who could take a slot, by key; `NotBookable` where it names nothing that is offered."""
    calendars = Calendars.read(
        services=[service],
        practitioner_id=slot.practitioner_id,
        pairs=[(slot.service_id, slot.location_id)],
        with_hours=False,
    )
    people = calendars.seats.get((slot.service_id, slot.location_id), [])
    if not people:
        raise NotBookable
    return sorted(people)


def look_before_locking(service: Service, slot: Slot, people: list[int], now: datetime) -> None:
    """Cheap and without a lock: where every candidate is taken, the loser of a race need not queue for it."""
    kept = rules_of(service).kept(slot.starts_at)
    holds = SlotHold.objects.counting(now).overlapping(*kept).filter(practitioner_id__in=people)
    if set(holds.values_list("practitioner_id", flat=True)) >= set(people):
        raise SlotTaken


def first_free(
    service: Service, slot: Slot, people: list[int], now: datetime, *, moving: Appointment | None = None
) -> int:
    """The first of the (locked) candidates whose calendar offers the slot, by the code that offers it.

    `SlotTaken` where an appointment is in the way, `NotBookable` where the time is not offered at all. What the
    appointment that is moved keeps itself is not in its way.
    """
    pair = (slot.service_id, slot.location_id)
    calendars = Calendars.read(
        services=[service],
        practitioner_id=slot.practitioner_id,
        pairs=[pair],
        moving=moving.pk if moving else None,
    )
    rules = rules_of(service)
    busy = calendars.busy(from_at=slot.starts_at, until_at=slot.starts_at, now=now)
    offered_otherwise = False
    for person in calendars.seats.get(pair, []):
        if person not in people:
            continue
        hours = calendars.hours(pair, person)
        if is_bookable(slot.starts_at, hours=hours, busy=busy[person], rules=rules, now=now):
            return person
        offered_otherwise |= is_bookable(slot.starts_at, hours=hours, busy=(), rules=rules, now=now)
    raise SlotTaken if offered_otherwise else NotBookable


def keep_time(
    appointment: Appointment, service: Service, practitioner_id: int, starts_at: datetime, expires_at: datetime | None
) -> SlotHold:
    """Keep the time of a visit, with the buffers of its service. The database refuses an overlap: `SlotTaken`."""
    kept = rules_of(service).kept(starts_at)
    try:
        with transaction.atomic():
            return SlotHold.objects.create(
                appointment=appointment,
                practitioner_id=practitioner_id,
                starts_at=kept.start,
                ends_at=kept.end,
                expires_at=expires_at,
            )
    except IntegrityError as error:
        if "bookings_slothold_no_overlap" in str(error):
            raise SlotTaken from error
        raise


def keep_until(appointment: Appointment, expires_at: datetime | None) -> None:
    """The appointment's own time is kept until then, or for good; that of an open proposal has its own end."""
    holds = SlotHold.objects.filter(appointment=appointment, released_at=None)
    holds.exclude(proposal__state=ProposalState.OPEN).update(expires_at=expires_at)


def release_time(appointment: Appointment, now: datetime, *, but: SlotHold | None = None) -> None:
    """Free at once what is kept for the appointment, all of it or all but one hold."""
    holds = SlotHold.objects.filter(appointment=appointment, released_at=None)
    if but is not None:
        holds = holds.exclude(pk=but.pk)
    holds.update(released_at=now)


def close_proposal(proposal: Proposal, state: ProposalState, now: datetime) -> None:
    """A proposal that leads to nothing: its time is free at once."""
    proposal.state, proposal.answered_at = state, now
    proposal.save(update_fields=["state", "answered_at"])
    SlotHold.objects.filter(pk=proposal.hold_id, released_at=None).update(released_at=now)


def close_open_proposal(appointment: Appointment, state: ProposalState, now: datetime) -> None:
    for proposal in appointment.proposals.filter(state=ProposalState.OPEN):
        close_proposal(proposal, state, now)


# --- One step -------------------------------------------------------------------------------------


def move(
    appointment: Appointment,
    to: str,
    *,
    event: str,
    by: Acting,
    now: datetime,
    reason: str = "",
    **changes: Any,
) -> AppointmentTransition:
    """The one way in which a (locked) appointment changes: checked, written field by field, recorded.

    A step that leads from a state to the same one (a move in time) is always in the table. `expires_at` is
    emptied where the new state does not wait.
    """
    before = appointment.state
    if to != before and to not in ALLOWED[before]:
        raise NotAllowedNow
    if to not in WAITING_STATES:
        changes["expires_at"] = None
    if reason:
        changes["reason"] = reason
    changes["state"] = to
    for name, value in changes.items():
        setattr(appointment, name, value)
    appointment.save(update_fields=list(changes))
    return record_step(appointment, before, event=event, by=by, now=now, reason=reason)


def record_step(
    appointment: Appointment,
    before: str,
    *,
    event: str,
    by: Acting,
    now: datetime,
    reason: str = "",
) -> AppointmentTransition:
    """Add one line to the history, and have search look again at what is free."""
    transition = AppointmentTransition.objects.create(
        appointment=appointment,
        at=now,
        event=event,
        from_state=before,
        to_state=appointment.state,
        side=by.side,
        actor=by.actor,
        on_behalf_of=by.party if by.side == Side.CARETEAM else "",
        starts_at=appointment.starts_at,
        reason=reason,
    )
    _mark_search_stale(appointment.provider_id, now)
    return transition


def _mark_search_stale(provider_id: int, now: datetime) -> None:
    """Have search look again, without ever waiting for the provider's row.

    Whoever edits a provider locks its row before those of its practitioners; waiting for it here, with a
    practitioner locked, could be a deadlock. A row that is locked is being marked by somebody else, and the
    wake-up after this commit looks in any case.
    """
    row = Provider.objects.filter(pk=provider_id).select_for_update(of=("self",), no_key=True, skip_locked=True)
    if row.values_list("pk").first() is not None:
        Provider.objects.filter(pk=provider_id).update(search_stale_since=now)
    enqueue("bookings.tasks.refresh_availability", provider_id)


def due_before_confirmation(service: Service) -> int:
    """The seam where the deposit will stand: what the service asks for before it is confirmed, in minor units."""
    return service.deposit_minor


def what_is_due(appointment: Appointment) -> Money:
    """What has to be paid before the appointment is confirmed; nothing once it is, or where no deposit is asked."""
    if appointment.state == State.ACCEPTED:
        return appointment.amount_due
    return Money(0, appointment.currency)


# --- Who is told ----------------------------------------------------------------------------------


def tell(
    event: str, appointment: Appointment, audience: Side, occurrence: str, send_after: datetime | None = None
) -> None:
    """Queue one message to the patient, or to everybody who handles appointments of the provider."""
    if audience == Side.PATIENT:
        recipients = [appointment.patient]
    else:
        handling = Membership.objects.filter(provider_id=appointment.provider_id, role__in=HANDLING_ROLES)
        recipients = [row.user for row in handling.select_related("user").order_by("pk") if row.user.is_active]
    for recipient in recipients:
        queue_for_user(
            event=f"bookings.{event}",
            object_id=appointment.pk,
            recipient=recipient,
            occurrence=occurrence,
            send_after=send_after,
        )


def tell_patient(event: str, appointment: Appointment, transition: AppointmentTransition) -> None:
    tell(f"patient_{event}", appointment, Side.PATIENT, str(transition.pk))


def tell_provider(event: str, appointment: Appointment, transition: AppointmentTransition) -> None:
    tell(f"provider_{event}", appointment, Side.PROVIDER, str(transition.pk))


def tell_both(event: str, appointment: Appointment, transition: AppointmentTransition) -> None:
    tell_patient(event, appointment, transition)
    tell_provider(event, appointment, transition)


def queue_reminders(appointment: Appointment, now: datetime) -> None:
    """Reminders of a confirmed visit. Each knows the sequence it was written for: after a move it is stale."""
    for hours in settings.REMINDER_HOURS_BEFORE:
        at = appointment.starts_at - timedelta(hours=hours)
        if at > now:
            tell("patient_reminder", appointment, Side.PATIENT, f"{hours}h-{appointment.sequence}", at)


def queue_payment_reminder(appointment: Appointment, transition: AppointmentTransition, now: datetime) -> None:
    """Before an accepted appointment runs out unpaid."""
    if appointment.expires_at is None:
        return
    at = appointment.expires_at - timedelta(hours=settings.PAYMENT_REMINDER_HOURS_BEFORE)
    if at > now:
        tell("patient_payment_reminder", appointment, Side.PATIENT, str(transition.pk), at)


def say_agreed(appointment: Appointment, transition: AppointmentTransition, now: datetime) -> None:
    """Both sides agreed on a request: confirmed, or accepted and to be paid."""
    if appointment.state == State.CONFIRMED:
        tell_both("confirmed", appointment, transition)
        queue_reminders(appointment, now)
    else:
        tell_patient("request_accepted", appointment, transition)
        queue_payment_reminder(appointment, transition, now)

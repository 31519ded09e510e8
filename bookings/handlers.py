"""What the messages of this app say, read at the moment of sending.

A builder reads its appointment again and answers None where the message is no longer true: then it is never
sent. The person's language and time zone are active while it runs. What a message may contain:

- its subject, and an SMS as a whole: that there is an appointment, its state, time and link. No name of a
  provider, service or place: any of them can be a health word (Rules 4, point 4);
- to the patient, the body of an e-mail: the provider's and the practitioner's name, time, place, fee. Not the
  service, not the subject of the request, not what people wrote to each other: that stands on the page;
- to the provider: time and place. Not who the patient is: that stands on the page too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.hooks import after_closing
from medicaim.notifications.enums import Channel
from medicaim.notifications.models import Message
from medicaim.notifications.registry import Attachment, Content, register
from providers import hooks as provider_hooks

from . import ics, queries
from .calendars import GONE, IN_CALENDAR, page_url, place_of, visit_of
from .consequences import what_it_means
from .enums import PROVIDER_ENDED, Side
from .enums import AppointmentState as State
from .models import OPEN_STATES, Appointment, AppointmentTransition

#: Whether a message is still true: of the appointment, its message and the clock.
Truth = Callable[[Appointment, Message, datetime], bool]


def in_states(*states: str) -> Truth:
    """True while the appointment is in one of these states."""
    return lambda appointment, message, now: appointment.state_at(now) in states


def time_stands(appointment: Appointment, message: Message, now: datetime) -> bool:
    """A move is told while its time is the one that counts: a later move tells its own."""
    if appointment.state_at(now) not in (State.ACCEPTED, State.CONFIRMED):
        return False
    step = step_of(message)
    return step is None or step.starts_at == appointment.starts_at


def proposal_waits(appointment: Appointment, message: Message, now: datetime) -> bool:
    """An offer of another time is told while it waits for this side's answer, and no newer one took its place."""
    proposal = queries.open_proposal(appointment=appointment, now=now)
    if proposal is None or appointment.state_at(now) not in OPEN_STATES:
        return False
    by_patient = proposal.proposed_by == Side.PATIENT
    if by_patient != message.event.startswith("bookings.provider_"):
        return False
    step = step_of(message)
    return step is None or step.at <= proposal.created_at or not _has_later(step)


def answer_stands(appointment: Appointment, message: Message, now: datetime) -> bool:
    """That an offer was declined is told while nothing newer happened to the appointment."""
    step = step_of(message)
    return step is None or not _has_later(step)


def still_ahead(appointment: Appointment, message: Message, now: datetime) -> bool:
    """A reminder is true for the time it was written for: `occurrence` is "<hours>h-<sequence>"."""
    sequence = message.occurrence.rpartition("-")[2]
    return (
        appointment.state_at(now) == State.CONFIRMED
        and appointment.starts_at > now
        and sequence == str(appointment.sequence)
    )


def outcome_unknown(appointment: Appointment, message: Message, now: datetime) -> bool:
    """The provider is asked until the outcome and the wish to go on are both known."""
    if appointment.state_at(now) == State.CONFIRMED:
        return appointment.starts_at <= now
    return appointment.state in (State.COMPLETED, State.NO_SHOW) and appointment.provider_goes_on is None


def patient_not_heard(appointment: Appointment, message: Message, now: datetime) -> bool:
    """The patient is asked after the visit, until there is an answer."""
    over = appointment.state in (State.COMPLETED, State.NO_SHOW) or (
        appointment.state == State.CONFIRMED and appointment.starts_at <= now
    )
    return over and appointment.patient_goes_on is None


def step_of(message: Message) -> AppointmentTransition | None:
    """The step in the appointment's life that the message tells of; its key is the message's occurrence."""
    if not message.occurrence.isdigit():
        return None
    return AppointmentTransition.objects.filter(pk=int(message.occurrence), appointment=message.object_id).first()


def _has_later(step: AppointmentTransition) -> bool:
    return AppointmentTransition.objects.filter(appointment=step.appointment_id, pk__gt=step.pk).exists()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message: to which side, when it is true, whether a calendar entry goes with it."""

    side: str
    is_true: Truth
    has_calendar: bool = False


PATIENT, PROVIDER = Side.PATIENT, Side.PROVIDER
KINDS: dict[str, Kind] = {
    "patient_request_received": Kind(PATIENT, in_states(State.REQUESTED)),
    "provider_request_received": Kind(PROVIDER, in_states(State.REQUESTED, State.ACCEPTED)),
    "patient_request_accepted": Kind(PATIENT, in_states(State.ACCEPTED), has_calendar=True),
    "patient_confirmed": Kind(PATIENT, in_states(State.CONFIRMED), has_calendar=True),
    "provider_confirmed": Kind(PROVIDER, in_states(State.CONFIRMED), has_calendar=True),
    "patient_declined": Kind(PATIENT, in_states(State.DECLINED)),
    "provider_withdrawn": Kind(PROVIDER, in_states(State.WITHDRAWN)),
    "patient_expired": Kind(PATIENT, in_states(State.EXPIRED), has_calendar=True),
    "provider_expired": Kind(PROVIDER, in_states(State.EXPIRED), has_calendar=True),
    "patient_proposal": Kind(PATIENT, proposal_waits),
    "provider_proposal": Kind(PROVIDER, proposal_waits),
    "patient_proposal_declined": Kind(PATIENT, answer_stands),
    "provider_proposal_declined": Kind(PROVIDER, answer_stands),
    "patient_moved": Kind(PATIENT, time_stands, has_calendar=True),
    "provider_moved": Kind(PROVIDER, time_stands, has_calendar=True),
    "patient_cancelled": Kind(PATIENT, in_states(State.CANCELLED), has_calendar=True),
    "provider_cancelled": Kind(PROVIDER, in_states(State.CANCELLED), has_calendar=True),
    "patient_reminder": Kind(PATIENT, still_ahead),
    "patient_payment_reminder": Kind(PATIENT, in_states(State.ACCEPTED)),
    "patient_outcome_question": Kind(PATIENT, patient_not_heard),
    "provider_outcome_question": Kind(PROVIDER, outcome_unknown),
}


#: Who ended it, for whoever reads that message: (who acted, for whom the careteam did).
ENDED_BY: dict[str, dict[tuple[str, str], Promise]] = {
    "patient_cancelled": {
        (PATIENT, ""): gettext_lazy("You cancelled this appointment."),
        (PROVIDER, ""): gettext_lazy("The provider cancelled this appointment."),
        (Side.CARETEAM, PATIENT): gettext_lazy("Our careteam cancelled this appointment for you."),
        (Side.CARETEAM, PROVIDER): gettext_lazy("Our careteam cancelled this appointment for the provider."),
    },
    "provider_cancelled": {
        (PATIENT, ""): gettext_lazy("The patient cancelled this appointment."),
        (PROVIDER, ""): gettext_lazy("Your team cancelled this appointment."),
        (Side.CARETEAM, PATIENT): gettext_lazy("Our careteam cancelled this appointment for the patient."),
        (Side.CARETEAM, PROVIDER): gettext_lazy("Our careteam cancelled this appointment for your team."),
    },
    "patient_declined": {
        (PROVIDER, ""): gettext_lazy("The provider cannot take this appointment."),
        (Side.CARETEAM, PROVIDER): gettext_lazy("Our careteam declined your request for the provider."),
    },
}
#: The same where the membership of the provider has ended.
ENDED_WITH_MEMBERSHIP: dict[str, Promise] = {
    "patient_cancelled": gettext_lazy(
        "Our careteam cancelled this appointment, because this provider no longer works with MEDICAIM."
    ),
    "provider_cancelled": gettext_lazy("Our careteam cancelled this appointment, because your membership has ended."),
    "patient_declined": gettext_lazy(
        "Our careteam ended your request, because this provider no longer works with MEDICAIM."
    ),
}


def build(message: Message) -> Content | None:
    """The content of one message, or None where it is no longer true."""
    kind = KINDS[message.event.removeprefix("bookings.")]
    appointment = (
        Appointment.objects.select_related("provider", "practitioner", "service", "location", "patient")
        .filter(pk=message.object_id)
        .first()
    )
    now = timezone.now()
    if appointment is None or not kind.is_true(appointment, message, now):
        return None
    content = Content(context={**_context(appointment, kind, now), **_ending(message)})
    if kind.has_calendar and message.channel == Channel.EMAIL:
        content.attachments.extend(_calendar(appointment, kind, message, now))
    return content


def _context(appointment: Appointment, kind: Kind, now: datetime) -> dict:
    provider = appointment.provider.name
    practitioner = appointment.practitioner.name
    proposal = queries.open_proposal(appointment=appointment, now=now)
    return {
        "starts_at": appointment.starts_at,
        "ends_at": appointment.ends_at,
        "place_zone": appointment.location.time_zone,
        "place": place_of(appointment),
        "access": appointment.location.access,
        "provider": provider,
        "practitioner": practitioner if practitioner != provider else "",
        "fee": appointment.fee,
        "amount_due": appointment.amount_due,
        "answer_by": appointment.expires_at,
        "answer_hours": settings.REQUEST_ANSWER_HOURS,
        "proposal": proposal,
        "proposal_zone": proposal.location.time_zone if proposal else "",
        "url": page_url(appointment, side=kind.side),
        "is_patient": kind.side == PATIENT,
        "no_show": appointment.state == State.NO_SHOW,
    }


def _ending(message: Message) -> dict[str, object]:
    """Who ended the appointment and why, and where else to look where the provider is gone."""
    name, step = message.event.removeprefix("bookings."), step_of(message)
    if name not in ENDED_BY or step is None:
        return {}
    is_gone = step.event == PROVIDER_ENDED
    sentences = [ENDED_WITH_MEMBERSHIP[name] if is_gone else ENDED_BY[name].get((step.side, step.on_behalf_of), "")]
    if step.reason:
        sentences.append(gettext_lazy("The reason stands on the page."))
    context = {
        "ending": " ".join(str(sentence) for sentence in sentences if sentence),
        "is_provider_gone": is_gone,
        "search_url": settings.SITE_URL + reverse("search"),
    }
    if is_gone and KINDS[name].side == PROVIDER:  # the workspace is closed to them
        context["url"] = settings.SITE_URL + reverse("contact")
    return context


def _calendar(appointment: Appointment, kind: Kind, message: Message, now: datetime) -> list[Attachment]:
    """The invitation or the cancellation; none for an appointment that never stood in a calendar."""
    recipient = message.recipient
    email = recipient.email if recipient else message.address
    if appointment.state_at(now) in GONE and not _was_in_calendar(appointment):
        return []
    visit = visit_of(appointment, side=kind.side, now=now, with_place=True)
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    content = ics.invitation(
        visit,
        organizer=ics.Person(address, name or "MEDICAIM"),
        attendee=ics.Person(email, recipient.get_full_name() if recipient else ""),
    )
    mime_type = f"text/calendar; charset=utf-8; method={ics.method_of(visit)}"
    filename = _("appointment") + ".ics"
    return [Attachment(filename=filename, content=content, mime_type=mime_type)]


def _was_in_calendar(appointment: Appointment) -> bool:
    return appointment.transitions.filter(to_state__in=IN_CALENDAR).exists()


def register_builders() -> None:
    """Called once per process, by `BookingsConfig.ready()`."""
    for name in KINDS:
        register(f"bookings.{name}", build)


def register_closing() -> None:
    """When an account closes, what is open with providers ends: by the worker, one appointment after the other."""
    after_closing.append("bookings.tasks.end_for_closed_accounts")


def register_ending() -> None:
    """When a membership ends, what stands with the provider ends; before that the careteam reads how much it is."""
    provider_hooks.after_ending.append("bookings.tasks.end_for_ended_providers")
    provider_hooks.consequences.append(what_it_means)

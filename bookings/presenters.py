"""What pages and messages say of an appointment: sentences, histories, weeks of free times.

Nothing here writes. Texts follow the active language; whoever calls chooses it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from medicaim.common import times
from medicaim.common.money import Money, format_money
from providers.enums import ServiceMode

from .enums import PROVIDER_ENDED, Side
from .enums import AppointmentState as State
from .models import OPEN_STATES, Appointment, AppointmentTransition, Proposal
from .slots import Slot, slot_token

#: States in which a provider sees what was handed over with the request (Rules 4, point 3).
HANDED_OVER_STATES = frozenset(
    {State.REQUESTED, State.PROPOSED, State.ACCEPTED, State.CONFIRMED, State.COMPLETED, State.NO_SHOW}
)

#: How much time is left when an answer becomes urgent.
SOON = timedelta(hours=12)


# --- Who it is for, and what the provider may see of it --------------------------------------------


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The data of Rules 4, point 3, and nothing else. `through` names the representative of a dependant."""

    name: str
    date_of_birth: date
    gender: str
    phone: str
    email: str
    subject: str
    through: str


def handed_over(appointment: Appointment, now: datetime) -> HandedOver | None:
    """What the provider may see of the patient now; None where nothing (any more).

    Nothing before the request, and nothing after what bound the two has ended: declined, expired, withdrawn,
    cancelled, or a visit after which one side said that it does not go on.
    """
    if appointment.state_at(now) not in HANDED_OVER_STATES:
        return None
    if appointment.patient_goes_on is False or appointment.provider_goes_on is False:
        return None
    patient = appointment.patient
    profile = patient.patient_profile
    person = appointment.dependant or profile
    return HandedOver(
        name=person_name(appointment),
        date_of_birth=person.date_of_birth,
        gender=person.get_gender_display(),
        phone=str(profile.phone),
        email=patient.email,
        subject=appointment.subject,
        through=patient.get_full_name() if appointment.dependant else "",
    )


def person_name(appointment: Appointment) -> str:
    """The person who comes: the patient or the dependant."""
    return str(appointment.dependant or appointment.patient.get_full_name())


def name_for_provider(appointment: Appointment, now: datetime) -> str:
    """The person's name where the provider may see it, else words that hide it."""
    if handed_over(appointment, now) is None:
        return _("A patient (no longer shown)")
    return person_name(appointment)


# --- The next step, in one sentence ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NextStep:
    """What happens now: whose turn it is, until when (UTC), and the sentence that says so."""

    sentence: str
    is_readers_turn: bool = False
    until: datetime | None = None


PATIENT_STEPS: dict[str, Promise] = {
    State.REQUESTED: gettext_lazy("The provider answers your request. Until then this time is kept for you."),
    State.ACCEPTED: gettext_lazy("The provider has accepted. Pay what is due, then the appointment is confirmed."),
    State.CONFIRMED: gettext_lazy("Your appointment is confirmed."),
    State.COMPLETED: gettext_lazy("The visit took place."),
    State.NO_SHOW: gettext_lazy("The provider says that nobody came."),
    State.DECLINED: gettext_lazy("The provider cannot take this appointment. Here are other free times."),
    State.EXPIRED: gettext_lazy("There was no answer in time, so the request has ended. Here are other free times."),
    State.WITHDRAWN: gettext_lazy("You took this request back."),
    State.CANCELLED: gettext_lazy("This appointment is cancelled."),
}
PROVIDER_STEPS: dict[str, Promise] = {
    State.REQUESTED: gettext_lazy("Accept, decline or offer another time. Until then the time is kept."),
    State.ACCEPTED: gettext_lazy("You accepted. The patient pays what is due, then the appointment is confirmed."),
    State.CONFIRMED: gettext_lazy("This appointment is confirmed."),
    State.COMPLETED: gettext_lazy("The visit took place."),
    State.NO_SHOW: gettext_lazy("You said that the patient did not come."),
    State.DECLINED: gettext_lazy("You declined this request."),
    State.EXPIRED: gettext_lazy("The time to answer has run out. The time is free again."),
    State.WITHDRAWN: gettext_lazy("The patient took this request back. The time is free again."),
    State.CANCELLED: gettext_lazy("This appointment is cancelled. The time is free again."),
}


def awaits(proposal: Proposal | None, side: str) -> bool:
    """Whether this side is the one to answer: the other one proposed, or the careteam for it."""
    if proposal is None:
        return False
    return (proposal.proposed_by == Side.PATIENT) == (side == Side.PROVIDER)


def next_step(appointment: Appointment, *, proposal: Proposal | None, side: str, now: datetime) -> NextStep:
    """The sentence on top of an appointment, for one side."""
    state = appointment.state_at(now)
    if proposal is not None and state in (State.PROPOSED, State.ACCEPTED, State.CONFIRMED):
        is_readers_turn = awaits(proposal, side)
        if is_readers_turn and side == Side.PATIENT:
            sentence = _("The provider offers another time. Accept it or decline it.")
        elif is_readers_turn:
            sentence = _("The patient asks for another time. Accept it or decline it.")
        elif side == Side.PATIENT:
            sentence = _("You asked for another time. The provider answers; until then the old time stands.")
        else:
            sentence = _("You offered another time. The patient answers; until then both times are kept.")
        return NextStep(sentence, is_readers_turn, proposal.expires_at)
    if state == State.PROPOSED:
        return NextStep(_("Another time was offered and is no longer open."), False, appointment.expires_at)
    if state == State.CONFIRMED and side == Side.PROVIDER and appointment.starts_at <= now:
        return NextStep(_("Say what became of the visit."), True)
    if state in (State.COMPLETED, State.NO_SHOW):
        answer = appointment.patient_goes_on if side == Side.PATIENT else appointment.provider_goes_on
        if answer is None:
            return NextStep(_("Do you go on together? Please tell us."), True)
    steps = PATIENT_STEPS if side == Side.PATIENT else PROVIDER_STEPS
    is_readers_turn = (side == Side.PROVIDER and state == State.REQUESTED) or (
        side == Side.PATIENT and state == State.ACCEPTED
    )
    until = appointment.expires_at if state in (State.REQUESTED, State.ACCEPTED) else None
    return NextStep(str(steps[state]), is_readers_turn, until)


# --- When and where, in one sentence ---------------------------------------------------------------


def when_and_where(appointment: Appointment, reader_zone: tzinfo) -> str:
    """ "Tuesday, 1 December 2026, 08:50 in Munich (07:50 for you)": both clocks, and the city of a visit on site."""
    zone = appointment.location.time_zone
    words = times.both_times(appointment.starts_at, zone, reader_zone)
    if appointment.service.mode == ServiceMode.REMOTE:
        text = f"{words.place} ({words.place_zone})"
    else:
        text = _("%(time)s in %(city)s") % {"time": words.place, "city": appointment.location.city}
    if words.reader:
        text = _("%(time)s (%(reader)s for you)") % {"time": text, "reader": words.reader}
    return text


def patient_facts(appointment: Appointment, *, state: str, reader_zone: tzinfo) -> str:
    """The sentence under the next step: with whom, when, where, for how much, and to whom that goes."""
    with_whom = _("%(service)s with %(provider)s: %(when)s.") % {
        "service": appointment.service.name,
        "provider": appointment.provider.name,
        "when": when_and_where(appointment, reader_zone),
    }
    if state == State.ACCEPTED:
        money = _("Due now: %(amount)s, asked for on the provider's quote.") % {
            "amount": format_money(Money(appointment.amount_due_minor, appointment.currency))
        }
    elif state in OPEN_STATES:
        money = _("The fee is %(amount)s, paid to the provider.") % {
            "amount": format_money(Money(appointment.fee_minor, appointment.currency))
        }
    else:
        money = ""
    return f"{with_whom} {money}".strip()


def until_words(step: NextStep, place_zone: str, reader_zone: tzinfo) -> str:
    """Until when, on both clocks, said to whoever has to act and to whoever waits; "" where nothing runs out."""
    if step.until is None:
        return ""
    until = {"time": times.both_times_text(step.until, place_zone, reader_zone, style="medium")}
    if step.is_readers_turn:
        return _("Please do so before %(time)s; then the time is free again.") % until
    return _("That lasts until %(time)s at most; without an answer it ends by itself.") % until


# --- What may be done now ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Actions:
    """Which buttons a page shows. The services decide again: a page may be old."""

    withdraw: bool = False
    answer_proposal: bool = False
    withdraw_proposal: bool = False
    accept: bool = False
    decline: bool = False
    propose: bool = False
    cancel: bool = False
    record_outcome: bool = False
    say_goes_on: bool = False
    add_to_calendar: bool = False


def actions_for(appointment: Appointment, *, proposal: Proposal | None, side: str, now: datetime) -> Actions:
    """What this side may do with the appointment now."""
    state = appointment.state_at(now)
    lies_ahead = appointment.starts_at > now
    is_settled = state in (State.ACCEPTED, State.CONFIRMED)
    is_patient = side == Side.PATIENT
    mine_is_open = proposal is not None and not awaits(proposal, side)
    may_propose = lies_ahead and proposal is None and (is_settled or (not is_patient and state == State.REQUESTED))
    if is_patient:  # within the minimum notice a patient can cancel, not move
        may_propose &= now + timedelta(minutes=appointment.service.minimum_notice) <= appointment.starts_at
    answer = appointment.patient_goes_on if is_patient else appointment.provider_goes_on
    return Actions(
        withdraw=is_patient and state in (State.REQUESTED, State.PROPOSED),
        answer_proposal=awaits(proposal, side),
        withdraw_proposal=mine_is_open and is_settled,
        accept=not is_patient and state == State.REQUESTED,
        decline=not is_patient and state in (State.REQUESTED, State.PROPOSED),
        propose=may_propose,
        cancel=is_settled and lies_ahead,
        record_outcome=not is_patient and state == State.CONFIRMED and not lies_ahead,
        say_goes_on=state in (State.COMPLETED, State.NO_SHOW) and answer is None,
        add_to_calendar=is_settled and lies_ahead,
    )


# --- History ----------------------------------------------------------------------------------------

BY = {
    Side.PATIENT: pgettext_lazy("who acted", "by the patient"),
    Side.PROVIDER: pgettext_lazy("who acted", "by the provider"),
    Side.CARETEAM: pgettext_lazy("who acted", "by our careteam"),
    Side.CLOCK: pgettext_lazy("who acted", "by itself"),
}

BY_CARETEAM_FOR = {
    Side.PATIENT: pgettext_lazy("who acted", "by our careteam for the patient"),
    Side.PROVIDER: pgettext_lazy("who acted", "by our careteam for the provider"),
}

#: Who said what became of a visit: nobody did it.
NOTED = {
    Side.PATIENT: pgettext_lazy("who said so", "(noted by the patient)"),
    Side.PROVIDER: pgettext_lazy("who said so", "(noted by the provider)"),
    Side.CARETEAM: pgettext_lazy("who said so", "(noted by our careteam)"),
}
OUTCOMES = frozenset({"came", "did_not_come"})

#: What happened, in words for both sides.
HISTORY: dict[str, Promise] = {
    "requested": gettext_lazy("Request sent"),
    "accepted": gettext_lazy("Request accepted"),
    "accepted_at_once": gettext_lazy("Accepted at once"),
    "declined": gettext_lazy("Request declined"),
    "withdrawn": gettext_lazy("Request taken back"),
    "expired": gettext_lazy("Ended without an answer in time"),
    "proposed": gettext_lazy("Another time offered"),
    "proposal_accepted": gettext_lazy("Other time accepted"),
    "proposal_declined": gettext_lazy("Other time declined"),
    "proposal_withdrawn": gettext_lazy("Offer of another time taken back"),
    "proposal_expired": gettext_lazy("Offer of another time ran out"),
    "moved": gettext_lazy("Moved to another time"),
    "paid": gettext_lazy("Everything due was paid"),
    "cancelled": gettext_lazy("Appointment cancelled"),
    PROVIDER_ENDED: gettext_lazy("The provider no longer works with MEDICAIM: ended"),
    "came": gettext_lazy("The visit took place"),
    "did_not_come": gettext_lazy("The patient did not come"),
    "goes_on": gettext_lazy("Your answer: you go on together"),
    "does_not_go_on": gettext_lazy("Your answer: you do not go on together"),
}
#: Each side's answer whether it goes on is its own; the other side does not read it here.
OWN_ANSWERS = frozenset({"goes_on", "does_not_go_on"})


def step_title(transition: AppointmentTransition, side: str) -> str:
    """What happened, and who did it where that is not the clock; the reader's own acts are "by you"."""
    is_outcome = transition.event in OUTCOMES
    title = HISTORY.get(transition.event) or State(transition.to_state).label
    if transition.side == Side.CLOCK or (transition.event in OWN_ANSWERS and not transition.on_behalf_of):
        return str(title)
    if transition.on_behalf_of:
        return f"{title} {BY_CARETEAM_FOR[Side(transition.on_behalf_of)]}"
    if transition.side != side:
        return f"{title} {(NOTED if is_outcome else BY)[Side(transition.side)]}"
    by_you = pgettext("who said so", "(noted by you)") if is_outcome else pgettext("who acted", "by you")
    return f"{title} {by_you}"


def history(appointment: Appointment, *, side: str, reader_zone: tzinfo, now: datetime) -> list[dict]:
    """The steps so far as entries of the timeline component; the times are the reader's. One query.

    What concerns MEDICAIM's own fee is not part of it. A request whose time ran out is shown as ended even
    where no worker has written it down yet.
    """
    entries = []
    for transition in appointment.transitions.all():
        of_others = transition.event in OWN_ANSWERS and side != (transition.on_behalf_of or transition.side)
        if of_others or transition.event.startswith("mediation_fee"):
            continue
        words = times.instant_words(transition.at, reader_zone, "medium")
        entries.append(
            {
                "title": step_title(transition, side),
                "time": f"{words} ({times.zone_words(transition.at, reader_zone)})",
                "state": "done",
                "detail": transition.reason,
            }
        )
    if appointment.state != appointment.state_at(now):
        entries.append({"title": str(HISTORY["expired"]), "state": "done"})
    return entries


def way(
    appointment: Appointment, *, proposal: Proposal | None, side: str, reader_zone: tzinfo, now: datetime
) -> list[dict]:
    """The whole way of an appointment as one time line: what happened, what is awaited now, what comes then."""
    entries = history(appointment, side=side, reader_zone=reader_zone, now=now)
    to_come = ahead(appointment, proposal=proposal, side=side, reader_zone=reader_zone, now=now)
    for entry in to_come:
        entry["state"] = "next"
    if to_come:
        to_come[0]["state"] = "now"
    elif entries:
        entries[-1]["state"] = "now"
    return entries + to_come


def ahead(
    appointment: Appointment, *, proposal: Proposal | None, side: str, reader_zone: tzinfo, now: datetime
) -> list[dict]:
    """What is awaited, with real dates on the reader's clock, and the visit itself; nothing once it has ended."""
    state = appointment.state_at(now)
    if state not in OPEN_STATES:
        return []
    is_patient = side == Side.PATIENT
    place_zone = appointment.location.time_zone

    def step(title: str, until: datetime | None, detail: str = "") -> dict:
        words = times.both_times_text(until, place_zone, reader_zone, style="medium") if until else ""
        return {"title": title, "time": _("until %(time)s") % {"time": words} if until else "", "detail": detail}

    entries = []
    if proposal is not None:
        title = _("You answer the other time") if awaits(proposal, side) else _("The other side answers your offer")
        entries.append(step(title, proposal.expires_at))
    elif state == State.REQUESTED:
        title = _("The provider answers") if is_patient else _("You answer")
        entries.append(step(title, appointment.expires_at))
    elif state == State.ACCEPTED:
        title = _("You pay what is due") if is_patient else _("The patient pays what is due")
        amount = format_money(Money(appointment.amount_due_minor, appointment.currency))
        entries.append(step(title, appointment.expires_at, amount))
    if appointment.starts_at > now:
        entries.append({"title": _("The visit"), "time": when_and_where(appointment, reader_zone)})
    elif not is_patient:
        entries.append({"title": _("You say what became of the visit")})
    return entries


# --- Free times -------------------------------------------------------------------------------------


def reader_label(starts_at: datetime, place_zone: tzinfo, reader_zone: tzinfo) -> str:
    """The reader's own time of a slot, with the weekday where it is another day; "" where the clocks agree."""
    local, theirs = starts_at.astimezone(place_zone), starts_at.astimezone(reader_zone)
    if local.utcoffset() == theirs.utcoffset():
        return ""
    clock = times.clock(starts_at, reader_zone)
    if local.date() != theirs.date():
        clock = times.listed(times.date_words(theirs.date(), "short"), clock)
    return _("%(clock)s for you") % {"clock": clock}


def slot_groups(
    slots: Iterable[Slot], *, place_zone: tzinfo, reader_zone: tzinfo
) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Free times under their local day, as the component `slot_radios` takes them.

    Two practitioners who are free at the same moment make one choice: the first one in the list.
    """
    days: dict[date, dict[datetime, tuple[str, str, str]]] = {}
    for slot in sorted(slots):
        day = slot.starts_at.astimezone(place_zone).date()
        choice = (
            slot_token(slot),
            times.clock(slot.starts_at, place_zone),
            reader_label(slot.starts_at, place_zone, reader_zone),
        )
        days.setdefault(day, {}).setdefault(slot.starts_at, choice)
    return [(times.date_words(day), list(choices.values())) for day, choices in days.items()]


def week_start(day: date) -> date:
    """The Monday of that day's week."""
    return day - timedelta(days=day.isoweekday() - 1)


def duration_words(minutes: int) -> str:
    """ "45 minutes", "2 hours", "3 days": the largest unit that fits exactly."""
    if minutes and minutes % 1440 == 0:
        days = minutes // 1440
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    if minutes and minutes % 60 == 0:
        hours = minutes // 60
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def time_left_tone(until: datetime, now: datetime) -> str:
    """Coral in the last hours only: before them, a request merely waits."""
    return "now" if until - now <= SOON else "wait"


def time_left(until: datetime, now: datetime) -> str:
    """How long until an answer is due, in full hours, or minutes in the last one."""
    minutes = max(int((until - now).total_seconds() // 60), 0)
    if minutes >= 60:
        minutes -= minutes % 60
        hours = minutes // 60
        return ngettext("%(count)s hour left", "%(count)s hours left", hours) % {"count": hours}
    return ngettext("%(count)s minute left", "%(count)s minutes left", minutes) % {"count": minutes}

"""What each state allows, asked from outside: old links, old pages, and the minimum notice of a service."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from bookings import errors, services
from bookings.enums import AppointmentState as State
from bookings.slots import slot_token
from medicaim.notifications.models import Message
from tests.support.factories import PatientFactory, make_open_provider

from .support import NOW, ask, confirm, slot_of

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
#: Each act with the side whose page it is on, and the states in which that page does it.
ACTS = {
    "withdraw": ("patient", {State.REQUESTED, State.PROPOSED}),
    "cancel": ("patient", {State.ACCEPTED, State.CONFIRMED}),
    "move": ("patient", {State.ACCEPTED, State.CONFIRMED}),
    "accept": ("provider", {State.REQUESTED}),
    "decline": ("provider", {State.REQUESTED, State.PROPOSED}),
    "propose": ("provider", {State.REQUESTED, State.PROPOSED, State.ACCEPTED, State.CONFIRMED}),
    "provider_cancel": ("provider", {State.ACCEPTED, State.CONFIRMED}),
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def brought_to(state, clock):
    """(what was made, patient, an appointment in that state), step by step as people would."""
    deposit = {"deposit_kind": "down_payment", "deposit_minor": 2000} if state == State.ACCEPTED else {}
    made, alice = make_open_provider(service=deposit), PatientFactory(first_name="Alice")
    appointment = ask(made, alice, days=6)
    if state == State.PROPOSED:
        services.propose_slot(appointment=appointment, slot=slot_of(made, days=7), actor=made.owner)
    elif state == State.DECLINED:
        services.decline_request(appointment=appointment, actor=made.owner, reason="x")
    elif state == State.WITHDRAWN:
        services.withdraw_request(appointment=appointment, actor=alice)
    elif state == State.EXPIRED:
        clock.shift(timedelta(hours=48))  # no worker has looked: the time itself decides
    elif state != State.REQUESTED:
        services.accept_request(appointment=appointment, actor=made.owner)
    if state == State.CANCELLED:
        services.cancel_appointment(appointment=appointment, actor=alice)
    elif state in (State.COMPLETED, State.NO_SHOW):
        clock.shift(6 * DAY + 10 * MINUTE)
        services.record_outcome(appointment=appointment, came=state == State.COMPLETED, actor=made.owner)
    appointment.refresh_from_db()
    return made, alice, appointment


@pytest.mark.slow
@pytest.mark.parametrize("state", State.values)
def test_what_a_state_does_not_allow_is_refused_on_a_clear_page(client_of, clock, state):
    """pains 29: whatever the state, an old link leads to a page that says how things stand, an old form to a 409."""
    made, alice, appointment = brought_to(state, clock)
    browsers = {"patient": client_of(alice), "provider": client_of(made.owner)}
    before = appointment.transitions.count(), Message.objects.count()
    for act, (side, allowed) in ACTS.items():
        if state in allowed:
            continue
        url = reverse(f"bookings:{act}", args=[appointment.public_id])
        data = {"slot": slot_token(slot_of(made, days=20)), "reason": "x", "note": ""}
        answer = browsers[side].post(url, data)
        assert answer.status_code == 409, act
        assert "How things stand" in answer.text, act
        assert browsers[side].get(url, follow=True).status_code == 200, act
    found = type(appointment).objects.get(pk=appointment.pk)
    assert (found.state_at(NOW + 10 * DAY if state == State.EXPIRED else NOW), found.starts_at, found.sequence) == (
        state,
        appointment.starts_at,
        appointment.sequence,
    )
    assert (appointment.transitions.count(), Message.objects.count()) == before


@pytest.mark.parametrize("notice", [60, 24 * 60, 7 * 24 * 60], ids=["hour", "day", "week"])
def test_minimum_notice_to_the_minute(clock, notice):
    """pains 29: each tier of notice, for requests and for the patient's moves, decided by the server."""
    made = make_open_provider(service={"minimum_notice": notice, "slot_step": 30})
    alice = PatientFactory()
    first = NOW + notice * MINUTE

    def ask_at(start):
        slot = slot_of(made)
        slot = type(slot)(start, slot.service_id, slot.location_id, slot.practitioner_id)
        return services.request_appointment(slot=slot, patient=alice, actor=alice)

    with pytest.raises(errors.NotBookable):
        ask_at(first - 30 * MINUTE)
    appointment = services.accept_request(appointment=ask_at(first), actor=made.owner)
    later = {"slot": slot_of(made, days=20), "actor": alice}
    clock.shift(MINUTE)
    with pytest.raises(errors.TooLateToMove):
        services.propose_slot(appointment=appointment, **later)
    clock.shift(-MINUTE)
    assert services.propose_slot(appointment=appointment, **later)


def test_a_request_that_ran_out_is_not_confirmed_beside_the_one_that_took_its_time(client_of, clock):
    """pains 2: the second confirmation gets a 409, and the patient who lost is shown other times."""
    made, alice, bob = make_open_provider(), PatientFactory(first_name="Alice"), PatientFactory(first_name="Bob")
    lost = ask(made, alice, days=6)
    clock.shift(timedelta(hours=48))
    won = ask(made, bob, days=6)
    desk = client_of(made.owner)
    assert desk.post(reverse("bookings:accept", args=[won.public_id])).status_code == 302
    for appointment in (lost, won):
        assert desk.post(reverse("bookings:accept", args=[appointment.public_id])).status_code == 409
    won.refresh_from_db()
    lost.refresh_from_db()
    assert (won.state, lost.state) == (State.CONFIRMED, State.EXPIRED)
    page = client_of(alice).get(reverse("bookings:appointment", args=[lost.public_id])).text
    assert page.count('type="radio" name="slot"') == 6
    assert slot_token(slot_of(made, days=6)) not in page


@pytest.mark.parametrize("kept", ["request", "unpaid", "offer", "move"])
def test_time_kept_for_what_ran_out_is_free_with_no_worker_alive(clock, outbox, kept):
    """pains 18: the hold ends by the time itself; whoever asks next is offered it and gets it."""
    deposit = {"deposit_kind": "down_payment", "deposit_minor": 2000} if kept == "unpaid" else {}
    made, alice, bob = make_open_provider(service=deposit), PatientFactory(), PatientFactory()
    appointment = ask(made, alice, days=9)
    days = [9]
    if kept in ("unpaid", "move"):
        services.accept_request(appointment=appointment, actor=made.owner)
    if kept in ("offer", "move"):
        appointment.refresh_from_db()
        services.propose_slot(appointment=appointment, slot=slot_of(made, days=10), actor=made.owner)
        days = [9, 10] if kept == "offer" else [10]
    before = {"request": 48, "unpaid": 72, "offer": 48, "move": 48}[kept] * 60 * MINUTE
    clock.shift(before - MINUTE)
    for day in days:
        with pytest.raises(errors.SlotTaken):
            ask(made, bob, days=day)
    clock.shift(MINUTE)
    for day in days:
        assert ask(made, bob, days=day).starts_at == slot_of(made, days=day).starts_at
    appointment.refresh_from_db()
    assert appointment.state == (State.CONFIRMED if kept == "move" else State.EXPIRED)
    assert appointment.holds.filter(released_at=None).count() == (kept == "move")
    if kept != "move":
        assert Message.objects.filter(event="bookings.patient_expired", recipient=alice, channel="email").count() == 1
    assert services.expire_overdue() == 0  # the sweep finds nothing left to do


def test_confirm_is_only_for_what_still_waits():
    """pains 2: a row that was read before another answer does not carry the old state into the new one."""
    made, alice = make_open_provider(), PatientFactory()
    stale = ask(made, alice)
    services.decline_request(appointment=type(stale).objects.get(pk=stale.pk), actor=made.owner, reason="x")
    assert stale.state == State.REQUESTED
    with pytest.raises(errors.AlreadyAnswered):
        services.accept_request(appointment=stale, actor=made.owner)
    stale.refresh_from_db()
    assert stale.state == State.DECLINED


def test_the_other_time_of_a_confirmed_visit_needs_the_other_side():
    """pains 44: neither request nor move is "confirmed" before the provider's act."""
    made, alice = make_open_provider(), PatientFactory()
    asked = ask(made, alice)
    assert asked.state == State.REQUESTED
    agreed = confirm(made, alice, days=3)
    services.propose_slot(appointment=agreed, slot=slot_of(made, days=6), actor=alice)
    agreed.refresh_from_db()
    assert agreed.starts_at == slot_of(made, days=3).starts_at

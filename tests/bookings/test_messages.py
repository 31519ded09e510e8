"""The messages of appointments, as they come out."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import PatientProfile
from bookings import services
from medicaim.notifications.enums import MessageState
from medicaim.notifications.models import Message
from medicaim.notifications.registry import registered_events
from tests.support.factories import CareteamFactory, PatientFactory, make_open_provider

from .support import NOW, ask, calendar_of, confirm, slot_of

pytestmark = pytest.mark.django_db
HEALTH_WORDS = ("oncolog", "cardio", "chemo", "tumour", "knee", "psychiatr")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def made():
    made = make_open_provider(
        name="Oncology and Chemotherapy Centre",
        practitioner={"name": "Dr Cardiologist"},
        location={"name": "Psychiatric Pavilion"},
        service={"name_en": "Tumour board", "name_fr": "Tumour board"},
    )
    type(made.owner).objects.filter(pk=made.owner.pk).update(language="en", time_zone="Europe/Paris")
    made.owner.refresh_from_db()
    return made


@pytest.fixture
def alice():
    alice = PatientFactory(first_name="Alice", language="fr", time_zone="America/New_York")
    PatientProfile.objects.filter(user=alice).update(sms_agreed_at=NOW)
    alice.refresh_from_db()
    return alice


def texts(mail) -> list[str]:
    return [mail.get_body((kind,)).get_content() for kind in ("plain", "html")]


def walk(made, alice, clock, outbox) -> None:
    """Every kind of message that can come out without a deposit is sent at least once."""
    ask(made, alice)
    outbox.deliver()
    moved = confirm(made, alice, days=9)
    outbox.deliver()
    services.propose_slot(appointment=moved, slot=slot_of(made, days=10), actor=alice)
    outbox.deliver()
    services.decline_proposal(proposal=moved.proposals.get(), actor=made.owner)
    proposal = services.propose_slot(appointment=moved, slot=slot_of(made, days=13), actor=made.owner)
    outbox.deliver()
    services.accept_proposal(proposal=proposal, actor=alice)
    outbox.deliver()
    other = ask(made, alice, days=3)
    services.decline_request(appointment=other, reason="x", actor=made.owner)
    services.withdraw_request(appointment=ask(made, alice, days=6), actor=alice)
    outbox.deliver()
    cancelled = confirm(made, alice, days=7)
    outbox.deliver()
    services.cancel_appointment(appointment=cancelled, actor=alice)
    outbox.deliver()
    clock.shift(timedelta(hours=49))
    services.expire_overdue()
    outbox.deliver()
    clock.shift(timedelta(days=10, hours=1))
    outbox.deliver()  # the reminder of 24 h before
    clock.shift(timedelta(days=1))
    services.ask_for_outcomes()
    outbox.deliver()
    services.record_outcome(appointment=moved, came=True, actor=made.owner)
    outbox.deliver()


def test_no_subject_and_no_sms_names_a_specialty_an_illness_or_a_document(made, alice, clock, outbox):
    """Rules 4, point 4, with a provider, a place and a service whose very names are health words."""
    walk(made, alice, clock, outbox)
    sent = set(Message.objects.filter(state=MessageState.SENT).values_list("event", flat=True))
    silent = {event for event in registered_events() if event.startswith("bookings.")} - sent
    assert silent <= {"bookings.patient_request_accepted", "bookings.patient_payment_reminder",
                      "bookings.patient_proposal_declined", "bookings.provider_proposal_declined"}  # fmt: skip
    assert len(outbox.sms) > 8
    for line in [*(mail["Subject"] for mail in outbox.mails), *(sms["body"] for sms in outbox.sms)]:
        assert not any(word in line.lower() for word in HEALTH_WORDS), line
    for mail in outbox.mails:
        for text in texts(mail):
            assert not any(word in text.lower() for word in ("tumour", "knee", "psychiatr")), mail["Subject"]
            assert "/my/appointments/" in text or "/workspace/appointments/" in text


def test_nothing_that_was_sent_is_stale_or_failed(made, alice, clock, outbox):
    walk(made, alice, clock, outbox)
    states = set(Message.objects.exclude(state=MessageState.STALE).values_list("state", flat=True))
    assert states == {MessageState.SENT}


@pytest.mark.parametrize("channel", ["patient", "careteam", "instant", "moved"])
def test_both_clocks_with_their_zones_whoever_made_the_appointment(made, alice, outbox, channel):
    """pains 8 and 9: the place's time and the recipient's own, each with zone and offset, in mail, SMS and ICS."""
    if channel == "instant":
        type(made.service).objects.filter(pk=made.service.pk).update(instant_confirmation=True)
        made.service.refresh_from_db()
        ask(made, alice)
        place, own = "10:00", "04:00"
    elif channel == "careteam":
        services.accept_request(appointment=ask(made, alice, actor=CareteamFactory()), actor=made.owner)
        place, own = "10:00", "04:00"
    else:
        appointment = confirm(made, alice)
        place, own = "10:00", "04:00"
        if channel == "moved":
            proposal = services.propose_slot(appointment=appointment, slot=slot_of(made, hour=14), actor=alice)
            services.accept_proposal(proposal=proposal, actor=made.owner)
            place, own = "15:00", "09:00"
    outbox.deliver()
    mail = outbox.mails_to(alice.email)[-1]
    for text in [*texts(mail), outbox.sms[-1]["body"]]:
        for part in (place, own, "UTC+1", "UTC−5", "Paris", "New York"):
            assert part in text, (channel, part, text)
        assert text.index(place) < text.index(own)
    *_, event = calendar_of(mail)
    assert event["DTSTART"].params["TZID"] == "Europe/Paris"
    assert f"{event.decoded('DTSTART'):%H:%M}" == place
    theirs = texts(outbox.mails_to(made.owner.email)[-1])[0]
    assert "UTC+1" in theirs
    assert "UTC−5" not in theirs  # the provider's clock agrees with the place's


def test_each_side_reads_its_own_language(made, alice, outbox):
    """pains 41: language and dates of the recipient, not of whoever clicked."""
    confirm(made, alice)
    outbox.deliver()
    french, english = outbox.mails_to(alice.email)[-1], outbox.mails_to(made.owner.email)[-1]
    assert "jeudi" in texts(french)[0]
    assert "Thursday" in texts(english)[0]
    assert "/fr/my/" in texts(french)[0]
    assert "/en/workspace/" in texts(english)[0]
    assert calendar_of(french)[2]["SUMMARY"] != calendar_of(english)[2]["SUMMARY"]
    assert calendar_of(english)[2]["SUMMARY"] == "Appointment (MEDICAIM)"


def test_the_provider_reads_who_it_is_on_the_page_not_in_the_mail(made, alice, clock, outbox):
    """Rules 4, point 3: what is handed over stands behind a sign-in."""
    walk(made, alice, clock, outbox)
    for mail in outbox.mails_to(made.owner.email):
        for text in texts(mail):
            assert "Alice" not in text
            assert alice.email not in text


def test_the_invitation_of_each_side_grows_old_together(made, alice, outbox):
    """pains 31: one UID, SEQUENCE 0, 1, 2, and CANCEL at the end, in the mails as they came out."""
    appointment = confirm(made, alice)
    outbox.deliver()
    proposal = services.propose_slot(appointment=appointment, slot=slot_of(made, days=3), actor=alice)
    services.accept_proposal(proposal=proposal, actor=made.owner)
    outbox.deliver()
    services.cancel_appointment(appointment=appointment, actor=made.owner)
    outbox.deliver()
    for person in (alice, made.owner):
        lives = [calendar_of(mail) for mail in outbox.mails_to(person.email) if list(mail.iter_attachments())]
        assert [method for method, *_ in lives] == ["REQUEST", "REQUEST", "CANCEL"]
        assert [calendar["METHOD"] for _, calendar, _ in lives] == ["REQUEST", "REQUEST", "CANCEL"]
        assert {event["UID"] for *_, event in lives} == {appointment.uid}
        assert [event["SEQUENCE"] for *_, event in lives] == [0, 1, 2]
        assert lives[-1][2]["STATUS"] == "CANCELLED"
        assert lives[0][2]["ATTENDEE"] == f"mailto:{person.email}"


def test_reminders_of_what_was_moved_or_cancelled_are_never_sent(made, alice, clock, outbox):
    """pains 13: the sender reads state and sequence again; 0 stale messages."""
    moved, cancelled = confirm(made, alice, days=10), confirm(made, alice, days=13)
    outbox.deliver()
    proposal = services.propose_slot(appointment=moved, slot=slot_of(made, days=20), actor=made.owner)
    services.accept_proposal(proposal=proposal, actor=alice)
    services.cancel_appointment(appointment=cancelled, actor=alice)
    outbox.deliver()
    outbox.clear()
    clock.shift(timedelta(days=12, hours=23))
    outbox.deliver()
    assert outbox.mails == []
    assert outbox.sms == []
    clock.shift(timedelta(hours=2))  # seven days before the new time
    outbox.deliver()
    (mail,) = outbox.mails_to(alice.email)
    assert "1 février" in texts(mail)[0] or "1er février" in texts(mail)[0]
    reminders = Message.objects.filter(event="bookings.patient_reminder", send_after__lte=timezone.now())
    assert set(reminders.values_list("state", flat=True)) == {MessageState.STALE, MessageState.SENT}


def test_what_is_no_longer_true_is_not_sent(made, alice, outbox):
    """pains 14: nobody gets two contradictory mails; a refusal is never called a cancellation."""
    services.decline_request(appointment=ask(made, alice), reason="x", actor=made.owner)
    services.cancel_appointment(appointment=confirm(made, alice, days=3), actor=alice)
    outbox.deliver()
    events = list(
        Message.objects.filter(recipient=alice, channel="email", state=MessageState.SENT)
        .order_by("pk")
        .values_list("event", flat=True)
    )
    assert events == ["bookings.patient_declined", "bookings.patient_cancelled"]


def test_only_what_stood_in_a_calendar_is_taken_out_of_it(made, alice, clock, outbox):
    ask(made, alice)
    clock.shift(timedelta(hours=49))
    services.expire_overdue()
    outbox.deliver()
    for mail in outbox.mails:
        assert not [part for part in mail.iter_attachments() if part.get_content_type() == "text/calendar"]


def test_what_is_due_is_named_with_its_deadline_before_it_is_confirmed(alice, outbox):
    made = make_open_provider(service={"deposit_kind": "down_payment", "deposit_minor": 2500})
    confirm(made, alice)
    outbox.deliver()
    mail = outbox.mails_to(alice.email)[-1]
    for text in texts(mail):
        assert "25" in text
    assert calendar_of(mail)[2]["STATUS"] == "TENTATIVE"

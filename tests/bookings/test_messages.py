"""The messages of appointments, as they come out."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from accounts.models import Dependant, PatientProfile
from bookings import services
from bookings.enums import Side
from bookings.models import Appointment, CalendarFeed, Proposal, SlotHold
from medicaim.notifications.enums import MessageState
from medicaim.notifications.models import Message
from medicaim.notifications.registry import registered_events
from medicaim.notifications.services import queue_message
from tests.support.factories import CareteamFactory, PatientFactory, make_open_provider
from tests.support.html import assert_sound, parse, text_of

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


@pytest.mark.slow
def test_no_subject_and_no_sms_names_a_specialty_an_illness_or_a_document(made, alice, clock, outbox):
    """Rules 4, point 4, with a provider, a place and a service whose very names are health words."""
    walk(made, alice, clock, outbox)
    sent = set(Message.objects.filter(state=MessageState.SENT).values_list("event", flat=True))
    silent = {event for event in registered_events() if event.startswith("bookings.")} - sent
    assert silent <= {"bookings.patient_request_accepted", "bookings.patient_payment_reminder",
                      "bookings.patient_proposal_declined", "bookings.provider_proposal_declined"}  # fmt: skip
    assert len(outbox.sms) > 8
    assert not any(sign in sms["body"] for sms in outbox.sms for sign in "’–−\u00a0\u202f"), "half as many letters fit"
    for line in [*(mail["Subject"] for mail in outbox.mails), *(sms["body"] for sms in outbox.sms)]:
        assert not any(word in line.lower() for word in HEALTH_WORDS), line
    for mail in outbox.mails:
        for text in texts(mail):
            assert not any(word in text.lower() for word in ("tumour", "knee", "psychiatr")), mail["Subject"]
            assert "/my/appointments/" in text or "/workspace/appointments/" in text


@pytest.mark.slow
def test_every_message_is_sound_and_its_text_is_laid_out(made, alice, clock, outbox):
    """Rules 4, point 4: both parts say the same, one leads to the page by a button, the other by an address."""
    walk(made, alice, clock, outbox)
    for mail in outbox.mails:
        text, markup = texts(mail)
        assert_sound(markup, is_email=True)
        tree = parse(markup)
        (button,) = [link for link in tree.iter("a") if link.get("class") == "button"]
        assert button.get("href") in text.splitlines()
        assert text_of(tree.find(".//h1")) in text
        assert all(len(line) <= 72 or line.startswith("http") for line in text.splitlines()), text


@pytest.mark.slow
def test_nothing_that_was_sent_is_stale_or_failed(made, alice, clock, outbox):
    walk(made, alice, clock, outbox)
    states = set(Message.objects.exclude(state=MessageState.STALE).values_list("state", flat=True))
    assert states == {MessageState.SENT}


CHANNELS = [
    "patient",
    "dependant",
    "careteam",
    "instant",
    "other time offered",
    "moved by patient",
    "moved by provider",
]


def made_by(channel, made, alice):
    """A confirmed visit in two days at 10:00 in Paris, in each way in which one can come about."""
    if channel == "instant":
        type(made.service).objects.filter(pk=made.service.pk).update(instant_confirmation=True)
        return ask(made, alice)
    if channel == "other time offered":
        asked = ask(made, alice, hour=14)
        offer = services.propose_slot(appointment=asked, slot=slot_of(made), actor=made.owner)
        return services.accept_proposal(proposal=offer, actor=alice)
    if channel.startswith("moved"):
        mover, other = (alice, made.owner) if channel == "moved by patient" else (made.owner, alice)
        agreed = confirm(made, alice, hour=14)
        proposal = services.propose_slot(appointment=agreed, slot=slot_of(made), actor=mover)
        return services.accept_proposal(proposal=proposal, actor=other)
    if channel == "dependant":
        child = Dependant.objects.create(
            representative=alice, first_name="Kim", last_name="Exemple", date_of_birth="2018-01-01", gender="other",
            relation="child", authority="parental", state="approved", proof_seen="passport",
            decided_at=NOW, decided_by=CareteamFactory(),
        )  # fmt: skip
        asked = services.request_appointment(slot=slot_of(made), patient=alice, actor=alice, dependant=child)
    else:
        asked = ask(made, alice, actor=CareteamFactory() if channel == "careteam" else None)
    return services.accept_request(appointment=asked, actor=made.owner)


@pytest.mark.parametrize("channel", CHANNELS)
def test_both_clocks_with_their_zones_whoever_made_the_appointment(made, alice, clock, outbox, channel):
    """pains 8 and 9: mail, SMS and ICS of each side hold the place's time and the reader's own, never a third one."""
    type(made.owner).objects.filter(pk=made.owner.pk).update(time_zone="Asia/Tokyo", first_name="Owner")
    PatientProfile.objects.create(
        user=made.owner, date_of_birth="1970-01-01", gender="other", phone="+33639980002", sms_agreed_at=NOW
    )
    visit = made_by(channel, made, alice)
    outbox.deliver()
    clock.shift(timedelta(days=1, minutes=1))
    outbox.deliver()  # the reminder
    place = ("10:00", "Paris", "UTC+1")
    own = {alice: ("04:00", "New York", "UTC−5"), made.owner: ("18:00", "Tokyo", "UTC+9")}
    numbers = {alice: "+33639980001", made.owner: "+33639980002"}
    for person, stranger in ((alice, made.owner), (made.owner, alice)):
        mails, sms = outbox.mails_to(person.email), [row["body"] for row in outbox.sms if row["to"] == numbers[person]]
        about_this_time = [mail for mail in mails if "10:00" in texts(mail)[0]]
        assert len(about_this_time) >= (2 if person == alice else 1)
        assert any("10:00" in body for body in sms)
        for text in [text for mail in about_this_time for text in texts(mail)] + [
            body.replace("UTC-", "UTC−") for body in sms if "10:00" in body
        ]:
            for part in (*place, *own[person]):
                assert part in text, (person.first_name, part, text)
            assert not any(part in text for part in own[stranger]), text
            assert not re.search(r"UTC(?![+−])", text), "a bare UTC time"
        *_, event = calendar_of([mail for mail in mails if list(mail.iter_attachments())][-1])
        assert event["DTSTART"].params["TZID"] == "Europe/Paris"
        assert f"{event.decoded('DTSTART'):%H:%M}" == "10:00"
        assert event.decoded("DTSTART") == visit.starts_at


@pytest.mark.parametrize(("patient_reads", "provider_reads"), [("fr", "en"), ("en", "fr"), ("ar", "fr")])
def test_each_side_reads_its_own_language(made, alice, outbox, patient_reads, provider_reads):
    """pains 41: language and dates of the recipient in mail, SMS and ICS, not those of whoever clicked."""
    type(alice).objects.filter(pk=alice.pk).update(language=patient_reads)
    type(alice).objects.filter(pk=made.owner.pk).update(language=provider_reads)
    with translation.override("fr"):  # of the page on which somebody clicked
        confirm(made, alice)
    outbox.deliver()
    words = {
        "fr": ("jeudi 14 janvier 2027", "Rendez-vous (MEDICAIM)"),
        "en": ("Thursday, 14 January 2027", "Appointment (MEDICAIM)"),
        "ar": ("الخميس، 14 يناير 2027", "موعد (MEDICAIM)"),
    }
    for person, language, area in ((alice, patient_reads, "my"), (made.owner, provider_reads, "workspace")):
        mail = outbox.mails_to(person.email)[-1]
        date, title = words[language]
        assert mail["Content-Language"] == language
        assert calendar_of(mail)[2]["SUMMARY"] == title
        for text in texts(mail):
            assert date in text
            assert f"/{language}/{area}/" in text
            assert not any(word in text for other, (word, _) in words.items() if other != language)
    body = outbox.sms[-1]["body"]
    assert ("jeu. 14 janv." in body, "Thu" in body) == (patient_reads == "fr", patient_reads == "en")


@pytest.mark.slow
def test_no_link_in_any_message_changes_anything(made, alice, clock, outbox, client_of):
    """pains 35: a scanner with the reader's own session follows each link of each mail by HEAD and GET: all stays."""
    appointment = ask(made, alice)
    outbox.deliver()
    services.propose_slot(appointment=appointment, slot=slot_of(made, days=3), actor=made.owner)
    moved = confirm(made, alice, days=6)
    services.propose_slot(appointment=moved, slot=slot_of(made, days=7), actor=alice)
    declined = ask(made, alice, days=8)
    outbox.deliver()
    services.decline_request(appointment=declined, reason="x", actor=made.owner)
    outbox.deliver()

    def all_rows():
        return [
            list(model.objects.order_by("pk").values())
            for model in (Appointment, SlotHold, Proposal, Message, CalendarFeed)
        ]

    before, followed = all_rows(), set()
    for person in (alice, made.owner):
        browser, visitor = client_of(person), client_of()
        for mail in outbox.mails_to(person.email):
            for link in re.findall(r"https?://[^\s\"<>]+", "".join(texts(mail)).replace("&amp;", "&")):
                path = link.removeprefix(settings.SITE_URL)
                if path in followed:
                    continue
                for reader in (browser, visitor):
                    for method in (reader.head, reader.get):
                        assert method(path, follow=True).status_code == 200, link
                followed.add(path)
    assert sum("/appointments/" in path for path in followed) >= 4
    assert all_rows() == before


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


def test_what_was_accepted_and_never_paid_leaves_the_calendar(alice, clock, outbox):
    """pains 31: TENTATIVE with SEQUENCE 0, then CANCEL with SEQUENCE 1, when the time to pay has run out."""
    made = make_open_provider(service={"deposit_kind": "down_payment", "deposit_minor": 2500})
    appointment = confirm(made, alice, days=9)
    outbox.deliver()
    clock.shift(timedelta(hours=72))
    services.expire_overdue()
    outbox.deliver()
    lives = [calendar_of(mail) for mail in outbox.mails_to(alice.email) if list(mail.iter_attachments())]
    assert [(method, event["SEQUENCE"], event["STATUS"]) for method, _, event in lives] == [
        ("REQUEST", 0, "TENTATIVE"),
        ("CANCEL", 1, "CANCELLED"),
    ]
    assert {event["UID"] for *_, event in lives} == {appointment.uid}


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


def test_one_event_makes_one_message_for_a_person_and_a_channel(made, alice):
    """pains 14: the database refuses the same (appointment, event, recipient, channel, occurrence) a second time."""
    confirm(made, alice)
    for row in Message.objects.filter(event__startswith="bookings."):
        again = {name: getattr(row, name) for name in ("event", "object_id", "channel", "recipient", "occurrence")}
        assert queue_message(**again) is None
        key = {"dedupe_key": row.dedupe_key, "message_id": "<another@medicaim>"}
        with pytest.raises(IntegrityError, match="dedupe_key"), transaction.atomic():
            Message.objects.create(**again, **key)


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


ENDINGS = {
    "patient": ("You cancelled this appointment.", "The patient cancelled this appointment."),
    "provider": ("The provider cancelled this appointment.", "Your team cancelled this appointment."),
    "for patient": (
        "Our careteam cancelled this appointment for you.",
        "Our careteam cancelled this appointment for the patient.",
    ),
    "for provider": (
        "Our careteam cancelled this appointment for the provider.",
        "Our careteam cancelled this appointment for your team.",
    ),
}


@pytest.mark.parametrize("who", ENDINGS)
@pytest.mark.parametrize("reason", ["", "Chemotherapy on that day"])
def test_a_cancellation_says_who_and_where_the_reason_stands(made, alice, outbox, who, reason):
    """What people write can be a health word: it stands behind the sign-in, and the mail says that it does."""
    type(alice).objects.filter(pk=alice.pk).update(language="en")
    alice.refresh_from_db()
    visit = confirm(made, alice)
    outbox.deliver()
    outbox.clear()
    actor = {"patient": alice, "provider": made.owner}.get(who) or CareteamFactory()
    party = Side(who.removeprefix("for ")) if who.startswith("for") else None
    services.cancel_appointment(appointment=visit, actor=actor, on_behalf_of=party, reason=reason)
    outbox.deliver()
    for person, sentence in zip((alice, made.owner), ENDINGS[who], strict=True):
        (mail,) = outbox.mails_to(person.email)
        for text in (" ".join(text.split()) for text in texts(mail)):
            assert sentence in text
            assert ("The reason stands on the page." in text) is bool(reason)
            assert "Chemotherapy on" not in text
    (sms,) = outbox.sms
    assert "chemo" not in sms["body"].lower()

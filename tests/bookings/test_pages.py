"""The pages of free times, requests and the patient's space, through HTTP."""

import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from time import process_time

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import DependantState
from accounts.models import Dependant
from bookings import queries, services
from bookings.enums import AppointmentState as State
from bookings.errors import NotBookable
from bookings.models import Appointment, SlotHold
from bookings.slots import Slot, slot_token
from providers.enums import ProviderState
from providers.models import ExternalCalendar, Specialty
from providers.services import suspend_provider
from tests.support.factories import (
    CareteamFactory,
    LocationFactory,
    PatientFactory,
    PractitionerFactory,
    UserFactory,
    WeeklyHoursFactory,
    make_open_provider,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Paris


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def made():
    return make_open_provider()


@pytest.fixture
def alice():
    return PatientFactory(first_name="Alice", last_name="Exemple", time_zone="Europe/Paris", language="en")


def slot_of(made, days=2, hour=9):
    start = (NOW + timedelta(days=days)).replace(hour=hour)
    return Slot(start, made.service.pk, made.location.pk, made.practitioner.pk)


def ask(made, patient, **slot):
    return services.request_appointment(
        slot=slot_of(made, **slot), patient=patient, actor=patient, subject="A sore knee", request_key=str(uuid.uuid4())
    )


def post_data(slot, **more):
    data = {"slot": slot_token(slot), "who": "myself", "subject": "A sore knee", "website": ""}
    return {**data, "request_key": str(uuid.uuid4()), **more}


def slots_url(made, **query):
    return reverse("bookings:slots", args=[made.service.public_id], query=query)


def take_every_time(made, appointment) -> int:
    """Keep every time of every practitioner as far as the horizon; how many that are."""
    holds = []
    for person in made.service.practitioners.all():
        free = queries.free_slots(
            service=made.service, from_at=NOW, until_at=NOW + timedelta(days=100), now=NOW, practitioner=person
        )
        holds += [
            SlotHold(
                appointment=appointment,
                practitioner=person,
                starts_at=slot.starts_at,
                ends_at=slot.starts_at + timedelta(minutes=made.service.duration),
            )
            for slot in free
        ]
    return len(SlotHold.objects.bulk_create(holds))


def tokens(response) -> list[str]:
    return re.findall(r'<input type="radio" name="slot"[^>]* value="([^"]+)"', response.text)


class TestFreeTimes:
    def test_anyone_sees_a_week_of_radio_buttons_under_their_days(self, client, made):
        """pains 34: headings and radio buttons, in a form that works without JavaScript."""
        page = client.get(slots_url(made))
        assert page.status_code == 200
        week = queries.free_slots(
            service=made.service, from_at=NOW, until_at=datetime(2027, 1, 17, 23, tzinfo=UTC), now=NOW
        )
        assert tokens(page) == [slot_token(slot) for slot in week]
        assert re.findall(r"<legend[^>]*>([^<]+)</legend>", page.text) == [
            "Tuesday 12 January 2027",
            "Wednesday 13 January 2027",
            "Thursday 14 January 2027",
            "Friday 15 January 2027",
        ] or re.findall(r"<legend[^>]*>(\w+)", page.text) == ["Tuesday", "Wednesday", "Thursday", "Friday"]
        assert f'action="{reverse("bookings:request")}"' in page.text
        assert "Confirmed at once" not in page.text
        assert "The provider answers each request." in page.text

    def test_what_is_posted_is_an_opaque_token_that_no_zone_can_shift(self, client, made):
        """pains 10: the same token whatever the reader's zone; never a date and an hour."""
        seen = []
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Paris"):
            client.cookies["tz"] = zone
            seen.append(tokens(client.get(slots_url(made, week="2027-01-18"))))
        assert seen[0] == seen[1] == seen[2]
        assert len(seen[0]) == 5 * 16
        assert not re.search(r'value="[^"]*(2027|09:00|0900)[^"]*"', "".join(f'value="{t}"' for t in seen[0]))

    def test_the_place_comes_first_then_the_reader_with_the_other_day_named(self, client, made):
        """pains 9: the reader's own time stands beside the place's, with its day where that differs."""
        client.cookies["tz"] = "Pacific/Auckland"
        page = client.get(slots_url(made))
        assert "Paris time, UTC+1" in page.text
        assert "Auckland time, UTC+13" in page.text
        assert re.search(r'slot__time">16:00</span> <span class="slot__reader">[^<]*13 Jan[^<]*04:00', page.text)

    def test_weeks_are_plain_links_and_the_fragment_is_the_same_for_htmx(self, client, made):
        page = client.get(slots_url(made, week="2027-01-18"))
        assert slots_url(made, week="2027-01-11") in page.text
        assert slots_url(made, week="2027-01-25") in page.text
        part = client.get(slots_url(made, week="2027-01-18"), headers={"HX-Request": "true"})
        assert part.text.startswith('<div id="week"')
        assert tokens(part) == tokens(page)
        assert "HX-Request" in part["Vary"]

    def test_an_empty_week_leads_to_the_first_free_time(self, client):
        made = make_open_provider(service={"minimum_notice": 20 * 1440})
        here = client.get(slots_url(made))
        assert "1 Feb" in here.text  # the week of the first free time, without being asked
        assert tokens(here)
        empty = client.get(slots_url(made, week="2027-01-12"))
        assert tokens(empty) == []
        assert "No free time in this week" in empty.text
        assert "Monday, 1 February 2027" in empty.text or "Monday 1 February 2027" in empty.text

    def test_no_free_time_at_all_is_said_and_is_not_an_error(self, client):
        """pains 33: an error is not "no availability", and the other way round."""
        page = client.get(slots_url(make_open_provider(weekdays=())))
        assert page.status_code == 200
        assert "no free time at all" in page.text
        assert "could not load" in page.text  # there for the script, hidden
        assert re.search(r"data-week-error hidden", page.text)

    def test_a_calendar_that_cannot_be_read_is_an_error_and_not_an_empty_one(self, client, made):
        """pains 33: an error is not "no availability": the page fails with 500 and says nothing about free times."""
        type(made.location).objects.filter(pk=made.location.pk).update(time_zone="Nowhere/At_All")
        client.raise_request_exception = False
        page = client.get(slots_url(made))
        assert page.status_code == 500
        assert "no free time" not in page.text.lower()

    def test_nonsense_in_the_address_is_the_first_week(self, client, made):
        for query in (
            {"week": "x"},
            {"week": "1-1-1"},
            {"week": "9999-12-31"},
            {"practitioner": "\x00"},
            {"location": "?"},
        ):
            assert client.get(slots_url(made, **query)).status_code == 200

    def test_the_number_of_queries_does_not_grow(self, client, made, django_assert_max_num_queries):
        """pains 33: the same statements, at most 12, and at most 300 ms of work for 19 pages of 20, at any size."""
        client.get(slots_url(made))
        with django_assert_max_num_queries(12) as few:
            client.get(slots_url(made))
        appointment = ask(made, PatientFactory())
        for number in range(5):
            other = PractitionerFactory(provider=made.provider, name=f"Dr {number}")
            made.service.practitioners.add(other)
            for weekday in (1, 2, 3):
                WeeklyHoursFactory(practitioner=other, location=made.location, weekday=weekday)
            SlotHold.objects.bulk_create(
                SlotHold(
                    appointment=appointment,
                    practitioner=other,
                    starts_at=NOW + timedelta(hours=3 * hour),
                    ends_at=NOW + timedelta(hours=3 * hour + 1),
                )
                for hour in range(500)
            )
        with django_assert_max_num_queries(12) as many:
            client.get(slots_url(made))
        assert len(many) == len(few)
        seconds = []
        for _ in range(20):
            before = process_time()  # what others do on this machine at the same time is not the page's
            client.get(slots_url(made))
            seconds.append(process_time() - before)
        assert sorted(seconds)[18] <= 0.3

    def test_a_full_diary_asks_no_more(self, client, alice):
        """pains 33: the same queries, at most 12, for a diary of a dozen times and of thousands, free or full."""
        small = make_open_provider(weekdays=(4,), starts=time(10), ends=time(10, 30))
        large = make_open_provider()
        other = PractitionerFactory(provider=large.provider)
        large.service.practitioners.add(other)
        for weekday in (1, 2, 3, 4, 5):
            WeeklyHoursFactory(practitioner=other, location=large.location, weekday=weekday)
        appointment = ask(large, alice)
        views = ({}, {"week": "2027-01-18"}, {"week": "2027-02-15"}, {"week": "2027-04-05"})

        def counts(made):
            client.get(slots_url(made))
            found = []
            for query in views:
                with CaptureQueriesContext(connection) as captured:
                    assert client.get(slots_url(made, **query)).status_code == 200
                found.append(len(captured))
            return found

        free = counts(large)
        assert free == counts(small)
        assert take_every_time(small, appointment) == 13
        assert take_every_time(large, appointment) > 2000
        full = counts(large)
        assert full == counts(small)
        assert max(free + full) <= 12
        assert "no free time at all" in client.get(slots_url(large)).text

    def test_one_practitioner_and_one_location_can_be_chosen(self, client, made):
        other = PractitionerFactory(provider=made.provider, name="Dr Autre")
        made.service.practitioners.add(other)
        WeeklyHoursFactory(practitioner=other, location=made.location, weekday=6)
        far = LocationFactory(provider=made.provider, city="Tokyo", time_zone="Asia/Tokyo")
        made.service.locations.add(far)
        WeeklyHoursFactory(practitioner=other, location=far, weekday=1)
        assert "Whoever is free" in client.get(slots_url(made)).text
        alone = client.get(slots_url(made, practitioner=other.public_id, week="2027-01-18"))
        assert len(tokens(alone)) == 16
        there = client.get(slots_url(made, location=far.public_id, week="2027-01-18"))
        assert "Tokyo time, UTC+9" in there.text
        assert len(tokens(there)) == 16

    def test_the_age_of_the_calendar_is_shown(self, client, made):
        """pains 44: what may have been taken meanwhile is not hidden."""
        calendar = ExternalCalendar.objects.create(
            practitioner=made.practitioner, url="https://calendar.example/x.ics", fetched_at=NOW - timedelta(minutes=5)
        )
        assert "was last read" in client.get(slots_url(made)).text
        ExternalCalendar.objects.filter(pk=calendar.pk).update(fetched_at=NOW - timedelta(hours=30))
        assert "could not be read for some hours" in client.get(slots_url(made)).text

    @pytest.mark.parametrize("what", ["unpublished", "service", "unknown"])
    def test_what_is_not_public_does_not_exist(self, client, made, what):
        if what == "unpublished":
            type(made.provider).objects.filter(pk=made.provider.pk).update(published_at=None)
        elif what == "service":
            type(made.service).objects.filter(pk=made.service.pk).update(is_published=False)
        url = slots_url(made) if what != "unknown" else reverse("bookings:slots", args=["nobody"])
        assert client.get(url).status_code == 404

    @pytest.mark.parametrize("state", [state for state in ProviderState if state != ProviderState.ACTIVE])
    def test_a_provider_that_is_not_active_takes_no_request(self, client, made, alice, state):
        """pains 43: unverified or suspended, a provider has no page and 0 requests, whatever token somebody kept."""
        type(made.provider).objects.filter(pk=made.provider.pk).update(state=state)
        client.force_login(alice)
        assert client.get(slots_url(made)).status_code == 404
        assert client.get(reverse("bookings:request"), {"slot": slot_token(slot_of(made))}).status_code == 409
        assert client.post(reverse("bookings:request"), post_data(slot_of(made))).status_code == 409
        with pytest.raises(NotBookable):
            ask(made, alice)
        assert Appointment.objects.count() == 0


class TestRequest:
    url = property(lambda self: reverse("bookings:request"))

    def test_a_visitor_is_sent_to_sign_in_and_the_choice_is_kept(self, client, made):
        token = slot_token(slot_of(made))
        answer = client.get(self.url, {"slot": token})
        assert answer.status_code == 302
        assert "next=" in answer["Location"]
        assert token.replace("=", "%253D") in answer["Location"].replace("%3D", "%253D")
        lost_session = client.post(f"{self.url}?slot={token}", post_data(slot_of(made)))
        assert token.rstrip("=") in lost_session["Location"]

    def test_the_page_says_everything_before_anything_is_sent(self, client, made, alice):
        client.force_login(alice)
        page = client.get(self.url, {"slot": slot_token(slot_of(made))})
        assert page.status_code == 200
        for words in (
            made.provider.name, "First visit", "€50", "answers within 48 hours", "Send the request",
            "date of birth and gender", "MEDICAIM gives no medical advice", "112", "1 rue de l&#x27;Exemple",
        ):  # fmt: skip
            assert words in page.text, words
        assert not re.search(r"\bbook\b", page.text, re.IGNORECASE)
        assert Appointment.objects.count() == 0

    @pytest.mark.parametrize(
        ("language", "asks", "promises"),
        [
            ("en", r"request", r"\b(book|booked|booking|reserve|reservation)\b"),
            ("fr", r"demand", r"\b(réserv\w*|book\w*)"),
        ],
    )
    def test_it_is_a_request_on_every_page_of_the_way(self, client, made, alice, language, asks, promises):
        """pains 44: "request", not "book", in both languages, from the calendar to the page of what was sent."""
        client.force_login(alice)
        token = slot_token(slot_of(made))
        with translation.override(language):
            sent = client.post(self.url.replace("/en/", f"/{language}/"), post_data(slot_of(made)))
            urls = [
                slots_url(made),
                f"{reverse('bookings:request')}?slot={token}",
                sent["Location"],
                reverse("bookings:my_appointments"),
                reverse("providers:page", args=["x", made.provider.public_id]),
            ]
        for url in urls:
            page = client.get(url, follow=True)
            words = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page.text.partition("<main")[2], flags=re.DOTALL)
            assert page.status_code == 200, url
            assert re.search(asks, words, re.IGNORECASE), url
            assert not re.search(promises, words, re.IGNORECASE), url

    def test_sent_the_time_is_kept_and_the_patient_sees_what_comes(self, client, made, alice):
        client.force_login(alice)
        answer = client.post(self.url, post_data(slot_of(made)))
        appointment = Appointment.objects.get()
        assert answer["Location"] == reverse("bookings:appointment", args=[appointment.public_id])
        assert (appointment.patient, appointment.state) == (alice, State.REQUESTED)
        assert appointment.subject == "A sore knee"
        page = client.get(answer["Location"])
        assert "Your request is sent" in page.text
        assert "the provider answers" in page.text.lower()
        assert "Thursday" in page.text

    def test_what_was_typed_is_kept_through_signing_in(self, client, made, alice):
        """A session that ran out, a sign-in on the way: the words come back, once, to their own page."""
        data = post_data(slot_of(made), subject="Both knees & <hip>")
        lost = client.post(f"{self.url}?slot={data['slot']}", data)
        assert lost.status_code == 302
        kept = str(dict(client.session.items()))
        assert "hip" not in kept  # sealed: a copy of the database does not tell
        client.force_login(alice)
        page = client.get(self.url, {"slot": data["slot"]})
        assert "Both knees &amp; &lt;hip&gt;" in page.text
        assert data["request_key"] in page.text
        assert client.post(self.url, data).status_code == 302
        assert Appointment.objects.get().subject == "Both knees & <hip>"
        assert "hip" not in client.get(self.url, {"slot": slot_token(slot_of(made, days=3))}).text

    def test_another_time_can_be_chosen_without_losing_a_word(self, client, made, alice):
        client.force_login(alice)
        answer = client.post(self.url, post_data(slot_of(made), other_time="1"))
        assert answer["Location"] == slots_url(made)
        assert Appointment.objects.count() == 0
        assert "A sore knee" in client.get(self.url, {"slot": slot_token(slot_of(made, days=3))}).text

    def test_the_time_chosen_stays_in_sight_while_signing_in_and_up(self, client, made):
        token = slot_token(slot_of(made))
        login = client.get(self.url, {"slot": token})["Location"]
        for url in (login, login.replace("login", "signup")):
            page = client.get(url)
            assert "Thursday, 14 January 2027" in page.text, url
            assert "not held for you yet" in page.text
            assert 'aria-current="step"' in page.text
        for wanted in ("/en/request/new/?slot=x", "/en/", "//evil.example/", "%00"):
            page = client.get("/en/account/login/", {"next": wanted})
            assert page.status_code == 200
            assert "not held for you yet" not in page.text

    def test_double_click_reload_and_back_make_one_request(self, client, made, alice):
        client.force_login(alice)
        data = post_data(slot_of(made))
        first, second = client.post(self.url, data), client.post(self.url, data)
        assert first["Location"] == second["Location"]
        assert Appointment.objects.count() == 1

    def test_taken_meanwhile_the_page_offers_the_nearest_and_keeps_what_was_typed(self, client, made, alice):
        """Rules 4, point 1: the loser gets the nearest free times and loses no input."""
        ask(made, PatientFactory())
        child = Dependant.objects.create(
            representative=alice, first_name="Zoé", last_name="Exemple", date_of_birth="2020-01-01", gender="female",
            relation="child", authority="parental", state=DependantState.APPROVED, proof_seen="passport",
            decided_at=NOW, decided_by=CareteamFactory(),
        )  # fmt: skip
        client.force_login(alice)
        data = post_data(slot_of(made), who=child.public_id, subject="Both knees & <hip>")
        page = client.post(self.url, data)
        assert page.status_code == 409
        near = tokens(page)
        assert len(near) == 6
        assert data["slot"] not in near
        assert "Both knees &amp; &lt;hip&gt;" in page.text
        assert re.search(rf'value="{child.public_id}"[^>]*checked', page.text)
        assert data["request_key"] in page.text
        again = client.post(self.url, {**data, "slot": near[0]})
        assert again.status_code == 302
        assert Appointment.objects.get(patient=alice).dependant == child

    @pytest.mark.parametrize("token", ["", "x", "A" * 64, "é", "\x00", "2027-01-14T09:00"])
    def test_a_token_that_nobody_made_is_a_kind_page(self, client, alice, token):
        client.force_login(alice)
        for answer in (client.get(self.url, {"slot": token}), client.post(self.url, {"slot": token})):
            assert answer.status_code == 400
            assert "choose a time again" in answer.text

    def test_a_time_that_has_passed_or_was_never_offered(self, client, made, alice, clock):
        """pains 29: old links give a clear page."""
        client.force_login(alice)
        old = slot_token(slot_of(made))
        night = client.post(self.url, post_data(slot_of(made, hour=2)))
        assert night.status_code == 409
        assert len(tokens(night)) == 6
        clock.shift(timedelta(days=5))
        client.force_login(alice)
        page = client.get(self.url, {"slot": old})
        assert page.status_code == 409
        assert slots_url(made) in page.text

    def test_a_provider_suspended_meanwhile_loses_nothing_that_was_typed(self, client, made, alice):
        """Rules 4, point 1: what was typed is on the page, beside other providers of the specialty."""
        cardiology = Specialty.objects.filter(canonical=None).order_by("pk").first()
        other = make_open_provider(service={"specialty": cardiology})
        made.service.specialty = cardiology
        made.service.save()
        services.refresh_availability(provider_id=other.provider.pk)
        client.force_login(alice)
        data = post_data(slot_of(made), subject="Both knees & <hip>")
        suspend_provider(provider=made.provider, reason="Papers", actor=CareteamFactory())
        page = client.post(self.url, data)
        assert page.status_code == 409
        assert "Both knees &amp; &lt;hip&gt;" in page.text
        assert slots_url(other) in page.text
        assert slots_url(made) not in page.text
        assert not Appointment.objects.exists()

    def test_unverified_address_first_and_the_time_is_remembered(self, client, made):
        """pains 40: only a verified address keeps a time."""
        bob = PatientFactory(verified=False)
        client.force_login(bob)
        token = slot_token(slot_of(made))
        for answer in (client.get(self.url, {"slot": token}), client.post(self.url, post_data(slot_of(made)))):
            assert answer.status_code == 403
            assert token in answer.text.replace("%3D", "=")
        assert Appointment.objects.count() == 0

    def test_robots_that_fill_everything_are_stopped(self, client, made, alice):
        """pains 40: a honeypot, no third-party captcha."""
        client.force_login(alice)
        page = client.get(self.url, {"slot": slot_token(slot_of(made))})
        assert 'name="website"' in page.text
        assert "captcha" not in page.text.lower()
        assert not re.search(r"<(script|iframe|img|link)[^>]+(src|href)=\"(https?:)?//", page.text)
        answer = client.post(self.url, post_data(slot_of(made), website="https://spam.example"))
        assert answer.status_code == 422
        assert Appointment.objects.count() == 0

    def test_too_many_open_requests(self, client, made, alice, settings):
        settings.MAX_OPEN_REQUESTS_PER_PATIENT = 1
        ask(made, alice)
        client.force_login(alice)
        answer = client.post(self.url, post_data(slot_of(made, days=3)))
        assert answer.status_code == 429
        assert "A sore knee" in answer.text

    def test_too_many_requests_from_one_address(self, client_of, made, alice, settings):
        """pains 40: the cap of an address holds over HTTP, for whoever asks from it."""
        settings.MAX_REQUESTS_PER_ADDRESS_PER_DAY = 1
        bob = PatientFactory()
        answers = [
            client_of(who).post(self.url, post_data(slot_of(made, days=days)), REMOTE_ADDR=address).status_code
            for who, days, address in (
                (alice, 2, "192.0.2.1"),
                (bob, 3, "192.0.2.1"),
                (bob, 3, "192.0.2.2"),
            )
        ]
        assert answers == [302, 429, 302]

    def test_the_same_time_twice_leads_to_the_request_that_exists(self, client, made, alice):
        existing = ask(made, alice)
        client.force_login(alice)
        answer = client.post(self.url, post_data(slot_of(made)))
        assert answer.status_code == 409
        assert reverse("bookings:appointment", args=[existing.public_id]) in answer.text

    def test_people_who_wait_for_approval_are_named_and_cannot_be_chosen(self, client, made, alice):
        waiting = Dependant.objects.create(
            representative=alice, first_name="Zoé", last_name="Attente", date_of_birth="2020-01-01", gender="female",
            relation="child", authority="parental",
        )  # fmt: skip
        client.force_login(alice)
        page = client.get(self.url, {"slot": slot_token(slot_of(made))})
        assert "Zoé Attente: not possible yet" in page.text
        assert f'value="{waiting.public_id}"' not in page.text
        answer = client.post(self.url, post_data(slot_of(made), who=waiting.public_id))
        assert answer.status_code == 422
        assert Appointment.objects.count() == 0

    def test_who_is_no_patient_learns_why(self, client, made):
        client.force_login(UserFactory())
        answer = client.get(self.url, {"slot": slot_token(slot_of(made))})
        assert answer.status_code == 403
        assert "Complete my profile" in answer.text

    def test_instant_confirmation_is_one_step(self, client, alice):
        made = make_open_provider(service={"instant_confirmation": True})
        client.force_login(alice)
        page = client.get(self.url, {"slot": slot_token(slot_of(made))})
        assert "Confirm the appointment" in page.text
        client.post(self.url, post_data(slot_of(made)))
        assert Appointment.objects.get().state == State.CONFIRMED

    def test_a_deposit_is_announced_and_nothing_is_charged(self, client, alice):
        made = make_open_provider(service={"deposit_kind": "down_payment", "deposit_minor": 2500})
        client.force_login(alice)
        page = client.get(self.url, {"slot": slot_token(slot_of(made))})
        assert "€25" in page.text
        assert "Nothing is charged now" in page.text


class TestPatientSpace:
    def get(self, client, appointment, name="appointment"):
        return client.get(reverse(f"bookings:{name}", args=[appointment.public_id]))

    def post(self, client, appointment, name, **data):
        return client.post(reverse(f"bookings:{name}", args=[appointment.public_id]), data)

    def test_the_next_step_stands_first(self, client, made, alice):
        later = ask(made, alice, days=9)
        sooner = ask(made, alice, days=2)
        services.accept_request(appointment=sooner, actor=made.owner)
        client.force_login(alice)
        page = client.get(reverse("bookings:my_appointments"))
        first = page.text.index("Your next step")
        assert first < page.text.index("Your appointment is confirmed.") < page.text.index("Ahead")
        assert later.public_id in page.text
        services.propose_slot(appointment=later, slot=slot_of(made, days=10), actor=made.owner)
        page = client.get(reverse("bookings:my_appointments"))
        assert page.text.index("offers another time") < page.text.index("Ahead")

    def test_the_list_is_paged_and_its_queries_do_not_grow(self, client, made, alice, django_assert_max_num_queries):
        for number in range(30):
            appointment = ask(made, alice, days=2 + 7 * (number // 5), hour=8 + number % 5)
            services.withdraw_request(appointment=appointment, actor=alice)
        client.force_login(alice)
        client.get(reverse("bookings:my_appointments"))
        with django_assert_max_num_queries(14):
            page = client.get(reverse("bookings:my_appointments"))
        assert page.text.count('class="card card--linked visit"') == 20
        assert "?page=2" in page.text

    def test_history_in_words_for_humans(self, client, made, alice):
        appointment = ask(made, alice)
        services.accept_request(appointment=appointment, actor=made.owner)
        client.force_login(alice)
        page = self.get(client, appointment)
        assert "Request sent by you" in page.text
        assert "Request accepted by the provider" in page.text

    def test_withdraw_is_a_page_then_a_post_and_a_second_one_tells_the_truth(self, client, made, alice):
        """pains 35: a mail scanner that follows links changes nothing. pains 2: a stale act gets a clear 409."""
        appointment = ask(made, alice)
        client.force_login(alice)
        assert self.get(client, appointment, "withdraw").status_code == 200
        appointment.refresh_from_db()
        assert appointment.state == State.REQUESTED
        assert self.post(client, appointment, "withdraw").status_code == 302
        again = self.post(client, appointment, "withdraw")
        assert again.status_code == 409
        assert "Withdrawn" in again.text

    def test_no_link_of_a_message_changes_anything(self, client, made, alice):
        """pains 35: GET and HEAD of every page of an appointment leave it as it was."""
        appointment = ask(made, alice)
        proposal = services.propose_slot(appointment=appointment, slot=slot_of(made, days=3), actor=made.owner)
        client.force_login(alice)
        steps = appointment.transitions.count()
        for name in ("appointment", "withdraw", "cancel", "move", "goes_on", "calendar_entry"):
            for method in (client.get, client.head):
                assert method(reverse(f"bookings:{name}", args=[appointment.public_id])).status_code in (200, 302)
        for answer in ("accept", "decline", "withdraw"):
            url = reverse("bookings:answer_proposal", args=[appointment.public_id, proposal.public_id, answer])
            assert client.get(url).status_code == 302
        assert appointment.transitions.count() == steps
        appointment.refresh_from_db()
        assert appointment.state == State.PROPOSED

    def test_accept_another_time(self, client, made, alice):
        appointment = ask(made, alice)
        proposal = services.propose_slot(
            appointment=appointment, slot=slot_of(made, days=3), note="I operate on Thursday", actor=made.owner
        )
        client.force_login(alice)
        page = self.get(client, appointment)
        assert "I operate on Thursday" in page.text
        assert "Friday" in page.text
        url = reverse("bookings:answer_proposal", args=[appointment.public_id, proposal.public_id, "accept"])
        assert client.post(url).status_code == 302
        appointment.refresh_from_db()
        assert (appointment.state, appointment.starts_at) == (State.CONFIRMED, slot_of(made, days=3).starts_at)
        assert client.post(url).status_code == 409

    def test_unknown_answers_and_foreign_proposals_do_not_exist(self, client, made, alice):
        appointment, other = ask(made, alice), ask(made, PatientFactory(), days=6)
        foreign = services.propose_slot(appointment=other, slot=slot_of(made, days=7), actor=made.owner)
        client.force_login(alice)
        for proposal_id, answer in ((foreign.public_id, "accept"), ("nothing", "accept")):
            url = reverse("bookings:answer_proposal", args=[appointment.public_id, proposal_id, answer])
            assert client.post(url).status_code == 404
        mine = services.propose_slot(appointment=appointment, slot=slot_of(made, days=3), actor=made.owner)
        url = reverse("bookings:answer_proposal", args=[appointment.public_id, mine.public_id, "explode"])
        assert client.post(url).status_code == 404

    def test_ask_for_another_time(self, client, made, alice):
        appointment = ask(made, alice)
        services.accept_request(appointment=appointment, actor=made.owner)
        client.force_login(alice)
        page = self.get(client, appointment, "move")
        choice = tokens(page)[-1]
        assert self.post(client, appointment, "move", note="After work").status_code == 422  # nothing chosen
        assert self.post(client, appointment, "move", slot=choice, note="After work").status_code == 302
        assert "You asked for another time" in self.get(client, appointment).text
        assert appointment.proposals.get().note == "After work"

    def test_the_deadline_says_in_which_zone_it_is(self, client, made, alice):
        type(alice).objects.filter(pk=alice.pk).update(time_zone="Asia/Kathmandu")
        appointment = ask(made, alice)
        client.force_login(alice)
        for page in (self.get(client, appointment), client.get(reverse("bookings:my_appointments"))):
            deadline = page.text.split("That lasts until", 1)[1].split("</p>", 1)[0]
            assert "Paris time" in deadline
            assert "Kathmandu time" in deadline

    def test_times_that_overlap_the_visit_itself_are_offered(self, client, made, alice):
        type(made.service).objects.filter(pk=made.service.pk).update(slot_step=15)
        appointment = ask(made, alice)
        services.accept_request(appointment=appointment, actor=made.owner)
        client.force_login(alice)
        offered = tokens(self.get(client, appointment, "move"))
        quarter = slot_of(made)
        assert slot_token(replace(quarter, starts_at=quarter.starts_at + timedelta(minutes=15))) in offered
        assert slot_token(quarter) not in offered

    def test_a_taken_other_time_offers_the_nearest_and_keeps_the_note(self, client, made, alice):
        appointment = ask(made, alice)
        services.accept_request(appointment=appointment, actor=made.owner)
        ask(made, PatientFactory(), days=3)
        client.force_login(alice)
        answer = self.post(client, appointment, "move", slot=slot_token(slot_of(made, days=3)), note="After work")
        assert answer.status_code == 409
        assert "After work" in answer.text
        assert len(tokens(answer)) == 6

    def test_within_the_notice_there_is_no_button_to_move_and_the_server_refuses(self, client, alice, clock):
        """pains 29: minimum notice is guarded on the server."""
        made = make_open_provider(service={"minimum_notice": 1440})
        appointment = ask(made, alice)
        services.accept_request(appointment=appointment, actor=made.owner)
        clock.shift(timedelta(hours=30))
        client.force_login(alice)
        page = self.get(client, appointment)
        assert reverse("bookings:move", args=[appointment.public_id]) not in page.text
        assert reverse("bookings:cancel", args=[appointment.public_id]) in page.text
        assert self.post(client, appointment, "move", slot=slot_token(slot_of(made, days=6))).status_code == 409

    def test_cancel_says_what_follows_before_it_is_done(self, client, made, alice):
        appointment = ask(made, alice)
        services.accept_request(appointment=appointment, actor=made.owner)
        client.force_login(alice)
        page = self.get(client, appointment, "cancel")
        assert "No deposit was taken" in page.text
        self.post(client, appointment, "cancel", reason="I am travelling")
        appointment.refresh_from_db()
        assert (appointment.state, appointment.reason) == (State.CANCELLED, "I am travelling")
        assert self.post(client, appointment, "cancel").status_code == 409

    def test_old_links_after_the_visit_give_a_clear_page(self, client, made, alice, clock):
        """pains 29: what is past can be neither cancelled nor moved, and the page says so."""
        appointment = ask(made, alice)
        services.accept_request(appointment=appointment, actor=made.owner)
        clock.shift(timedelta(days=3))
        client.force_login(alice)
        for name, data in (("cancel", {}), ("move", {"slot": slot_token(slot_of(made, days=6))})):
            answer = self.post(client, appointment, name, **data)
            assert answer.status_code == 409
            assert "already begun" in answer.text
            old_link = client.get(reverse(f"bookings:{name}", args=[appointment.public_id]), follow=True)
            assert "not possible any more" in old_link.text

    @pytest.mark.parametrize("end", ["declined", "expired", "withdrawn"])
    def test_what_came_to_nothing_shows_the_next_best_times(self, client, made, alice, clock, end):
        """Rules 4: the patient is shown the next best slots of this and similar providers."""
        appointment = ask(made, alice)
        if end == "declined":
            services.decline_request(appointment=appointment, reason="On holiday", actor=made.owner)
        elif end == "withdrawn":
            services.withdraw_request(appointment=appointment, actor=alice)
        else:
            clock.shift(timedelta(hours=48, minutes=1))  # no worker has looked: the time itself decides
        client.force_login(alice)
        page = self.get(client, appointment)
        assert end.capitalize() in page.text
        assert len(tokens(page)) == 6
        if end == "declined":
            assert "On holiday" in page.text

    def test_do_you_go_on_together(self, client, made, alice, clock):
        appointment = ask(made, alice)
        services.accept_request(appointment=appointment, actor=made.owner)
        clock.shift(timedelta(days=3))
        services.record_outcome(appointment=appointment, came=True, goes_on=False, actor=made.owner)
        client.force_login(alice)
        page = self.get(client, appointment)
        assert "Do you go on together?" in page.text
        assert "Does not want to go on" not in page.text  # the other side's answer is its own
        assert self.post(client, appointment, "goes_on").status_code == 422
        assert self.post(client, appointment, "goes_on", goes_on="yes").status_code == 302
        appointment.refresh_from_db()
        assert appointment.patient_goes_on is True

    def test_somebody_elses_appointment_does_not_exist(self, client, made, alice):
        """pains 37: missing and forbidden look alike."""
        appointment = ask(made, alice)
        client.force_login(PatientFactory())
        for name in ("appointment", "withdraw", "cancel", "move", "goes_on", "calendar_entry"):
            assert self.get(client, appointment, name).status_code == 404
            assert self.post(client, appointment, name).status_code in (404, 405)
        appointment.refresh_from_db()
        assert appointment.state == State.REQUESTED

    def test_pages_in_french(self, client, made, alice):
        appointment = ask(made, alice)
        client.force_login(alice)
        page = client.get(reverse("bookings:appointment", args=[appointment.public_id]).replace("/en/", "/fr/", 1))
        assert 'lang="fr"' in page.text
        assert "jeudi" in page.text
        assert timezone.now() == NOW

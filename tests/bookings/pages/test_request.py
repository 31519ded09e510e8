"""The page of a request, through HTTP."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.enums import DependantState
from accounts.models import Dependant
from bookings import services
from bookings.enums import AppointmentState as State
from bookings.models import Appointment
from bookings.slots import slot_token
from providers.models import Specialty
from providers.services import suspend_provider
from tests.bookings.pages.support import post_data, slots_url, tokens
from tests.bookings.support import NOW, ask, slot_of
from tests.support.factories import CareteamFactory, PatientFactory, UserFactory, make_open_provider

pytestmark = pytest.mark.django_db


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

    @pytest.mark.slow
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
        for wanted in ("/en/request/new/?slot=x", "/en/", "//evil.example/"):
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

    @pytest.mark.parametrize("token", ["", "x", "A" * 64, "é", "2027-01-14T09:00"])
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

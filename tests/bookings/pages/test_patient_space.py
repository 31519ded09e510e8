"""The patient's space, through HTTP."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings import services
from bookings.enums import AppointmentState as State
from bookings.slots import slot_token
from tests.bookings.pages.support import tokens
from tests.bookings.support import NOW, ask, slot_of
from tests.support.factories import PatientFactory, make_open_provider

pytestmark = pytest.mark.django_db


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

    @pytest.mark.slow
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
        assert "you do not go on together" not in page.text  # the other side's answer is its own
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

    def test_what_became_of_the_visit_is_noted_and_not_done(self, client, made, alice, clock):
        """Nobody "took place": the history says who noted it, and the patient's own answer is an answer."""
        appointment = ask(made, alice)
        services.accept_request(appointment=appointment, actor=made.owner)
        clock.shift(timedelta(days=3))
        services.record_outcome(appointment=appointment, came=True, goes_on=True, actor=made.owner)
        services.say_goes_on(appointment=appointment, goes_on=True, actor=alice)
        client.force_login(alice)
        page = self.get(client, appointment)
        assert "The visit took place (noted by the provider)" in page.text
        assert "Your answer: you go on together" in page.text

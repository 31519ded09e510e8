"""The provider's inbox, one request, the agenda, and what the careteam sees in admin."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from bookings import services
from bookings.enums import AppointmentState as State
from bookings.slots import slot_token
from tests.support.factories import CareteamFactory, MembershipFactory, PatientFactory, make_open_provider
from tests.support.html import parse

from .support import NOW, ask, confirm, slot_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def made():
    return make_open_provider()


@pytest.fixture
def alice():
    return PatientFactory(first_name="Alice", last_name="Secrète", email="alice@example.org")


@pytest.fixture
def desk(client, made):
    client.force_login(made.owner)
    return client


def url(name, appointment):
    return reverse(f"bookings:{name}", args=[appointment.public_id])


def test_what_runs_out_first_stands_on_top_with_the_time_that_is_left(desk, made, alice, clock):
    first = ask(made, alice, days=6)
    clock.shift(timedelta(hours=3))
    second = ask(made, PatientFactory(), days=2)
    page = desk.get(reverse("bookings:inbox")).text
    assert page.index(first.public_id) < page.index(second.public_id)
    assert "45 hours left" in page
    clock.shift(timedelta(hours=46))  # the first has run out, worker or not
    assert first.public_id not in desk.get(reverse("bookings:inbox")).text


def test_only_the_last_hours_are_coral(desk, made, alice, clock):
    """No false urgency: a request that has two days left merely waits."""
    appointment = ask(made, alice, days=6)
    pages = [reverse("bookings:inbox"), url("provider_appointment", appointment)]
    assert not any("badge--now" in desk.get(page).text for page in pages)
    clock.shift(timedelta(hours=37))
    desk.force_login(made.owner)
    assert all("badge--now" in desk.get(page).text for page in pages)


def test_the_inbox_asks_a_bounded_number_of_questions(desk, made, django_assert_max_num_queries):
    for hour in range(8, 16):
        ask(made, PatientFactory(), hour=hour)
    desk.get(reverse("bookings:inbox"))
    with django_assert_max_num_queries(14):
        desk.get(reverse("bookings:inbox"))


def test_exactly_the_data_that_the_visit_needs_is_handed_over(desk, made, alice):
    """Rules 4, point 3."""
    page = desk.get(url("provider_appointment", ask(made, alice))).text
    for words in ("Alice Secrète", "17 May 1980", "Female", "alice@example.org", "A sore knee", "+33"):
        assert words in page, words
    assert alice.username not in page.replace("alice@example.org", "")


@pytest.mark.parametrize("end", ["declined", "withdrawn", "expired", "cancelled", "does_not_go_on"])
def test_nothing_is_shown_once_what_bound_them_has_ended(desk, made, alice, clock, end):
    """Rules 4, point 3: nothing after the contract between them has ended."""
    appointment = ask(made, alice)
    if end == "declined":
        services.decline_request(appointment=appointment, reason="x", actor=made.owner)
    elif end == "withdrawn":
        services.withdraw_request(appointment=appointment, actor=alice)
    elif end == "expired":
        clock.shift(timedelta(hours=49))
    else:
        services.accept_request(appointment=appointment, actor=made.owner)
        if end == "cancelled":
            services.cancel_appointment(appointment=appointment, actor=alice)
        else:
            clock.shift(timedelta(days=3))
            services.record_outcome(appointment=appointment, came=True, actor=made.owner)
            services.say_goes_on(appointment=appointment, goes_on=False, actor=alice)
    desk.force_login(made.owner)  # the session may have run out by now
    pages = [desk.get(url("provider_appointment", appointment)), desk.get(reverse("bookings:inbox"))]
    pages.append(desk.get(reverse("bookings:agenda"), {"day": "2027-01-14"}))
    for page in pages:
        assert page.status_code == 200
        for words in ("Alice", "Secrète", "alice@example.org", "sore knee", "17 May 1980"):
            assert words not in page.text


def test_accept_is_a_post_and_the_second_one_is_told_what_is_true(desk, client_of, made, alice):
    """pains 2 and 44: confirmed only by the provider's act; a second answer gets a 409."""
    appointment = ask(made, alice)
    colleague = client_of(MembershipFactory(provider=made.provider, role="reception").user)
    assert desk.get(url("accept", appointment)).status_code == 302
    appointment.refresh_from_db()
    assert appointment.state == State.REQUESTED
    assert desk.post(url("accept", appointment)).status_code == 302
    late = colleague.post(url("accept", appointment))
    assert late.status_code == 409
    assert "Confirmed" in late.text
    assert colleague.post(url("decline", appointment), {"reason": "x"}).status_code == 409


def test_a_request_is_accepted_from_the_list_which_goes_on(desk, made, alice):
    appointment = ask(made, alice)
    assert "A sore knee" in desk.get(reverse("bookings:inbox")).text
    assert desk.post(url("accept", appointment), {"back": "inbox"})["Location"] == reverse("bookings:inbox")
    appointment.refresh_from_db()
    assert appointment.state == State.CONFIRMED


def test_decline_asks_why(desk, made, alice):
    appointment = ask(made, alice)
    assert desk.post(url("decline", appointment)).status_code == 422
    assert desk.post(url("decline", appointment), {"reason": "On holiday"}).status_code == 302
    appointment.refresh_from_db()
    assert (appointment.state, appointment.reason) == (State.DECLINED, "On holiday")


def test_offer_another_time(desk, made, alice):
    appointment = ask(made, alice)
    assert desk.get(url("propose", appointment)).status_code == 200
    desk.post(url("propose", appointment), {"slot": slot_token(slot_of(made, days=3)), "note": ""})
    appointment.refresh_from_db()
    assert appointment.state == State.PROPOSED
    assert "You offered another time" in desk.get(url("provider_appointment", appointment)).text


def test_the_patients_wish_to_move_is_in_the_inbox_and_can_be_answered(desk, made, alice):
    appointment = confirm(made, alice)
    proposal = services.propose_slot(appointment=appointment, slot=slot_of(made, days=3), actor=alice)
    assert "Asks for another time" in desk.get(reverse("bookings:inbox")).text
    answer = reverse("bookings:provider_answer_proposal", args=[appointment.public_id, proposal.public_id, "accept"])
    assert desk.post(answer).status_code == 302
    appointment.refresh_from_db()
    assert appointment.starts_at == slot_of(made, days=3).starts_at


def test_the_outcome_is_said_after_the_start_and_not_before(desk, made, alice, clock):
    appointment = confirm(made, alice)
    assert desk.post(url("outcome", appointment), {"came": "yes"}).status_code == 409
    clock.shift(timedelta(days=2, minutes=10))
    desk.force_login(made.owner)
    assert appointment.public_id in desk.get(reverse("bookings:inbox")).text
    assert desk.post(url("outcome", appointment), {}).status_code == 422
    assert desk.post(url("outcome", appointment), {"came": "no"}).status_code == 302
    appointment.refresh_from_db()
    assert (appointment.state, appointment.provider_goes_on) == (State.NO_SHOW, None)


def test_the_agenda_shows_the_clock_of_the_place(client, alice):
    made = make_open_provider(time_zone="Asia/Tokyo")
    confirm(made, alice, days=2, hour=1)  # 10:00 on Thursday in Tokyo
    client.force_login(made.owner)
    week = client.get(reverse("bookings:agenda"), {"day": "2027-01-14"}).text
    assert "10:00–10:30" in week
    assert "Alice Secrète" in week
    day = client.get(reverse("bookings:agenda"), {"day": "2027-01-13", "view": "day"}).text
    assert "Alice" not in day
    assert "day=2027-01-14" in day


def test_a_week_in_which_nobody_comes_says_so_once(desk, made, alice):
    page = desk.get(reverse("bookings:agenda")).text
    assert "Nobody comes in this week" in page
    assert "Nothing on this day" not in page
    confirm(made, alice)
    page = desk.get(reverse("bookings:agenda")).text
    assert "Nobody comes in this week" not in page
    assert page.count("Nothing on this day") == 6


def test_the_way_back_of_an_appointment_is_the_list_where_it_stands(desk, made, alice):
    for appointment, name in ((ask(made, alice), "inbox"), (confirm(made, PatientFactory(), days=3), "agenda")):
        page = parse(desk.get(url("provider_appointment", appointment)).text)
        assert [link.get("href") for link in page.iterfind(".//nav[@class='breadcrumbs']//a")] == [
            reverse(f"bookings:{name}")
        ]


def test_nonsense_in_the_address_of_the_agenda(desk, made):
    for query in (
        {"day": "x"},
        {"view": "year"},
        {"practitioner": "?"},
        {"provider": "nobody"},
        {"day": "9999-12-31"},
        {"day": "0001-01-01"},
    ):
        assert desk.get(reverse("bookings:agenda"), query).status_code == 200


@pytest.mark.parametrize("role", ["editor", "stranger"])
def test_who_does_not_handle_appointments_sees_none(client, made, alice, role):
    appointment = ask(made, alice)
    if role == "editor":
        client.force_login(MembershipFactory(provider=made.provider, role="editor").user)
    else:
        client.force_login(make_open_provider().owner)
    for name in ("provider_appointment", "decline", "propose", "provider_cancel", "outcome"):
        assert client.get(url(name, appointment)).status_code in (403, 404)
        assert client.post(url(name, appointment)).status_code in (403, 404, 405)
    appointment.refresh_from_db()
    assert appointment.state == State.REQUESTED


class TestAdmin:
    def test_the_subject_of_a_request_is_not_for_the_careteam(self, client, made, alice):
        appointment = ask(made, alice)
        client.force_login(CareteamFactory())
        page = client.get(reverse("admin:bookings_appointment_change", args=[appointment.pk]))
        assert page.status_code == 200
        assert "Alice" in page.text
        assert "sore knee" not in page.text
        assert client.get(reverse("admin:bookings_appointment_changelist")).status_code == 200
        assert client.post(reverse("admin:bookings_appointment_change", args=[appointment.pk])).status_code == 403

    @pytest.mark.parametrize("party", ["patient", "provider"])
    def test_cancelling_on_behalf_goes_through_the_service(self, client, made, alice, party):
        agreed, asked = confirm(made, alice), ask(made, alice, days=3)
        client.force_login(CareteamFactory())
        data = {"action": f"cancel_for_{party}", "_selected_action": [agreed.pk, asked.pk]}
        page = client.post(reverse("admin:bookings_appointment_changelist"), data, follow=True)
        agreed.refresh_from_db()
        asked.refresh_from_db()
        assert (agreed.state, asked.state) == (State.CANCELLED, State.REQUESTED)
        step = agreed.transitions.last()
        assert (step.side, step.on_behalf_of) == ("careteam", party)
        assert "not possible any more" in page.text
        for reader, address in ((alice, "bookings:appointment"), (made.owner, "bookings:provider_appointment")):
            client.force_login(reader)
            page = client.get(reverse(address, args=[agreed.public_id]))
            assert f"Appointment cancelled by our careteam for the {party}" in page.text

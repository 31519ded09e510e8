"""How a request is answered, and how what was agreed is cancelled (Rules 4)."""

import pytest

from bookings import errors, services
from bookings.enums import AppointmentState as State
from bookings.enums import Side
from medicaim.common.money import Money
from medicaim.notifications.models import Message
from providers.enums import MemberRole
from tests.bookings.services.support import DAY, HOUR, NOW, ask, confirm, events, offered, slot_of
from tests.support.factories import CareteamFactory, MembershipFactory, PatientFactory, make_open_provider

pytestmark = pytest.mark.django_db


class TestAnswer:
    def test_accepting_confirms_where_nothing_is_owed(self, made, alice):
        appointment = confirm(made, alice)
        assert (appointment.state, appointment.expires_at) == (State.CONFIRMED, None)
        assert appointment.holds.get().expires_at is None
        assert services.what_is_due(appointment) == Money(0, "EUR")
        assert events(alice) == ["patient_request_received", "patient_confirmed", "patient_reminder"]
        assert events(made.owner) == ["provider_request_received", "provider_confirmed"]
        reminder = Message.objects.get(event="bookings.patient_reminder")
        assert reminder.send_after == appointment.starts_at - DAY
        assert reminder.occurrence == "24h-0"

    def test_accepting_what_has_to_be_paid_waits_for_the_money(self, deposit, alice):
        appointment = confirm(deposit, alice, NOW + 8 * DAY + HOUR)
        assert appointment.state == State.ACCEPTED
        assert appointment.expires_at == appointment.holds.get().expires_at == NOW + 72 * HOUR
        assert services.what_is_due(appointment) == Money(2000, "EUR")
        assert events(alice) == ["patient_request_received", "patient_request_accepted", "patient_payment_reminder"]
        assert Message.objects.get(event="bookings.patient_payment_reminder").send_after == NOW + 48 * HOUR

    def test_second_answer_changes_nothing(self, made, alice):
        """pains 2: the second confirmation of one request is told that it was answered."""
        appointment = confirm(made, alice)
        count = Message.objects.count()
        for answer in (services.accept_request, services.decline_request):
            with pytest.raises(errors.AlreadyAnswered):
                answer(appointment=appointment, actor=made.owner)
        with pytest.raises(errors.AlreadyAnswered):
            services.withdraw_request(appointment=appointment, actor=alice)
        assert Message.objects.count() == count
        appointment.refresh_from_db()
        assert appointment.state == State.CONFIRMED

    def test_answer_after_the_time_has_run_out(self, made, alice, clock):
        appointment = ask(made, alice, NOW + 4 * DAY + HOUR)
        clock.move_to(NOW + 48 * HOUR)
        for answer in (services.accept_request, services.decline_request):
            with pytest.raises(errors.RequestExpired):
                answer(appointment=appointment, actor=made.owner)

    def test_declining_frees_the_time_and_tells_the_patient_only(self, made, alice):
        """pains 14: a refusal never makes a message about a cancellation."""
        appointment = ask(made, alice)
        declined = services.decline_request(appointment=appointment, actor=made.owner, reason="On leave")
        assert (declined.state, declined.reason, declined.expires_at) == (State.DECLINED, "On leave", None)
        assert offered(made, appointment.starts_at)
        assert events(alice) == ["patient_request_received", "patient_declined"]
        assert events(made.owner) == ["provider_request_received"]

    def test_withdrawing_frees_the_time_and_tells_the_provider_only(self, made, alice):
        appointment = ask(made, alice)
        services.withdraw_request(appointment=appointment, actor=alice)
        assert offered(made, appointment.starts_at)
        assert events(alice) == ["patient_request_received"]
        assert events(made.owner) == ["provider_request_received", "provider_withdrawn"]

    def test_everybody_who_handles_appointments_is_told_and_nobody_else(self, made, alice):
        desk = MembershipFactory(provider=made.provider, role=MemberRole.RECEPTION).user
        editor = MembershipFactory(provider=made.provider, role=MemberRole.EDITOR).user
        appointment = ask(made, alice)
        assert events(desk) == ["provider_request_received"]
        assert events(editor) == []
        with pytest.raises(errors.NotYours):
            services.accept_request(appointment=appointment, actor=editor)
        assert services.accept_request(appointment=appointment, actor=desk).state == State.CONFIRMED

    def test_strangers_and_the_wrong_side_do_nothing(self, made, alice):
        appointment = ask(made, alice)
        stranger, other_owner = PatientFactory(), make_open_provider().owner
        for actor in (stranger, other_owner, alice):
            with pytest.raises(errors.NotYours):
                services.accept_request(appointment=appointment, actor=actor)
        for actor in (stranger, other_owner, made.owner):
            with pytest.raises(errors.NotYours):
                services.withdraw_request(appointment=appointment, actor=actor)
        with pytest.raises(errors.NotYours):
            services.cancel_appointment(appointment=appointment, actor=stranger)

    def test_careteam_acts_on_behalf_and_it_is_recorded(self, made, alice):
        appointment = services.accept_request(appointment=ask(made, alice), actor=CareteamFactory())
        step = appointment.transitions.last()
        assert (step.side, step.on_behalf_of) == (Side.CARETEAM, Side.PROVIDER)

    def test_careteam_says_for_whom_where_both_could_act(self, made, alice):
        careteam, later = CareteamFactory(), slot_of(made, NOW + 3 * DAY + HOUR)
        appointment = confirm(made, alice)
        for call in (
            lambda: services.cancel_appointment(appointment=appointment, actor=careteam),
            lambda: services.propose_slot(appointment=appointment, slot=later, actor=careteam),
        ):
            with pytest.raises(errors.PartyMissing):
                call()
        proposal = services.propose_slot(
            appointment=appointment, slot=later, actor=careteam, on_behalf_of=Side.PROVIDER
        )
        assert proposal.proposed_by == Side.PROVIDER
        assert events(alice)[-1] == "patient_proposal"
        step = appointment.transitions.last()
        assert (step.side, step.on_behalf_of, step.actor) == (Side.CARETEAM, Side.PROVIDER, careteam)

    def test_who_acts_for_oneself_acts_for_nobody_else(self, made, alice):
        cancelled = services.cancel_appointment(
            appointment=confirm(made, alice), actor=alice, on_behalf_of=Side.PROVIDER
        )
        step = cancelled.transitions.last()
        assert (step.side, step.on_behalf_of) == (Side.PATIENT, "")


class TestCancel:
    @pytest.mark.parametrize("who", ["patient", "provider"])
    def test_frees_the_time_and_tells_both(self, made, alice, who):
        appointment = confirm(made, alice)
        actor = alice if who == "patient" else made.owner
        cancelled = services.cancel_appointment(appointment=appointment, actor=actor, reason="Ill")
        assert (cancelled.state, cancelled.sequence, cancelled.reason) == (State.CANCELLED, 1, "Ill")
        assert offered(made, appointment.starts_at)
        assert events(alice)[-1] == "patient_cancelled"
        assert events(made.owner)[-1] == "provider_cancelled"
        with pytest.raises(errors.NotAllowedNow):
            services.cancel_appointment(appointment=appointment, actor=actor)

    def test_not_before_it_is_agreed_and_not_once_it_has_begun(self, made, alice, clock):
        """pains 29: old links meet a clear answer."""
        with pytest.raises(errors.NotAllowedNow):
            services.cancel_appointment(appointment=ask(made, alice), actor=alice)
        appointment = confirm(made, PatientFactory(), NOW + HOUR)
        clock.move_to(NOW + HOUR)
        with pytest.raises(errors.AlreadyBegun):
            services.cancel_appointment(appointment=appointment, actor=made.owner)

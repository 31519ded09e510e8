"""How another time is offered and agreed (Rules 4)."""

from datetime import date, timedelta

import pytest

from accounts.enums import DependantRelation, DependantState
from accounts.models import Dependant
from bookings import errors, queries, services
from bookings.enums import AppointmentState as State
from bookings.enums import ProposalState
from bookings.models import SlotHold
from medicaim.notifications.models import Message
from tests.bookings.services.support import DAY, HOUR, NOW, ask, confirm, events, offered, slot_of
from tests.support.factories import CareteamFactory, PatientFactory, make_open_provider

pytestmark = pytest.mark.django_db


class TestOtherTime:
    def test_provider_answers_with_another_time_and_both_are_kept(self, made, alice):
        appointment = ask(made, alice)
        other = appointment.starts_at + DAY
        proposal = services.propose_slot(appointment=appointment, slot=slot_of(made, other), actor=made.owner)
        appointment.refresh_from_db()
        assert appointment.state == State.PROPOSED
        assert appointment.expires_at == proposal.expires_at == NOW + 48 * HOUR
        assert not offered(made, other)
        assert not offered(made, appointment.starts_at)
        assert events(alice)[-1] == "patient_proposal"
        accepted = services.accept_proposal(proposal=proposal, actor=alice)
        assert (accepted.state, accepted.starts_at, accepted.sequence) == (State.CONFIRMED, other, 1)
        assert not offered(made, other)
        assert offered(made, appointment.starts_at)
        assert accepted.holds.get(released_at=None).expires_at is None
        assert events(alice)[-2:] == ["patient_confirmed", "patient_reminder"]
        with pytest.raises(errors.AlreadyAnswered):
            services.accept_proposal(proposal=proposal, actor=alice)

    def test_patient_declines_the_other_time_and_the_request_ends(self, made, alice):
        appointment = ask(made, alice)
        other = slot_of(made, appointment.starts_at + DAY)
        proposal = services.propose_slot(appointment=appointment, slot=other, actor=made.owner)
        assert services.decline_proposal(proposal=proposal, actor=alice).state == State.WITHDRAWN
        assert offered(made, appointment.starts_at)
        assert offered(made, other.starts_at)
        assert events(made.owner)[-1] == "provider_proposal_declined"

    def test_a_proposal_puts_nobody_in_two_visits_at_once(self, made, alice):
        """Neither side can propose a time at which the patient is elsewhere; the provider is not told where."""
        at = NOW + 3 * DAY + HOUR
        elsewhere = confirm(make_open_provider(), alice, at)
        asked, agreed = ask(made, alice), confirm(made, alice, NOW + 2 * DAY + 3 * HOUR)
        for appointment, actor, refusal in (
            (asked, made.owner, errors.PatientNotFree),
            (agreed, made.owner, errors.PatientNotFree),
            (agreed, alice, errors.AlreadyRequested),
        ):
            with pytest.raises(refusal):
                services.propose_slot(appointment=appointment, slot=slot_of(made, at), actor=actor)
        assert not asked.proposals.exists()
        assert offered(made, at)
        services.cancel_appointment(appointment=elsewhere, actor=alice)
        assert services.propose_slot(appointment=asked, slot=slot_of(made, at), actor=made.owner)

    def test_a_visit_agreed_meanwhile_stands_in_the_way_of_a_proposal(self, made, alice):
        at = NOW + 3 * DAY + HOUR
        theirs = services.propose_slot(appointment=ask(made, alice), slot=slot_of(made, at), actor=made.owner)
        agreed = confirm(made, alice, NOW + 2 * DAY + 3 * HOUR)
        mine = services.propose_slot(appointment=agreed, slot=slot_of(made, at + HOUR), actor=alice)
        first, second = (ask(make_open_provider(), alice, start) for start in (at, at + HOUR))
        with pytest.raises(errors.AlreadyRequested):
            services.accept_proposal(proposal=theirs, actor=alice)
        with pytest.raises(errors.PatientNotFree):
            services.accept_proposal(proposal=mine, actor=made.owner)
        services.withdraw_request(appointment=first, actor=alice)
        services.withdraw_request(appointment=second, actor=alice)
        assert services.accept_proposal(proposal=theirs, actor=alice).starts_at == at
        assert services.accept_proposal(proposal=mine, actor=made.owner).starts_at == at + HOUR

    def test_a_dependant_and_the_representative_can_be_elsewhere_at_once(self, made, alice):
        child = Dependant.objects.create(
            representative=alice, first_name="Kim", last_name="Exemple", date_of_birth=date(2018, 1, 1),
            gender="other", relation=DependantRelation.CHILD, authority="parental", state=DependantState.APPROVED,
            proof_seen="passport", decided_at=NOW, decided_by=CareteamFactory(),
        )  # fmt: skip
        at = NOW + 3 * DAY + HOUR
        ask(make_open_provider(), alice, at, dependant=child)
        assert services.propose_slot(appointment=ask(made, alice), slot=slot_of(made, at), actor=made.owner)

    def test_a_newer_proposal_takes_the_place_of_the_older(self, made, alice):
        appointment = ask(made, alice)
        first, second = (slot_of(made, appointment.starts_at + DAY * n) for n in (1, 2))
        old = services.propose_slot(appointment=appointment, slot=first, actor=made.owner)
        services.propose_slot(appointment=appointment, slot=second, actor=made.owner)
        assert offered(made, first.starts_at)
        assert not offered(made, second.starts_at)
        with pytest.raises(errors.AlreadyAnswered):
            services.accept_proposal(proposal=old, actor=alice)

    @pytest.mark.parametrize("mover", ["patient", "provider"])
    def test_an_agreed_visit_moves_when_the_other_side_agrees(self, made, alice, mover):
        """pains 28: moving asks for nothing again; the fee stays what it was."""
        appointment = confirm(made, alice)
        mine, theirs = (alice, made.owner) if mover == "patient" else (made.owner, alice)
        other = appointment.starts_at + DAY
        proposal = services.propose_slot(appointment=appointment, slot=slot_of(made, other), actor=mine)
        appointment.refresh_from_db()
        assert (appointment.state, appointment.expires_at) == (State.CONFIRMED, None)
        with pytest.raises(errors.NotYours):
            services.accept_proposal(proposal=proposal, actor=mine)
        moved = services.accept_proposal(proposal=proposal, actor=theirs)
        assert (moved.state, moved.starts_at, moved.sequence) == (State.CONFIRMED, other, 1)
        assert (moved.fee_minor, moved.amount_due_minor) == (5000, 0)
        assert offered(made, appointment.starts_at)
        assert not offered(made, other)
        assert events(alice)[-2:] == ["patient_moved", "patient_reminder"]
        assert events(made.owner)[-1] == "provider_moved"
        # pains 13: the reminder of the new time is another row than that of the old one
        occurrences = Message.objects.filter(event="bookings.patient_reminder").order_by("pk")
        assert [row.occurrence for row in occurrences] == ["24h-0", "24h-1"]

    def test_declined_or_withdrawn_moves_leave_the_visit_as_it_was(self, made, alice):
        appointment = confirm(made, alice)
        other = slot_of(made, appointment.starts_at + DAY)
        proposal = services.propose_slot(appointment=appointment, slot=other, actor=alice)
        assert queries.inbox(provider=made.provider, now=NOW).get() == appointment
        services.decline_proposal(proposal=proposal, actor=made.owner)
        assert events(alice)[-1] == "patient_proposal_declined"
        proposal = services.propose_slot(appointment=appointment, slot=other, actor=made.owner)
        services.withdraw_proposal(proposal=proposal, actor=made.owner)
        appointment.refresh_from_db()
        assert (appointment.state, appointment.sequence) == (State.CONFIRMED, 0)
        assert offered(made, other.starts_at)
        assert not offered(made, appointment.starts_at)

    @pytest.mark.parametrize("minutes", [-15, 15])
    def test_an_agreed_visit_moves_to_a_time_that_overlaps_its_own(self, made, alice, minutes):
        type(made.service).objects.filter(pk=made.service.pk).update(slot_step=15)
        appointment = confirm(made, alice, NOW + 2 * DAY + 2 * HOUR)
        later = slot_of(made, appointment.starts_at + timedelta(minutes=minutes))
        proposal = services.propose_slot(appointment=appointment, slot=later, actor=alice)
        with pytest.raises(errors.SlotTaken):
            ask(made, PatientFactory(), later.starts_at)
        appointment = services.accept_proposal(proposal=proposal, actor=made.owner)
        assert appointment.starts_at == later.starts_at
        assert SlotHold.objects.get(released_at=None).starts_at == later.starts_at

    def test_declining_an_overlapping_move_keeps_the_whole_visit(self, made, alice):
        type(made.service).objects.filter(pk=made.service.pk).update(slot_step=15)
        appointment = confirm(made, alice)
        later = slot_of(made, appointment.starts_at + timedelta(minutes=15))
        proposal = services.propose_slot(appointment=appointment, slot=later, actor=alice)
        services.decline_proposal(proposal=proposal, actor=made.owner)
        assert SlotHold.objects.get(released_at=None).starts_at == appointment.starts_at

    def test_its_own_time_is_no_other_time(self, made, alice):
        appointment = confirm(made, alice)
        with pytest.raises(errors.NotBookable):
            services.propose_slot(appointment=appointment, slot=slot_of(made), actor=alice)

    def test_moves_respect_notice_and_offer_only_what_is_offered(self, made, alice, clock):
        """pains 29: minimum notice counts for moves as well, on the server."""
        type(made.service).objects.filter(pk=made.service.pk).update(minimum_notice=24 * 60)
        appointment = confirm(made, alice)
        with pytest.raises(errors.NotBookable):
            services.propose_slot(appointment=appointment, slot=slot_of(made, NOW + 2 * HOUR), actor=alice)
        clock.move_to(appointment.starts_at - 23 * HOUR)
        later = slot_of(made, appointment.starts_at + 2 * DAY)
        with pytest.raises(errors.TooLateToMove):
            services.propose_slot(appointment=appointment, slot=later, actor=alice)
        assert services.propose_slot(appointment=appointment, slot=later, actor=made.owner)

    def test_moving_what_is_over_or_ended_is_refused(self, made, alice, clock):
        """pains 29: cancelled and past visits are not moved."""
        gone = confirm(made, alice)
        services.cancel_appointment(appointment=gone, actor=alice)
        over = confirm(made, PatientFactory(), NOW + HOUR)
        clock.move_to(NOW + 2 * HOUR)
        later = slot_of(made, NOW + 3 * DAY + HOUR)
        for appointment, error in ((gone, errors.NotAllowedNow), (over, errors.AlreadyBegun)):
            with pytest.raises(error):
                services.propose_slot(appointment=appointment, slot=later, actor=made.owner)

    def test_other_service_or_taken_time_is_refused(self, made, alice):
        appointment = confirm(made, alice)
        with pytest.raises(errors.NotBookable):
            services.propose_slot(appointment=appointment, slot=slot_of(make_open_provider()), actor=alice)
        bob = confirm(made, PatientFactory(), appointment.starts_at + DAY)
        with pytest.raises(errors.SlotTaken):
            services.propose_slot(appointment=appointment, slot=slot_of(made, bob.starts_at), actor=alice)

    def test_an_unanswered_move_runs_out_by_itself(self, made, alice, clock):
        appointment = confirm(made, alice, NOW + 8 * DAY + HOUR)
        other = slot_of(made, appointment.starts_at + DAY)
        proposal = services.propose_slot(appointment=appointment, slot=other, actor=alice)
        clock.move_to(NOW + 48 * HOUR)
        assert queries.open_proposal(appointment=appointment, now=NOW + 48 * HOUR) is None
        assert offered(made, other.starts_at) is False  # seen as of NOW it is still kept
        with pytest.raises(errors.RequestExpired):
            services.accept_proposal(proposal=proposal, actor=made.owner)
        assert services.expire_overdue() == 1
        proposal.refresh_from_db()
        appointment.refresh_from_db()
        assert (proposal.state, appointment.state) == (ProposalState.EXPIRED, State.CONFIRMED)
        assert appointment.holds.filter(released_at=None).count() == 1

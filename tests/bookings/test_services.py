"""The life of an appointment, step by step (Rules 4)."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress

from accounts.enums import DependantRelation, DependantState
from accounts.models import Dependant, PatientProfile
from bookings import errors, queries, services
from bookings.enums import AppointmentState as State
from bookings.enums import MediationFee, ProposalState, Side
from bookings.models import Appointment, SlotHold
from bookings.slots import Slot
from medicaim.common.money import Money
from medicaim.notifications.models import Message
from providers.enums import DepositKind, MemberRole
from providers.models import Provider
from tests.support.factories import (
    CareteamFactory,
    MembershipFactory,
    PatientFactory,
    PractitionerFactory,
    ServiceFactory,
    UserFactory,
    WeeklyHoursFactory,
    make_open_provider,
)

NOW = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)  # a Monday, 08:00 in Paris
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def made(clock):
    return make_open_provider()


@pytest.fixture
def deposit(clock):
    """A provider whose service asks for 20 euros first."""
    return make_open_provider(service={"deposit_kind": DepositKind.DOWN_PAYMENT, "deposit_minor": 2000})


@pytest.fixture
def alice(clock):
    return PatientFactory(username="alice")


def slot_of(made, start=NOW + 2 * DAY + HOUR, practitioner=True):
    return Slot(start, made.service.pk, made.location.pk, made.practitioner.pk if practitioner else None)


def ask(made, patient, start=NOW + 2 * DAY + HOUR, **more):
    return services.request_appointment(slot=slot_of(made, start), patient=patient, **{"actor": patient, **more})


def confirm(made, patient, start=NOW + 2 * DAY + HOUR):
    return services.accept_request(appointment=ask(made, patient, start), actor=made.owner)


def events(recipient=None):
    rows = Message.objects.order_by("pk")
    if recipient is not None:
        rows = rows.filter(recipient=recipient)
    return [row.event.removeprefix("bookings.") for row in rows]


def offered(made, start):
    slots = queries.free_slots(service=made.service, from_at=start, until_at=start + HOUR / 60, now=NOW)
    return bool(slots)


class TestRequest:
    def test_keeps_the_slot_and_tells_both_sides_once(self, made, alice):
        appointment = ask(made, alice, subject="Knee")
        assert appointment.state == State.REQUESTED
        assert appointment.expires_at == NOW + 48 * HOUR
        assert (appointment.ends_at - appointment.starts_at, appointment.fee) == (HOUR / 2, Money(5000, "EUR"))
        assert appointment.subject == "Knee"
        hold = appointment.holds.get()
        assert (hold.starts_at, hold.ends_at) == (appointment.starts_at, appointment.ends_at)
        assert hold.expires_at == appointment.expires_at
        assert not offered(made, appointment.starts_at)
        assert events(alice) == ["patient_request_received"]
        assert events(made.owner) == ["provider_request_received"]
        step = appointment.transitions.get()
        assert (step.event, step.from_state, step.to_state, step.side) == ("requested", "", "requested", Side.PATIENT)
        assert Provider.objects.get(pk=made.provider.pk).search_stale_since == NOW

    def test_hold_holds_the_buffers_and_never_outlives_the_start(self, made, alice):
        type(made.service).objects.filter(pk=made.service.pk).update(buffer_before=15, buffer_after=10)
        appointment = ask(made, alice, NOW + HOUR)
        hold = appointment.holds.get()
        assert (hold.starts_at, hold.ends_at) == (NOW + HOUR * 0.75, NOW + HOUR * 1.5 + HOUR / 6)
        assert appointment.expires_at == appointment.starts_at
        near = [s.starts_at for s in queries.free_slots(service=made.service, from_at=NOW, until_at=NOW + DAY, now=NOW)]
        assert near[0] == NOW + 2 * HOUR  # 09:40 is kept, and 09:30 + 15 minutes before would touch it

    def test_second_patient_is_told_that_it_is_taken_and_nothing_is_written(self, made, alice):
        """pains 1: one slot, one appointment; the other is told politely and no message leaves."""
        ask(made, alice)
        bob = PatientFactory()
        before = Message.objects.count()
        with pytest.raises(errors.SlotTaken):
            ask(made, bob)
        assert Appointment.objects.count() == SlotHold.objects.count() == 1
        assert Message.objects.count() == before

    def test_overlap_counts_whatever_the_service_or_the_place(self, made, alice):
        """pains 5: a long visit is not given beside a short one that is already there."""
        long = ServiceFactory(
            provider=made.provider, practitioners=[made.practitioner], locations=[made.location], duration=180
        )
        start = NOW + 2 * DAY + HOUR
        ask(made, alice, start + HOUR / 2)
        with pytest.raises(errors.SlotTaken):
            services.request_appointment(
                slot=Slot(start, long.pk, made.location.pk, made.practitioner.pk),
                patient=(bob := PatientFactory()),
                actor=bob,
            )

    @pytest.mark.parametrize(
        "start",
        [NOW - HOUR, NOW + 2 * DAY, NOW + 2 * DAY + HOUR + timedelta(minutes=7), NOW + 5 * DAY, NOW + 200 * DAY],
        ids=["past", "closed hour", "off the grid", "weekend", "beyond the horizon"],
    )
    def test_what_is_not_offered_is_not_given(self, made, alice, start):
        with pytest.raises(errors.NotBookable):
            ask(made, alice, start)
        assert not Appointment.objects.exists()

    def test_minimum_notice_is_enforced_by_the_server(self, made, alice):
        """pains 29: a slot inside the minimum notice is refused even where its token is posted."""
        type(made.service).objects.filter(pk=made.service.pk).update(minimum_notice=24 * 60)
        with pytest.raises(errors.NotBookable):
            ask(made, alice, NOW + 2 * HOUR)

    def test_unpublished_or_foreign_things_are_not_given(self, made, alice):
        other = make_open_provider()
        mixed = Slot(NOW + 2 * DAY + HOUR, made.service.pk, made.location.pk, other.practitioner.pk)
        with pytest.raises(errors.NotBookable):
            services.request_appointment(slot=mixed, patient=alice, actor=alice)
        Provider.objects.filter(pk=made.provider.pk).update(state="suspended")
        with pytest.raises(errors.NotBookable):
            ask(made, alice)

    def test_same_key_gives_the_same_appointment(self, made, alice):
        first = ask(made, alice, request_key="k1")
        again = ask(made, alice, request_key="k1")
        assert again.pk == first.pk
        assert len(events(alice)) == 1
        with pytest.raises(errors.SlotTaken):
            ask(made, PatientFactory(), request_key="k1")

    def test_same_person_is_never_in_two_visits_at_once(self, made, alice):
        first = ask(made, alice)
        other = make_open_provider()
        with pytest.raises(errors.AlreadyRequested) as caught:
            ask(other, alice)
        assert caught.value.appointment == first
        child = self.child_of(alice, DependantState.APPROVED)
        assert ask(other, alice, dependant=child).dependant == child

    @staticmethod
    def child_of(user, state):
        decided = {"decided_at": NOW, "decided_by": CareteamFactory(), "proof_seen": "birth certificate"}
        return Dependant.objects.create(
            representative=user,
            first_name="Kim",
            last_name="Exemple",
            date_of_birth=date(2018, 1, 1),
            gender="other",
            relation=DependantRelation.CHILD,
            authority="parental authority",
            state=state,
            **(decided if state == DependantState.APPROVED else {}),
        )

    def test_nothing_for_a_dependant_before_approval_nor_for_anothers(self, made, alice):
        with pytest.raises(errors.DependantNotApproved):
            ask(made, alice, dependant=self.child_of(alice, DependantState.PENDING))
        with pytest.raises(errors.NotYours):
            ask(made, alice, dependant=self.child_of(PatientFactory(), DependantState.APPROVED))

    def test_only_adults_with_a_profile_and_a_verified_address_keep_slots(self, made, alice):
        """pains 40: no verified e-mail address, no slot."""
        EmailAddress.objects.filter(user=alice).update(verified=False)
        with pytest.raises(errors.EmailNotVerified):
            ask(made, alice)
        EmailAddress.objects.filter(user=alice).update(verified=True)
        PatientProfile.objects.filter(user=alice).update(date_of_birth=date(2008, 6, 2))
        with pytest.raises(errors.PatientNotAdult):
            ask(made, alice)
        PatientProfile.objects.filter(user=alice).update(date_of_birth=date(2008, 6, 1))
        assert ask(made, alice)
        with pytest.raises(errors.PatientProfileMissing):
            ask(made, UserFactory())

    @pytest.mark.parametrize(
        ("zone", "now", "is_of_age"),
        [
            ("Pacific/Apia", datetime(2026, 6, 1, 11, tzinfo=UTC), True),
            ("America/Los_Angeles", datetime(2026, 6, 2, 2, tzinfo=UTC), False),
        ],
    )
    def test_of_age_from_the_birthday_where_the_patient_is(self, made, zone, now, is_of_age):
        """The account was opened by the date of that place: requests follow the same one."""
        patient = PatientFactory(time_zone=zone, profile__date_of_birth=date(2008, 6, 2))
        with time_machine.travel(now, tick=False):
            if is_of_age:
                assert ask(made, patient)
            else:
                with pytest.raises(errors.PatientNotAdult):
                    ask(made, patient)

    def test_requests_of_a_patient_and_of_an_address_are_limited(self, made, alice, settings):
        """pains 40: nobody fills agendas."""
        settings.MAX_OPEN_REQUESTS_PER_PATIENT = 2
        settings.MAX_REQUESTS_PER_ADDRESS_PER_DAY = 3
        starts = [NOW + 2 * DAY + HOUR * n for n in range(1, 8)]
        for start in starts[:2]:
            ask(made, alice, start, address="192.0.2.1")
        with pytest.raises(errors.TooManyRequests):
            ask(made, alice, starts[2], address="192.0.2.9")
        ask(made, PatientFactory(), starts[3], address="192.0.2.1")
        with pytest.raises(errors.TooManyRequests):
            ask(made, PatientFactory(), starts[4], address="192.0.2.1")
        assert ask(made, PatientFactory(), starts[4], address="192.0.2.2")
        assert not Appointment.objects.filter(origin__contains="192").exists()

    def test_only_the_patient_or_careteam_asks(self, made, alice):
        with pytest.raises(errors.NotYours):
            ask(made, alice, actor=PatientFactory())
        appointment = ask(made, alice, actor=(staff := CareteamFactory()))
        assert appointment.requested_by == staff
        assert appointment.transitions.get().side == Side.CARETEAM

    def test_instant_confirmation_is_one_step(self, made, alice):
        type(made.service).objects.filter(pk=made.service.pk).update(instant_confirmation=True)
        appointment = ask(made, alice)
        assert (appointment.state, appointment.expires_at) == (State.CONFIRMED, None)
        assert appointment.holds.get().expires_at is None
        assert events(alice) == ["patient_confirmed", "patient_reminder"]
        assert events(made.owner) == ["provider_confirmed"]

    def test_anyone_takes_the_first_who_is_free(self, made, alice):
        """pains 4: whoever is assigned is chosen and kept in one transaction."""
        second = PractitionerFactory(provider=made.provider)
        made.service.practitioners.add(second)
        WeeklyHoursFactory(practitioner=second, location=made.location, weekday=3)
        slot = slot_of(made, practitioner=False)
        people = [alice, PatientFactory(), PatientFactory()]
        got = [services.request_appointment(slot=slot, patient=one, actor=one) for one in people[:2]]
        assert [one.practitioner for one in got] == [made.practitioner, second]
        with pytest.raises(errors.SlotTaken):
            services.request_appointment(slot=slot, patient=people[2], actor=people[2])

    def test_the_database_refuses_what_the_look_missed(self, made, alice):
        """pains 3: the constraint is there, and its refusal is a polite one."""
        from bookings.services import _base

        taken, other = ask(made, alice), ask(made, PatientFactory(), NOW + 3 * DAY + HOUR)
        with pytest.raises(errors.SlotTaken):
            _base.keep_time(other, made.service, made.practitioner.pk, taken.starts_at + HOUR / 3, None)


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


class TestOutcome:
    @pytest.fixture
    def visit(self, made, alice, clock):
        Provider.objects.filter(pk=made.provider.pk).update(mediation_fee_bp=1250)
        appointment = confirm(made, alice, NOW + HOUR)
        clock.move_to(NOW + 2 * HOUR)
        return appointment

    def test_not_before_the_start(self, made, alice):
        with pytest.raises(errors.NotYetOver):
            services.record_outcome(appointment=confirm(made, alice), came=True, actor=made.owner)

    def test_provider_is_asked_once_and_then_the_patient(self, made, alice, visit):
        assert (services.ask_for_outcomes(), services.ask_for_outcomes()) == (1, 0)
        assert events(made.owner)[-1] == "provider_outcome_question"
        done = services.record_outcome(appointment=visit, came=True, actor=made.owner)
        assert done.state == State.COMPLETED
        assert events(alice)[-1] == "patient_outcome_question"
        with pytest.raises(errors.AlreadyAnswered):
            services.record_outcome(appointment=visit, came=False, actor=made.owner)

    def test_fee_is_due_when_it_took_place_and_both_go_on(self, made, alice, visit):
        services.record_outcome(appointment=visit, came=True, goes_on=True, actor=made.owner)
        done = services.say_goes_on(appointment=visit, goes_on=True, actor=alice)
        assert (done.mediation_fee, done.mediation_fee_minor) == (MediationFee.DUE, 625)
        assert [step.event for step in done.transitions.all()][-2:] == ["goes_on", "mediation_fee_due"]

    @pytest.mark.parametrize("who", ["patient", "provider"])
    def test_fee_is_waived_when_either_wants_to_stop(self, made, alice, visit, who):
        services.record_outcome(appointment=visit, came=True, actor=made.owner)
        actor = alice if who == "patient" else made.owner
        done = services.say_goes_on(appointment=visit, goes_on=False, actor=actor)
        assert (done.mediation_fee, done.mediation_fee_minor) == (MediationFee.WAIVED, 0)

    def test_fee_is_waived_when_the_patient_did_not_come(self, made, alice, visit):
        done = services.record_outcome(appointment=visit, came=False, actor=made.owner)
        assert (done.state, done.mediation_fee) == (State.NO_SHOW, MediationFee.WAIVED)
        assert services.say_goes_on(appointment=visit, goes_on=False, actor=alice).patient_goes_on is False

    def test_silence_is_no_wish_to_stop(self, made, alice, visit, clock):
        services.record_outcome(appointment=visit, came=True, goes_on=True, actor=made.owner)
        assert services.decide_open_mediation_fees() == 0
        clock.shift(30 * DAY)
        assert services.decide_open_mediation_fees() == 1
        visit.refresh_from_db()
        assert (visit.mediation_fee, visit.mediation_fee_minor) == (MediationFee.DUE, 625)
        with pytest.raises(errors.AlreadyAnswered):
            services.say_goes_on(appointment=visit, goes_on=False, actor=alice)

    def test_a_contract_without_a_rate_owes_nothing(self, made, alice, visit):
        Provider.objects.filter(pk=made.provider.pk).update(mediation_fee_bp=0)
        services.record_outcome(appointment=visit, came=True, goes_on=True, actor=made.owner)
        done = services.say_goes_on(appointment=visit, goes_on=True, actor=alice)
        assert (done.mediation_fee, done.mediation_fee_minor) == (MediationFee.WAIVED, 0)


class TestLists:
    def test_each_appointment_is_in_one_list_of_its_patient(self, made, alice, clock):
        kept = confirm(made, alice, NOW + 3 * DAY + HOUR)
        asked = ask(made, alice, NOW + 2 * DAY + HOUR)
        gone = ask(made, alice, NOW + 2 * DAY + 2 * HOUR)
        services.withdraw_request(appointment=gone, actor=alice)
        ask(made, PatientFactory(), NOW + 2 * DAY + 3 * HOUR)

        def lists(now):
            return [
                list(query(patient=alice, now=now))
                for query in (queries.waiting_of_patient, queries.upcoming_of_patient, queries.past_of_patient)
            ]

        assert lists(NOW) == [[asked], [kept], [gone]]
        assert lists(NOW + 49 * HOUR) == [[], [kept], [gone, asked]]
        assert queries.past_of_patient(patient=alice, now=NOW + 49 * HOUR).last().current_state == State.EXPIRED
        assert lists(NOW + 4 * DAY) == [[], [], [kept, gone, asked]]

    def test_agenda_and_inbox_know_the_time(self, made, alice):
        first = ask(made, alice, NOW + 2 * DAY + HOUR)
        second = confirm(made, alice, NOW + 2 * DAY + 3 * HOUR)
        week = {"provider": made.provider, "from_at": NOW, "until_at": NOW + 7 * DAY}
        assert list(queries.agenda(now=NOW, **week)) == [first, second]
        assert list(queries.inbox(provider=made.provider, now=NOW)) == [first]
        assert list(queries.agenda(now=NOW + 48 * HOUR, **week)) == [second]
        assert list(queries.inbox(provider=made.provider, now=NOW + 48 * HOUR)) == []

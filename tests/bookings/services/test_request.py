"""How a request begins (Rules 4)."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress

from accounts.enums import DependantRelation, DependantState
from accounts.models import Dependant, PatientProfile
from bookings import errors, queries, services
from bookings.enums import AppointmentState as State
from bookings.enums import Side
from bookings.models import Appointment, SlotHold
from bookings.slots import Slot
from medicaim.common.money import Money
from medicaim.notifications.models import Message
from providers.models import Provider
from tests.bookings.services.support import DAY, HOUR, NOW, ask, events, offered, slot_of
from tests.support.factories import (
    CareteamFactory,
    PatientFactory,
    PractitionerFactory,
    ServiceFactory,
    UserFactory,
    WeeklyHoursFactory,
    make_open_provider,
)

pytestmark = pytest.mark.django_db


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

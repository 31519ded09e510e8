"""What follows a visit, and in which list it stands (Rules 4)."""

import pytest

from bookings import errors, queries, services
from bookings.enums import AppointmentState as State
from bookings.enums import MediationFee
from providers.models import Provider
from tests.bookings.services.support import DAY, HOUR, NOW, ask, confirm, events
from tests.support.factories import PatientFactory

pytestmark = pytest.mark.django_db


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

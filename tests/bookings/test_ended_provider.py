"""The end of a membership, and a suspension: what becomes of requests and visits (Rules 3, point 1; Rules 4)."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from bookings import services as bookings
from bookings.enums import AppointmentState as State
from bookings.errors import NotBookable
from bookings.models import SlotHold
from bookings.tasks import end_for_ended_providers
from medicaim.common.models import AuditEntry
from providers import services
from providers.enums import ProviderState
from providers.models import Provider
from tests.bookings.support import NOW, ask, calendar_of, confirm
from tests.support.factories import CareteamFactory, PatientFactory, make_open_provider

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def made():
    return make_open_provider(name="Dr Nova Exemple")


@pytest.fixture
def alice():
    return PatientFactory(first_name="Alice", language="en")


@pytest.fixture
def carla():
    return CareteamFactory(first_name="Carla")


def end(made, actor):
    return services.end_provider(provider=made.provider, reason="Struck off the register", actor=actor)


def words(mail) -> list[str]:
    return [" ".join(mail.get_body((kind,)).get_content().split()) for kind in ("plain", "html")]


@pytest.mark.parametrize("action", ["end", "suspend"])
def test_the_careteam_reads_what_stands_with_a_provider_before_it_decides(client, made, alice, carla, action):
    ask(made, alice)
    ask(made, alice, days=3)
    confirm(made, alice, days=6)
    past = confirm(made, alice, days=7)
    type(past).objects.filter(pk=past.pk).update(starts_at=NOW - timedelta(hours=1))
    client.force_login(carla)
    page = client.post(
        reverse("admin:providers_provider_changelist"), {"action": action, "_selected_action": made.provider.pk}
    )
    assert "2 open requests: they" in page.text
    assert "1 agreed visit to come: it" in page.text
    assert ("cancelled at once" in page.text) is (action == "end")
    assert Provider.objects.get(pk=made.provider.pk).state == ProviderState.ACTIVE


def test_ending_ends_requests_and_visits_in_the_name_of_the_provider(
    client, made, alice, carla, outbox, enqueued, django_capture_on_commit_callbacks
):
    """Nobody of the provider can answer or receive any more; the patient reads who, why, and where to look."""
    asked, agreed, begun = ask(made, alice), confirm(made, alice, days=3), confirm(made, alice, days=6)
    type(begun).objects.filter(pk=begun.pk).update(starts_at=NOW - timedelta(minutes=5))
    other = confirm(make_open_provider(), alice, days=7)
    outbox.deliver()
    outbox.clear()
    client.force_login(carla)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            reverse("admin:providers_provider_changelist"),
            {"action": "end", "_selected_action": made.provider.pk, "reason": "Struck off the register"},
        )
    assert enqueued.named("bookings.tasks.end_for_ended_providers")
    assert end_for_ended_providers() == 2
    for row in (asked, agreed, begun, other):
        row.refresh_from_db()
    assert [row.state for row in (asked, agreed, begun, other)] == [
        State.DECLINED, State.CANCELLED, State.CONFIRMED, State.CONFIRMED,
    ]  # fmt: skip
    for row in (asked, agreed):
        step = row.transitions.last()
        assert (step.event, step.side, step.on_behalf_of, step.actor) == (
            "provider_ended",
            "careteam",
            "provider",
            carla,
        )
    assert not SlotHold.objects.filter(appointment__in=[asked, agreed], released_at=None).exists()

    outbox.deliver()
    declined, cancelled = sorted(outbox.mails_to(alice.email), key=lambda mail: "cancelled" in mail["Subject"])
    for mail, act in ((declined, "ended your request"), (cancelled, "cancelled this appointment")):
        for text in words(mail):
            assert f"Our careteam {act}, because this provider no longer works with MEDICAIM." in text
            assert "Struck off" not in text
            assert "/en/find-care/" in text
            assert "other free times of this provider" not in text
    assert calendar_of(cancelled)[0] == "CANCEL"
    (mail,) = [mail for mail in outbox.mails_to(made.owner.email) if "cancelled" in mail["Subject"]]
    for text in words(mail):
        assert "because your membership has ended" in text
        assert "/workspace/" not in text
        assert "/en/contact/" in text

    client.force_login(alice)
    for row in (asked, agreed):
        page = client.get(reverse("bookings:appointment", args=[row.public_id]))
        assert "no longer works with MEDICAIM: ended by our careteam for the provider" in page.text
        assert reverse("search") in page.text


def test_a_job_killed_half_way_goes_on_and_does_nothing_twice(made, alice, carla, outbox):
    rows = [confirm(made, alice, days=days) for days in (2, 3, 6)]
    outbox.deliver()
    outbox.clear()
    end(made, carla)
    assert [bookings.end_for_ended_providers(limit=1) for _ in range(4)] == [1, 1, 1, 0]
    outbox.deliver()
    assert len(outbox.mails_to(alice.email)) == 3
    assert {row.transitions.filter(event="provider_ended").count() for row in rows} == {1}


def test_what_was_asked_for_in_the_instant_of_the_ending_ends_with_the_next_sweep(made, alice, carla):
    end(made, carla)
    Provider.objects.filter(pk=made.provider.pk).update(state=ProviderState.ACTIVE)
    late = ask(made, alice)
    Provider.objects.filter(pk=made.provider.pk).update(state=ProviderState.ENDED)
    assert end_for_ended_providers() == 1
    late.refresh_from_db()
    assert late.state == State.DECLINED


def test_a_suspension_leaves_what_stands_and_lets_nothing_new_begin(made, alice, carla):
    asked, agreed = ask(made, alice), confirm(made, alice, days=3)
    services.suspend_provider(provider=made.provider, reason="Number under review", actor=carla)
    assert end_for_ended_providers() == 0
    with pytest.raises(NotBookable):
        ask(made, PatientFactory(), days=6)
    agreed.refresh_from_db()
    assert agreed.state == State.CONFIRMED
    assert bookings.accept_request(appointment=asked, actor=made.owner).state == State.CONFIRMED


def test_it_is_done_although_whoever_ended_it_has_left_the_careteam(made, alice, carla):
    asked, agreed = ask(made, alice), confirm(made, alice, days=3)
    end(made, carla)
    type(carla).objects.filter(pk=carla.pk).update(is_staff=False, is_active=False)
    assert end_for_ended_providers() == 2
    steps = [row.transitions.latest("pk") for row in (asked, agreed)]
    assert [(step.to_state, step.actor) for step in steps] == [(State.DECLINED, carla), (State.CANCELLED, carla)]


def test_it_is_done_although_nobody_is_on_record(made, alice, carla):
    asked = ask(made, alice)
    end(made, carla)
    AuditEntry.objects.filter(action="provider.ended").delete()
    assert end_for_ended_providers() == 1
    asked.refresh_from_db()
    assert asked.state == State.DECLINED

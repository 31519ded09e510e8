"""Private calendar addresses."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from icalendar import Calendar

from bookings import services
from bookings.models import CalendarFeed
from medicaim.common.ids import token_hash
from tests.support.factories import MembershipFactory, PatientFactory, make_open_provider

from .support import NOW, ask, confirm

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def made():
    return make_open_provider(name="Oncology Centre", service={"name_en": "Chemotherapy"})


@pytest.fixture
def alice():
    return PatientFactory(first_name="Alice", language="en")


def make(client, user, provider=None) -> str:
    client.force_login(user)
    name, args = ("my_calendar", []) if provider is None else ("provider_calendar", [provider.public_id])
    page = client.post(reverse(f"bookings:{name}", args=args), {"act": "create"})
    return re.search(r'value="https?://[^/]+(/feeds/[^"]+\.ics)"', page.text).group(1)


def events(response):
    return Calendar.from_ical(response.content).walk("VEVENT")


def test_the_address_is_shown_once_and_only_its_hash_is_kept(client, alice):
    """pains 42: at least 128 bits, stored hashed."""
    address = make(client, alice)
    token = address.removeprefix("/feeds/").removesuffix(".ics")
    assert len(token) >= 43  # 256 bits
    assert CalendarFeed.objects.get().token_hash == token_hash(token)
    assert token not in client.get(reverse("bookings:my_calendar")).text


def test_read_without_a_session_in_any_program(client, client_of, made, alice, django_assert_max_num_queries):
    confirm(made, alice)
    ask(made, alice, days=3)  # not agreed yet: not in a calendar
    address = make(client, alice)
    program = client_of()
    with django_assert_max_num_queries(6):
        answer = program.get(address)
    assert answer["Content-Type"].startswith("text/calendar")
    (event,) = events(answer)
    assert event["STATUS"] == "CONFIRMED"
    assert not answer.cookies
    for word in (b"Oncology", b"Chemotherapy", b"knee", b"Alice", b"LOCATION", b"DESCRIPTION"):
        assert word not in answer.content


def test_unchanged_is_answered_without_a_body(client, made, alice):
    appointment = confirm(made, alice)
    address = make(client, alice)
    etag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    services.cancel_appointment(appointment=appointment, actor=alice)
    changed = client.get(address, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed["ETag"] != etag


def test_cancelled_visits_stay_as_cancelled_for_thirty_days(client, made, alice, clock):
    """pains 31: the feed says that it is cancelled, with a higher SEQUENCE."""
    appointment = confirm(made, alice)
    address = make(client, alice)
    services.cancel_appointment(appointment=appointment, actor=made.owner)
    services.withdraw_request(appointment=ask(made, alice, days=6), actor=alice)  # never stood in a calendar
    (event,) = events(client.get(address))
    assert (event["STATUS"], event["SEQUENCE"], event["UID"]) == ("CANCELLED", 1, appointment.uid)
    clock.shift(timedelta(days=31))
    assert events(client.get(address)) == []


def test_a_new_address_and_a_revoked_one_end_the_old_at_once(client, alice):
    first = make(client, alice)
    second = make(client, alice)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    client.post(reverse("bookings:my_calendar"), {"act": "revoke"})
    assert client.get(second).status_code == 404
    assert client.get("/feeds/unknown.ics").status_code == 404


def test_looking_at_the_page_makes_no_address(client, alice):
    client.force_login(alice)
    assert client.get(reverse("bookings:my_calendar")).status_code == 200
    assert CalendarFeed.objects.count() == 0


def test_a_provider_feed_is_of_one_provider_and_ends_with_the_membership(client, made, alice):
    other = make_open_provider()
    mine = confirm(made, alice)
    confirm(other, alice, days=3)
    address = make(client, made.owner, made.provider)
    assert [event["UID"] for event in events(client.get(address))] == [mine.uid]
    made.owner.provider_memberships.all().delete()
    assert client.get(address).status_code == 404


def test_editors_and_strangers_have_no_feed_of_a_provider(client, made):
    editor = MembershipFactory(provider=made.provider, role="editor").user
    url = reverse("bookings:provider_calendar", args=[made.provider.public_id])
    client.force_login(editor)
    assert client.post(url, {"act": "create"}).status_code == 403
    client.force_login(make_open_provider().owner)
    assert client.post(url, {"act": "create"}).status_code == 404


def test_refused_access_ends_the_feed(client, client_of, alice):
    address = make(client, alice)
    type(alice).objects.filter(pk=alice.pk).update(access_refused_at=NOW)
    assert client_of().get(address).status_code == 404

"""The page of free times, through HTTP."""

import re
from datetime import UTC, datetime, time, timedelta
from time import process_time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings import queries
from bookings.errors import NotBookable
from bookings.models import Appointment, SlotHold
from bookings.slots import slot_token
from providers.enums import ProviderState
from providers.links import page_url
from providers.models import ExternalCalendar
from tests.bookings.pages.support import post_data, slots_url, take_every_time, tokens
from tests.bookings.support import NOW, ask, slot_of
from tests.support.factories import (
    LocationFactory,
    PatientFactory,
    PractitionerFactory,
    WeeklyHoursFactory,
    make_open_provider,
)

pytestmark = pytest.mark.django_db


class TestFreeTimes:
    def test_anyone_sees_a_week_of_radio_buttons_under_their_days(self, client, made):
        """pains 34: headings and radio buttons, in a form that works without JavaScript."""
        page = client.get(slots_url(made))
        assert page.status_code == 200
        assert f'href="{page_url(made.provider)}"' in page.text
        week = queries.free_slots(
            service=made.service, from_at=NOW, until_at=datetime(2027, 1, 17, 23, tzinfo=UTC), now=NOW
        )
        assert tokens(page) == [slot_token(slot) for slot in week]
        assert re.findall(r"<legend[^>]*>([^<]+)</legend>", page.text) == [
            "Tuesday 12 January 2027",
            "Wednesday 13 January 2027",
            "Thursday 14 January 2027",
            "Friday 15 January 2027",
        ] or re.findall(r"<legend[^>]*>(\w+)", page.text) == ["Tuesday", "Wednesday", "Thursday", "Friday"]
        assert f'action="{reverse("bookings:request")}"' in page.text
        assert "Confirmed at once" not in page.text
        assert "The provider answers each request." in page.text

    def test_what_is_posted_is_an_opaque_token_that_no_zone_can_shift(self, client, made):
        """pains 10: the same token whatever the reader's zone; never a date and an hour."""
        seen = []
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Paris"):
            client.cookies["tz"] = zone
            seen.append(tokens(client.get(slots_url(made, week="2027-01-18"))))
        assert seen[0] == seen[1] == seen[2]
        assert len(seen[0]) == 5 * 16
        assert not re.search(r'value="[^"]*(2027|09:00|0900)[^"]*"', "".join(f'value="{t}"' for t in seen[0]))

    def test_the_place_comes_first_then_the_reader_with_the_other_day_named(self, client, made):
        """pains 9: the reader's own time stands beside the place's, with its day where that differs."""
        client.cookies["tz"] = "Pacific/Auckland"
        page = client.get(slots_url(made))
        assert "Paris time, UTC+1" in page.text
        assert "Auckland time, UTC+13" in page.text
        assert re.search(r'slot__time">16:00</span> <span class="slot__reader">[^<]*13 Jan[^<]*04:00', page.text)

    def test_weeks_are_plain_links_and_the_fragment_is_the_same_for_htmx(self, client, made):
        page = client.get(slots_url(made, week="2027-01-18"))
        assert slots_url(made, week="2027-01-11") in page.text
        assert slots_url(made, week="2027-01-25") in page.text
        part = client.get(slots_url(made, week="2027-01-18"), headers={"HX-Request": "true"})
        assert part.text.startswith('<div id="week"')
        assert tokens(part) == tokens(page)
        assert "HX-Request" in part["Vary"]

    def test_an_empty_week_leads_to_the_first_free_time(self, client):
        made = make_open_provider(service={"minimum_notice": 20 * 1440})
        here = client.get(slots_url(made))
        assert "1 Feb" in here.text  # the week of the first free time, without being asked
        assert tokens(here)
        empty = client.get(slots_url(made, week="2027-01-12"))
        assert tokens(empty) == []
        assert "No free time in this week" in empty.text
        assert "Monday, 1 February 2027" in empty.text or "Monday 1 February 2027" in empty.text

    def test_no_free_time_at_all_is_said_and_is_not_an_error(self, client):
        """pains 33: an error is not "no availability", and the other way round."""
        page = client.get(slots_url(make_open_provider(weekdays=())))
        assert page.status_code == 200
        assert "no free time at all" in page.text
        assert "could not load" in page.text  # there for the script, hidden
        assert re.search(r"data-week-error hidden", page.text)

    def test_a_calendar_that_cannot_be_read_is_an_error_and_not_an_empty_one(self, client, made):
        """pains 33: an error is not "no availability": the page fails with 500 and says nothing about free times."""
        type(made.location).objects.filter(pk=made.location.pk).update(time_zone="Nowhere/At_All")
        client.raise_request_exception = False
        page = client.get(slots_url(made))
        assert page.status_code == 500
        assert "no free time" not in page.text.lower()

    @pytest.mark.parametrize("change", ["suspended", "ended", "unpublished", "nobody left"])
    def test_a_week_asked_for_after_the_service_was_withdrawn_says_so(self, client, made, change):
        """Not "try again": the reader is told what happened and where to search."""
        if change == "unpublished":
            type(made.service).objects.update(is_published=False)
        elif change == "nobody left":
            type(made.practitioner).objects.update(is_active=False)
        else:
            type(made.provider).objects.update(state=change)
        part = client.get(slots_url(made, week="2027-01-18"), headers={"HX-Request": "true"})
        assert part.status_code == 200
        assert 'id="week"' in part.text
        assert "takes no requests for this service any more" in part.text
        assert reverse("search") in part.text
        assert "<html" not in part.text
        page = client.get(slots_url(made))
        assert page.status_code == (200 if change == "nobody left" else 404)
        assert made.provider.name not in part.text
        if change == "nobody left":
            assert page_url(made.provider) in page.text
        else:
            assert "takes no requests for this service any more" in page.text
            assert made.provider.name not in page.text

    def test_nonsense_in_the_address_is_the_first_week(self, client, made):
        for query in (
            {"week": "x"},
            {"week": "1-1-1"},
            {"week": "9999-12-31"},
            {"practitioner": "?"},
            {"location": "?"},
        ):
            assert client.get(slots_url(made, **query)).status_code == 200

    @pytest.mark.slow
    def test_the_number_of_queries_does_not_grow(self, client, made, django_assert_max_num_queries):
        """pains 33: the same statements, at most 12, and at most 300 ms of work for 19 pages of 20, at any size."""
        client.get(slots_url(made))
        with django_assert_max_num_queries(12) as few:
            client.get(slots_url(made))
        appointment = ask(made, PatientFactory())
        for number in range(5):
            other = PractitionerFactory(provider=made.provider, name=f"Dr {number}")
            made.service.practitioners.add(other)
            for weekday in (1, 2, 3):
                WeeklyHoursFactory(practitioner=other, location=made.location, weekday=weekday)
            SlotHold.objects.bulk_create(
                SlotHold(
                    appointment=appointment,
                    practitioner=other,
                    starts_at=NOW + timedelta(hours=3 * hour),
                    ends_at=NOW + timedelta(hours=3 * hour + 1),
                )
                for hour in range(500)
            )
        with django_assert_max_num_queries(12) as many:
            client.get(slots_url(made))
        assert len(many) == len(few)
        seconds = []
        for _ in range(20):
            before = process_time()  # what others do on this machine at the same time is not the page's
            client.get(slots_url(made))
            seconds.append(process_time() - before)
        assert sorted(seconds)[18] <= 0.3

    @pytest.mark.slow
    def test_a_full_diary_asks_no_more(self, client, alice):
        """pains 33: the same queries, at most 12, for a diary of a dozen times and of thousands, free or full."""
        small = make_open_provider(weekdays=(4,), starts=time(10), ends=time(10, 30))
        large = make_open_provider()
        other = PractitionerFactory(provider=large.provider)
        large.service.practitioners.add(other)
        for weekday in (1, 2, 3, 4, 5):
            WeeklyHoursFactory(practitioner=other, location=large.location, weekday=weekday)
        appointment = ask(large, alice)
        views = ({}, {"week": "2027-01-18"}, {"week": "2027-02-15"}, {"week": "2027-04-05"})

        def counts(made):
            client.get(slots_url(made))
            found = []
            for query in views:
                with CaptureQueriesContext(connection) as captured:
                    assert client.get(slots_url(made, **query)).status_code == 200
                found.append(len(captured))
            return found

        free = counts(large)
        assert free == counts(small)
        assert take_every_time(small, appointment) == 13
        assert take_every_time(large, appointment) > 2000
        full = counts(large)
        assert full == counts(small)
        assert max(free + full) <= 12
        assert "no free time at all" in client.get(slots_url(large)).text

    def test_one_practitioner_and_one_location_can_be_chosen(self, client, made):
        other = PractitionerFactory(provider=made.provider, name="Dr Autre")
        made.service.practitioners.add(other)
        WeeklyHoursFactory(practitioner=other, location=made.location, weekday=6)
        far = LocationFactory(provider=made.provider, city="Tokyo", time_zone="Asia/Tokyo")
        made.service.locations.add(far)
        WeeklyHoursFactory(practitioner=other, location=far, weekday=1)
        assert "Whoever is free" in client.get(slots_url(made)).text
        alone = client.get(slots_url(made, practitioner=other.public_id, week="2027-01-18"))
        assert len(tokens(alone)) == 16
        there = client.get(slots_url(made, location=far.public_id, week="2027-01-18"))
        assert "Tokyo time, UTC+9" in there.text
        assert len(tokens(there)) == 16

    def test_the_age_of_the_calendar_is_shown(self, client, made):
        """pains 44: what may have been taken meanwhile is not hidden."""
        calendar = ExternalCalendar.objects.create(
            practitioner=made.practitioner, url="https://calendar.example/x.ics", fetched_at=NOW - timedelta(minutes=5)
        )
        assert "was last read" in client.get(slots_url(made)).text
        ExternalCalendar.objects.filter(pk=calendar.pk).update(fetched_at=NOW - timedelta(hours=30))
        assert "could not be read for some hours" in client.get(slots_url(made)).text

    @pytest.mark.parametrize("what", ["unpublished", "service", "unknown"])
    def test_what_is_not_public_does_not_exist(self, client, made, what):
        if what == "unpublished":
            type(made.provider).objects.filter(pk=made.provider.pk).update(published_at=None)
        elif what == "service":
            type(made.service).objects.filter(pk=made.service.pk).update(is_published=False)
        url = slots_url(made) if what != "unknown" else reverse("bookings:slots", args=["nobody"])
        assert client.get(url).status_code == 404

    @pytest.mark.parametrize("state", [state for state in ProviderState if state != ProviderState.ACTIVE])
    def test_a_provider_that_is_not_active_takes_no_request(self, client, made, alice, state):
        """pains 43: unverified or suspended, a provider has no page and 0 requests, whatever token somebody kept."""
        type(made.provider).objects.filter(pk=made.provider.pk).update(state=state)
        client.force_login(alice)
        assert client.get(slots_url(made)).status_code == 404
        assert client.get(reverse("bookings:request"), {"slot": slot_token(slot_of(made))}).status_code == 409
        assert client.post(reverse("bookings:request"), post_data(slot_of(made))).status_code == 409
        with pytest.raises(NotBookable):
            ask(made, alice)
        assert Appointment.objects.count() == 0

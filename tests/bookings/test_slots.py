"""Free times as pages offer them, and the opaque names they are posted under."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings

from bookings import queries
from bookings.errors import InvalidSlot
from bookings.slots import Slot, read_slot_token, slot_token
from providers.enums import ProviderState
from providers.models import BusyTime, Closure, ExternalCalendar, ExtraOpening, Provider
from tests.support.factories import (
    LocationFactory,
    PractitionerFactory,
    ServiceFactory,
    WeeklyHoursFactory,
    make_open_provider,
)

NOW = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)  # a Monday, 08:00 in Paris
SLOT = Slot(datetime(2026, 6, 2, 7, 30, tzinfo=UTC), 12, 34, 56)
PARIS = ZoneInfo("Europe/Paris")


def day_of(service, *, days=1, start=NOW, **filters):
    return queries.free_slots(service=service, from_at=start, until_at=start + timedelta(days=days), now=NOW, **filters)


class TestToken:
    def test_token_leads_back_to_its_slot(self):
        for slot in (SLOT, Slot(SLOT.starts_at, 1, 2, None)):
            assert read_slot_token(slot_token(slot)) == slot

    def test_same_slot_same_token_and_it_says_nothing(self):
        """pains 10: what a page posts holds no date and no hour that a zone could shift."""
        assert SLOT.token == slot_token(SLOT)
        assert SLOT.token != Slot(SLOT.starts_at, 12, 34, None).token
        assert SLOT.token.replace("-", "").replace("_", "").isalnum()
        assert "2026" not in SLOT.token

    @pytest.mark.parametrize("text", ["", "x", "é" * 64, "A" * 64, SLOT.token[:-4], "=" * 64, "A" * 10_000, "\0"])
    def test_anything_else_is_refused(self, text):
        with pytest.raises(InvalidSlot):
            read_slot_token(text)

    def test_one_altered_sign_is_refused(self):
        token = slot_token(SLOT)
        for place in range(len(token)):
            other = "A" if token[place] != "A" else "B"
            with pytest.raises(InvalidSlot):
                read_slot_token(token[:place] + other + token[place + 1 :])

    def test_a_replaced_key_is_still_read_and_then_no_more(self):
        with override_settings(SECRET_KEY="a" * 60):
            token = slot_token(SLOT)
        with override_settings(SECRET_KEY="b" * 60, SECRET_KEY_FALLBACKS=["a" * 60]):
            assert read_slot_token(token) == SLOT
            assert slot_token(SLOT) != token
        with override_settings(SECRET_KEY="b" * 60, SECRET_KEY_FALLBACKS=[]), pytest.raises(InvalidSlot):
            read_slot_token(token)


@pytest.mark.django_db
class TestFreeSlots:
    def test_hours_of_the_day_in_order(self):
        open_provider = make_open_provider()
        slots = day_of(open_provider.service)
        local = [slot.starts_at.astimezone(PARIS).strftime("%H:%M") for slot in slots]
        assert local == [f"{hour:02}:{minute}" for hour in range(9, 17) for minute in ("00", "30")]
        assert {(s.service_id, s.location_id, s.practitioner_id) for s in slots} == {
            (open_provider.service.pk, open_provider.location.pk, open_provider.practitioner.pk)
        }

    def test_busy_closed_and_extra_times_count(self):
        made = make_open_provider()
        calendar = ExternalCalendar.objects.create(
            practitioner=made.practitioner, url="https://calendar.example/x.ics", time_zone="UTC"
        )
        BusyTime.objects.create(
            calendar=calendar, uid="1", starts_at=NOW + timedelta(hours=1), ends_at=NOW + timedelta(hours=8)
        )
        Closure.objects.create(practitioner=made.practitioner, starts_on=date(2026, 6, 2), ends_on=date(2026, 6, 5))
        ExtraOpening.objects.create(
            practitioner=made.practitioner, location=made.location, on=date(2026, 6, 3), starts=time(20), ends=time(21)
        )
        local = [slot.starts_at.astimezone(PARIS).strftime("%d %H:%M") for slot in day_of(made.service, days=5)]
        assert local == ["01 16:00", "01 16:30", "03 20:00", "03 20:30"]

    def test_hours_of_another_service_do_not_open_this_one(self):
        made = make_open_provider(weekdays=())
        other = ServiceFactory(provider=made.provider, practitioners=[made.practitioner], locations=[made.location])
        WeeklyHoursFactory(practitioner=made.practitioner, location=made.location, service=other)
        assert day_of(made.service) == []
        assert len(day_of(other)) == 16

    @pytest.mark.parametrize(
        ("what", "change"),
        [
            ("provider", {"state": ProviderState.SUSPENDED}),
            ("provider", {"published_at": None}),
            ("service", {"is_published": False}),
            ("practitioner", {"is_active": False}),
            ("location", {"is_active": False}),
        ],
    )
    def test_only_what_is_public_and_in_use_is_offered(self, what, change):
        made = make_open_provider()
        assert day_of(made.service)
        row = getattr(made, what)
        type(row).objects.filter(pk=row.pk).update(**change)
        assert day_of(made.service) == []
        pair = (made.service.pk, made.location.pk)
        assert queries.next_free_slots(pairs=[pair], now=NOW) == {pair: []}
        assert queries.nearest_free_slots(slot=Slot(NOW, *pair, None), now=NOW) == []

    def test_several_practitioners_are_offered_once_and_by_name(self):
        made = make_open_provider()
        second = PractitionerFactory(provider=made.provider)
        made.service.practitioners.add(second)
        WeeklyHoursFactory(practitioner=second, location=made.location, ends=time(20))
        anybody = day_of(made.service)
        assert len(anybody) == 22
        assert {slot.practitioner_id for slot in anybody} == {None}
        assert len(day_of(made.service, practitioner=made.practitioner)) == 16
        assert {slot.practitioner_id for slot in day_of(made.service, practitioner=second)} == {second.pk}

    def test_a_practitioner_who_takes_no_appointments_is_not_offered_by_name_either(self):
        made = make_open_provider()
        second = PractitionerFactory(provider=made.provider, is_active=False)
        made.service.practitioners.add(second)
        WeeklyHoursFactory(practitioner=second, location=made.location)
        assert day_of(made.service, practitioner=second) == []
        calendars = queries.Calendars.read(services=[made.service], practitioner_id=made.practitioner.pk)
        assert calendars.seats == {(made.service.pk, made.location.pk): [made.practitioner.pk]}
        second.is_active = True
        second.save(update_fields=["is_active"])
        calendars = queries.Calendars.read(services=[made.service], practitioner_id=second.pk)
        assert calendars.seats == {(made.service.pk, made.location.pk): [second.pk]}

    def test_a_location_can_be_chosen(self):
        made = make_open_provider()
        tokyo = LocationFactory(provider=made.provider, time_zone="Asia/Tokyo", country="JP", city="Tokyo")
        made.service.locations.add(tokyo)
        WeeklyHoursFactory(practitioner=made.practitioner, location=tokyo, weekday=2)
        everywhere = day_of(made.service, days=1)
        assert {slot.location_id for slot in everywhere} == {made.location.pk, tokyo.pk}
        there = day_of(made.service, location=tokyo)
        assert {slot.location_id for slot in there} == {tokyo.pk}
        assert there[0].starts_at == datetime(2026, 6, 2, 0, 0, tzinfo=UTC)

    def test_next_free_slots_search_as_far_as_the_horizon(self, django_assert_max_num_queries):
        near = make_open_provider()
        far = make_open_provider(weekdays=(), service={"horizon_days": 400})
        ExtraOpening.objects.create(
            practitioner=far.practitioner, location=far.location, on=date(2027, 5, 1), starts=time(9), ends=time(10)
        )
        never = make_open_provider(weekdays=())
        pairs = [(made.service.pk, made.location.pk) for made in (near, far, never)]
        with django_assert_max_num_queries(8):
            found = queries.next_free_slots(pairs=pairs, now=NOW)
        assert [len(found[pair]) for pair in pairs] == [3, 2, 0]
        assert found[pairs[0]][0].starts_at == datetime(2026, 6, 1, 7, tzinfo=UTC)
        assert found[pairs[1]][0].starts_at == datetime(2027, 5, 1, 7, tzinfo=UTC)

    def test_number_of_queries_does_not_depend_on_the_size(self, django_assert_num_queries):
        """pains 33: a page of free times asks the same few questions for a small and for a large calendar."""
        made = make_open_provider()
        with django_assert_num_queries(5):
            day_of(made.service, days=31)
        for _ in range(4):
            person = PractitionerFactory(provider=made.provider)
            made.service.practitioners.add(person)
            for weekday in range(1, 8):
                WeeklyHoursFactory(practitioner=person, location=made.location, weekday=weekday)
        with django_assert_num_queries(5):
            assert len(day_of(made.service, days=31)) > 300

    def test_nearest_free_slots_are_around_the_wanted_time(self):
        made = make_open_provider()
        wanted = Slot(datetime(2026, 6, 2, 9, tzinfo=UTC), made.service.pk, made.location.pk, made.practitioner.pk)
        found = queries.nearest_free_slots(slot=wanted, now=NOW, limit=5)
        minutes = [int((slot.starts_at - wanted.starts_at).total_seconds() // 60) for slot in found]
        assert minutes == [-60, -30, 0, 30, 60]

    def test_search_is_told_the_next_free_time_and_the_free_days(self):
        made = make_open_provider()
        answer = queries.availability_of(provider=Provider.objects.get(pk=made.provider.pk), now=NOW)
        next_free, days = answer[made.service.pk, made.location.pk]
        assert next_free == datetime(2026, 6, 1, 7, tzinfo=UTC)
        today = date(2026, 6, 1)
        for ahead in range(62):
            day = today + timedelta(days=ahead)
            assert bool(days >> (day.toordinal() % 63) & 1) is (day.isoweekday() <= 5)

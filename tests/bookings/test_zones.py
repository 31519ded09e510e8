"""One rule of time, twelve places: what is offered there is given, once, at the hour that its clocks show."""

import ast
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

import bookings
from bookings import errors, queries, services
from bookings.models import SlotHold
from bookings.slots import Slot
from tests.support.factories import PatientFactory, WeeklyHoursFactory, make_open_provider

from .support import NOW, ask

DAY = timedelta(days=1)
#: A day on which the clock changes, where it does.
PLACES = {
    "Europe/Paris": date(2027, 3, 28),
    "America/New_York": date(2027, 3, 14),
    "America/Sao_Paulo": date(2027, 2, 21),
    "Australia/Lord_Howe": date(2027, 4, 4),
    "Africa/Casablanca": date(2027, 2, 7),
    "Asia/Kathmandu": date(2027, 3, 28),
    "Pacific/Apia": date(2027, 4, 4),
    "Africa/Cairo": date(2027, 4, 30),
    "America/St_Johns": date(2027, 3, 14),
    "Pacific/Chatham": date(2027, 4, 4),
    "America/Santiago": date(2027, 4, 4),
    "Asia/Beirut": date(2027, 3, 28),
}


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("zone", PLACES)
def test_offered_is_given_once_at_the_hour_of_the_place(zone):
    """pains 7 and 11: around a change of the clock nine is nine, and one visit takes each overlapping start."""
    place, change = ZoneInfo(zone), PLACES[zone]
    now = datetime.combine(change, time(), tzinfo=UTC) - 5 * DAY
    with time_machine.travel(now, tick=False):
        made = make_open_provider(
            time_zone=zone, weekdays=range(1, 8), ends=time(11), service={"duration": 60, "slot_step": 30}
        )
        alice, bob = PatientFactory(), PatientFactory()
        for day in (change - DAY, change, change + DAY):
            midnight = datetime.combine(day, time(), tzinfo=place).astimezone(UTC)

            def free(midnight=midnight):
                window = {"from_at": midnight, "until_at": midnight + DAY, "now": now}
                return queries.free_slots(service=made.service, **window)

            offered = free()
            assert [f"{slot.starts_at.astimezone(place):%d %H:%M}" for slot in offered] == [
                f"{day:%d} {clock}" for clock in ("09:00", "09:30", "10:00")
            ]
            given = services.request_appointment(slot=offered[0], patient=alice, actor=alice)
            assert given.starts_at == offered[0].starts_at
            for slot in offered[:2]:
                with pytest.raises(errors.SlotTaken):
                    services.request_appointment(slot=slot, patient=bob, actor=bob)
            assert free() == offered[2:]
            assert services.request_appointment(slot=offered[2], patient=bob, actor=bob)
            assert free() == []


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("weekday", range(1, 8))
def test_hours_of_a_weekday_are_offered_on_that_weekday(weekday):
    """pains 12: 1 is Monday and 7 is Sunday from the row in the database to the slot on offer."""
    monday = datetime(2027, 1, 11, tzinfo=UTC)
    made = make_open_provider(time_zone="Pacific/Auckland", weekdays=())
    WeeklyHoursFactory(practitioner=made.practitioner, location=made.location, weekday=weekday)
    slots = queries.free_slots(service=made.service, from_at=monday, until_at=monday + 14 * DAY, now=monday)
    names = {f"{slot.starts_at.astimezone(ZoneInfo('Pacific/Auckland')):%A}" for slot in slots}
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    assert names == {days[weekday - 1]}


@pytest.mark.django_db
def test_the_migrated_database_holds_the_constraint():
    """pains 3: introspected: holds of one practitioner cannot overlap, by insert or by update."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT contype, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s",
                           ["bookings_slothold_no_overlap"])  # fmt: skip
            ((kind, definition),) = cursor.fetchall()
            assert kind in ("x", b"x")
            for part in ("practitioner_id WITH =", "tstzrange(starts_at, ends_at", "WITH &&", "released_at IS NULL"):
                assert part in definition
        else:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'bookings_slothold'"
            )
            triggers = dict(cursor.fetchall())
            assert set(triggers) == {"bookings_slothold_no_overlap_insert", "bookings_slothold_no_overlap_update"}
    with time_machine.travel(NOW, tick=False):
        made = make_open_provider()
        first, second = ask(made, PatientFactory()), ask(made, PatientFactory(), hour=10)
    with pytest.raises(IntegrityError, match="bookings_slothold_no_overlap"), transaction.atomic():
        SlotHold.objects.filter(appointment=second).update(starts_at=first.starts_at)
    hold = first.holds.get()
    hold.pk, hold.appointment = None, second
    with pytest.raises(IntegrityError, match="bookings_slothold_no_overlap"), transaction.atomic():
        hold.save(force_insert=True)
    released = SlotHold.objects.get(appointment=first)
    released.pk, released.appointment, released.released_at = None, second, NOW
    released.save(force_insert=True)  # what was given back is in nobody's way


def test_nothing_in_the_way_of_a_request_waits_for_luck():
    """pains 3: a race is won by the lock and the constraint; the code of bookings never sleeps."""
    sources = list(Path(bookings.__file__).parent.rglob("*.py"))
    assert len(sources) > 20
    for path in sources:
        tree = ast.parse(path.read_text())
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert not names & {"sleep", "pg_sleep"}, path


@pytest.mark.django_db
@pytest.mark.parametrize("reader", ["Etc/GMT+12", "Pacific/Kiritimati"])
@pytest.mark.parametrize("place", ["Etc/GMT+12", "Pacific/Kiritimati"])
def test_neither_side_of_the_date_line_shifts_the_day(client, reader, place):
    """pains 10: place and reader 12 behind and 14 ahead of UTC: the slot that was read is the one that is kept."""
    hour = {"Etc/GMT+12": 22, "Pacific/Kiritimati": 19}[place]  # 10:00 and 09:00 there
    with time_machine.travel(NOW, tick=False):
        made = make_open_provider(time_zone=place)
        alice = PatientFactory(time_zone=reader, language="en")
        start = datetime(2027, 1, 13, hour, tzinfo=UTC)
        slot = Slot(start, made.service.pk, made.location.pk, made.practitioner.pk)
        client.force_login(alice)
        page = client.get("/en/request/new/", {"slot": slot.token}).text
        there = f"{start.astimezone(ZoneInfo(place)):%A, %-d January 2027, %H:%M}"
        assert there in page
        if reader != place:
            assert f"{start.astimezone(ZoneInfo(reader)):%A, %-d January 2027, %H:%M}" in page
        data = {"slot": slot.token, "who": "myself", "subject": "x", "website": ""}
        data["request_key"] = "c0ffee00-0000-4000-8000-000000000000"
        assert client.post("/en/request/new/", data).status_code == 302
    assert made.practitioner.appointments.get().starts_at == start

"""The calendars that leave the house."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from bookings import ics

VISIT = ics.Visit(
    uid="abc@medicaim",
    sequence=0,
    starts_at=datetime(2027, 3, 29, 7, 0, tzinfo=UTC),
    ends_at=datetime(2027, 3, 29, 7, 30, tzinfo=UTC),
    time_zone="Europe/Paris",
    changed_at=datetime(2027, 1, 5, 12, 0, tzinfo=UTC),
    title="Rendez-vous (MEDICAIM)",
    url="https://www.example.org/fr/x/",
    place="12, rue de l'Été; Paris",
)
ORGANIZER = ics.Person("no-reply@example.org", "MEDICAIM")
ATTENDEE = ics.Person("alice@example.org", "Alice Élan")
ZONES = [
    "Europe/Paris",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "America/St_Johns",
    "Asia/Tokyo",
    "Europe/Dublin",
    "Pacific/Chatham",
    "UTC",
]


def parsed(content: bytes):
    calendar = Calendar.from_ical(content)
    return calendar, calendar.walk("VEVENT")


def test_the_life_of_an_invitation_keeps_one_uid_and_counts_up():
    """pains 31: same UID, SEQUENCE 0, 1, 2, and the end is METHOD:CANCEL with STATUS:CANCELLED."""
    moved = replace(VISIT, sequence=1, starts_at=VISIT.starts_at + timedelta(days=1), ends_at=VISIT.ends_at)
    cancelled = replace(moved, sequence=2, is_cancelled=True)
    lives = [
        parsed(ics.invitation(visit, organizer=ORGANIZER, attendee=ATTENDEE)) for visit in (VISIT, moved, cancelled)
    ]
    events = [events[0] for _, events in lives]
    assert {event["UID"] for event in events} == {"abc@medicaim"}
    assert [event["SEQUENCE"] for event in events] == [0, 1, 2]
    assert [calendar["METHOD"] for calendar, _ in lives] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [event["STATUS"] for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert events[0]["ORGANIZER"] == "mailto:no-reply@example.org"
    assert events[0]["ATTENDEE"] == "mailto:alice@example.org"
    assert events[0]["ATTENDEE"].params["CN"] == "Alice Élan"


def test_an_invitation_says_nothing_but_when_and_where():
    _, (event,) = parsed(ics.invitation(VISIT, organizer=ORGANIZER, attendee=ATTENDEE))
    assert "DESCRIPTION" not in event
    assert event["SUMMARY"] == "Rendez-vous (MEDICAIM)"
    assert event["LOCATION"] == "12, rue de l'Été; Paris"
    assert event["CLASS"] == "PRIVATE"


@pytest.mark.parametrize("zone", ZONES)
def test_the_local_hour_stays_right_on_both_sides_of_every_change(zone):
    """The entry is written in the place's zone, and its VTIMEZONE alone gives the instant back."""
    for month in range(1, 13):
        at = datetime(2027, month, 28, 6, 30, tzinfo=UTC)
        content = ics.entry(replace(VISIT, starts_at=at, ends_at=at + timedelta(hours=1), time_zone=zone))
        calendar, (event,) = parsed(content)
        start = event.decoded("DTSTART")
        assert start.astimezone(UTC) == at
        assert start.replace(tzinfo=None) == at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        if zone == "UTC":
            assert not calendar.walk("VTIMEZONE")
            continue
        (rules,) = calendar.walk("VTIMEZONE")
        assert rules["TZID"] == event["DTSTART"].params["TZID"] == zone
        assert offset_by_rfc(rules, start.replace(tzinfo=None)) == at.astimezone(ZoneInfo(zone)).utcoffset()


def offset_by_rfc(rules, local: datetime) -> timedelta:
    """RFC 5545 3.6.5, read literally: the last onset, as local time of the offset before it, that is past."""
    onsets = sorted(rules.subcomponents, key=lambda part: part.decoded("DTSTART"))
    past = [part for part in onsets if part.decoded("DTSTART") <= local]
    return past[-1].decoded("TZOFFSETTO")


def test_a_change_of_the_clock_is_written_as_the_clock_showed_it_before():
    (rules,) = parsed(ics.entry(VISIT))[0].walk("VTIMEZONE")
    onsets = {f"{part.decoded('DTSTART'):%Y-%m-%d %H:%M}": part.name for part in rules.subcomponents}
    assert onsets["2027-03-28 02:00"] == "DAYLIGHT"
    assert onsets["2027-10-31 03:00"] == "STANDARD"


def test_a_feed_is_the_same_bytes_for_the_same_visits_and_may_be_empty():
    assert ics.feed([VISIT], name="MEDICAIM") == ics.feed([VISIT], name="MEDICAIM")
    calendar, events = parsed(ics.feed([], name="MEDICAIM"))
    assert calendar["METHOD"] == "PUBLISH"
    assert events == []


def test_a_feed_keeps_cancelled_visits_as_cancelled_and_unconfirmed_ones_as_tentative():
    """pains 31: a cancelled event leaves the reader's calendar because the feed says so."""
    visits = [VISIT, replace(VISIT, uid="b", is_cancelled=True, sequence=3), replace(VISIT, uid="c", is_tentative=True)]
    _, events = parsed(ics.feed(visits))
    assert [event["STATUS"] for event in events] == ["CONFIRMED", "CANCELLED", "TENTATIVE"]
    assert [event["TRANSP"] for event in events] == ["OPAQUE", "TRANSPARENT", "OPAQUE"]

"""Calendars as other programs read them (RFC 5545, 5546): invitations and private feeds.

Pure: functions of their arguments, no clock, no database. The same visit always gives the same bytes, so a
feed has a stable ETag. One appointment keeps one UID for life; whoever changes it raises its sequence, and a
cancellation is an entry of its own (METHOD:CANCEL, STATUS:CANCELLED): a calendar then removes the entry
instead of keeping a dead one.

No health word stands in a calendar: the callers pass a neutral title, and there is no description.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText

PRODUCT = "-//MEDICAIM//Appointments//EN"
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Visit:
    """What a calendar entry says of one visit.

    Instants are UTC; `time_zone` is the IANA zone of the place, in which the entry is written, so that the
    hour on the wall there stays right when the law changes the clock. `is_tentative`: not confirmed yet.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    changed_at: datetime
    title: str
    url: str
    place: str = ""
    is_tentative: bool = False
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Organizer or attendee: a mailbox and the name to show."""

    email: str
    name: str = ""


def invitation(visit: Visit, *, organizer: Person, attendee: Person) -> bytes:
    """One visit for one recipient: METHOD:REQUEST, or METHOD:CANCEL where it is cancelled."""
    calendar = _calendar("CANCEL" if visit.is_cancelled else "REQUEST", [visit])
    event = _event(visit)
    event["ORGANIZER"] = _address(organizer)
    guest = _address(attendee)
    guest.params["ROLE"] = vText("REQ-PARTICIPANT")
    guest.params["PARTSTAT"] = vText("ACCEPTED")
    guest.params["RSVP"] = vText("FALSE")
    event["ATTENDEE"] = guest
    calendar.add_component(event)
    return calendar.to_ical()


def entry(visit: Visit) -> bytes:
    """One visit to be added by hand ("add to my calendar"): METHOD:PUBLISH, the same UID as the invitation."""
    return feed([visit])


def feed(visits: Iterable[Visit], *, name: str = "") -> bytes:
    """All of them as one published calendar, in the order given. An empty one is a valid calendar too."""
    visits = list(visits)
    calendar = _calendar("PUBLISH", visits)
    if name:
        calendar.add("X-WR-CALNAME", name)
        calendar.add("REFRESH-INTERVAL", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for visit in visits:
        calendar.add_component(_event(visit))
    return calendar.to_ical()


def method_of(visit: Visit) -> str:
    """The iTIP method of its invitation, which the MIME type of the attachment repeats."""
    return "CANCEL" if visit.is_cancelled else "REQUEST"


def _calendar(method: str, visits: Iterable[Visit]) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    years: dict[str, tuple[int, int]] = {}
    for visit in visits:
        first, last = years.get(visit.time_zone, (visit.starts_at.year, visit.ends_at.year))
        years[visit.time_zone] = min(first, visit.starts_at.year), max(last, visit.ends_at.year)
    for zone in sorted(years):
        if zone != "UTC":
            first, last = years[zone]
            calendar.add_component(_zone(zone, first, last))
    return calendar


@lru_cache(maxsize=256)
def _zone(name: str, first_year: int, last_year: int) -> Timezone:
    """The rules of one zone for the years that matter, a year to either side.

    Written out change by change. (`Timezone.from_tzid` of icalendar 7.3 states the hour of a spring change in
    the offset that follows it; RFC 5545 wants the one before, and readers would be an hour late that night.)
    """
    zone = ZoneInfo(name)
    at = datetime(first_year - 1, 1, 1, tzinfo=UTC)
    end = datetime(last_year + 2, 1, 1, tzinfo=UTC)
    component = Timezone()
    component.add("TZID", name)
    component.add_component(_observance(at.astimezone(zone), at.astimezone(zone)))
    while at < end:
        if at.astimezone(zone).utcoffset() != (at + DAY).astimezone(zone).utcoffset():
            change = _first_instant_after(at, at + DAY, zone)
            component.add_component(_observance((change - SECOND).astimezone(zone), change.astimezone(zone)))
        at += DAY
    return component


def _first_instant_after(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the offset of `low` gives way to that of `high`."""
    offset = low.astimezone(zone).utcoffset()
    while high - low > SECOND:
        middle = low + timedelta(seconds=(high - low) // SECOND // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high


def _observance(before: datetime, after: datetime) -> TimezoneStandard | TimezoneDaylight:
    component = TimezoneDaylight() if after.dst() else TimezoneStandard()
    offset_before = before.utcoffset() or timedelta(0)
    onset = (after.astimezone(UTC) + offset_before).replace(tzinfo=None)
    component.add("DTSTART", onset)
    component.add("TZOFFSETFROM", offset_before)
    component.add("TZOFFSETTO", after.utcoffset())
    component.add("TZNAME", after.tzname() or "")
    return component


def _event(visit: Visit) -> Event:
    zone = ZoneInfo(visit.time_zone)
    event = Event()
    event.add("UID", visit.uid)
    event.add("SEQUENCE", visit.sequence)
    event.add("DTSTAMP", visit.changed_at)
    event.add("LAST-MODIFIED", visit.changed_at)
    event.add("DTSTART", visit.starts_at.astimezone(zone))
    event.add("DTEND", visit.ends_at.astimezone(zone))
    event.add("SUMMARY", visit.title)
    if visit.place:
        event.add("LOCATION", visit.place)
    event.add("URL", visit.url)
    event.add("CLASS", "PRIVATE")
    event.add("TRANSP", "TRANSPARENT" if visit.is_cancelled else "OPAQUE")
    if visit.is_cancelled:
        event.add("STATUS", "CANCELLED")
    else:
        event.add("STATUS", "TENTATIVE" if visit.is_tentative else "CONFIRMED")
    return event


def _address(person: Person) -> vCalAddress:
    address = vCalAddress(f"mailto:{person.email}")
    if person.name:
        address.params["CN"] = vText(person.name)
    return address

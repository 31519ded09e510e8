"""Busy times out of an ICS file that somebody else wrote. Pure: bytes in, intervals out.

Read in only: nothing is ever written to that calendar, and events that came from MEDICAIM (their UID says so) are
passed over, so that nothing runs in circles.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from django.utils.translation import gettext_lazy as _
from icalendar import Calendar

from medicaim.common.errors import DomainError

OWN_UID_SUFFIX = "@medicaim"
MAX_EVENTS = 10_000
MAX_SERIES = 500
MAX_INTERVALS = 20_000
_TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}


class CalendarUnreadable(DomainError):
    """The file is no calendar, or more than can be read in reasonable time."""

    message = _("This address does not answer with a calendar (ICS).")


@dataclass(frozen=True, slots=True)
class BusyInterval:
    """A time at which the practitioner is busy, in UTC. `recurrence` tells the occurrences of one UID apart."""

    uid: str
    recurrence: str
    starts_at: datetime
    ends_at: datetime


def busy_intervals(content: bytes, *, zone: ZoneInfo, starts: datetime, ends: datetime) -> list[BusyInterval]:
    """The busy times between two instants, one for each (UID, recurrence), ordered by start.

    Whole-day events and times without a zone are read in `zone`. Events that are transparent, cancelled, marked as
    free or our own are passed over. CalendarUnreadable for anything that is not a calendar or passes the limits.
    """
    series, singles = _events_of(content)
    found: dict[tuple[str, str], BusyInterval] = {}
    for event in _occurrences(singles, series, zone, starts, ends):
        interval = _interval(event, zone)
        if interval and interval.starts_at < ends and interval.ends_at > starts:
            found[interval.uid, interval.recurrence] = interval
            if len(found) > MAX_INTERVALS:
                raise CalendarUnreadable(_("This calendar holds more events than we can read."))
    return sorted(found.values(), key=lambda interval: (interval.starts_at, interval.uid, interval.recurrence))


def _events_of(content: bytes) -> tuple[dict[str, list[Any]], list[Any]]:
    """The events of the file: those that repeat or override, by UID, and the single ones."""
    try:
        calendars = [part for part in Calendar.from_ical(content, multiple=True) if part.name == "VCALENDAR"]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise CalendarUnreadable from error
    if not calendars:
        raise CalendarUnreadable
    events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    if len(events) > MAX_EVENTS:
        raise CalendarUnreadable(_("This calendar holds more events than we can read."))
    by_uid: dict[str, list[Any]] = defaultdict(list)
    for event in events:
        uid = _uid(event)
        if not uid.endswith(OWN_UID_SUFFIX) and event.get("DTSTART") is not None:
            by_uid[uid].append(event)
    repeating = {uid: group for uid, group in by_uid.items() if any(_repeats(event) for event in group)}
    if len(repeating) > MAX_SERIES:
        raise CalendarUnreadable(_("This calendar holds more repeating events than we can read."))
    return repeating, [event for uid, group in by_uid.items() if uid not in repeating for event in group]


def _repeats(event: Any) -> bool:
    rules = event.get("RRULE")
    for rule in rules if isinstance(rules, list) else [rules] if rules else []:
        if _TOO_OFTEN & {str(word).upper() for word in rule.get("FREQ", [])}:
            raise CalendarUnreadable(_("This calendar holds an event that repeats more than once a day."))
    return bool(rules or event.get("RDATE") or event.get("RECURRENCE-ID"))


def _occurrences(
    singles: list[Any], series: dict[str, list[Any]], zone: ZoneInfo, starts: datetime, ends: datetime
) -> Iterator[Any]:
    yield from singles
    for group in series.values():
        calendar = Calendar()
        for event in group:
            calendar.add_component(event)
        # A day more on both sides: floating times are only placed in their zone afterwards.
        around = (starts - timedelta(days=1), ends + timedelta(days=1))
        try:
            yield from _expand(calendar, *around)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise CalendarUnreadable(_("We could not read a repeating event of this calendar.")) from error


def _expand(calendar: Calendar, starts: datetime, ends: datetime) -> Iterable[Any]:
    for number, event in enumerate(recurring_ical_events.of(calendar).between(starts, ends)):
        if number > MAX_INTERVALS:
            raise CalendarUnreadable(_("This calendar holds more events than we can read."))
        yield event


def _uid(event: Any) -> str:
    uid = str(event.get("UID") or "").strip()
    if not uid:
        start = event.get("DTSTART")
        uid = f"none:{start.to_ical().decode() if start else ''}:{event.get('SUMMARY', '')}"
    # Keys have a length; calendars may have any.
    return uid if len(uid) <= 200 else f"sha256:{hashlib.sha256(uid.encode()).hexdigest()}"


def _instant(value: date | datetime, zone: ZoneInfo) -> datetime:
    """A date is its first moment in the zone; a time without a zone is one of the zone."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time(), tzinfo=zone)
    elif value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    return value.astimezone(UTC)


def _is_free(event: Any) -> bool:
    return (
        str(event.get("STATUS", "")).upper() == "CANCELLED"
        or str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
        or str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE"
    )


def _interval(event: Any, zone: ZoneInfo) -> BusyInterval | None:
    if _is_free(event):
        return None
    try:
        start = event["DTSTART"].dt
        end = event["DTEND"].dt if event.get("DTEND") is not None else None
        if end is None and event.get("DURATION") is not None:
            end = start + event["DURATION"].dt
        if end is None:
            end = start if isinstance(start, datetime) else start + timedelta(days=1)
        starts_at, ends_at = _instant(start, zone), _instant(end, zone)
    except (AttributeError, TypeError, ValueError, OverflowError):
        # One broken event does not hide the others.
        return None
    if ends_at <= starts_at:
        return None
    return BusyInterval(_uid(event), _recurrence(event, zone), starts_at, ends_at)


def _recurrence(event: Any, zone: ZoneInfo) -> str:
    which = event.get("RECURRENCE-ID")
    if which is not None:
        return f"{_instant(which.dt, zone):%Y%m%dT%H%M%SZ}"
    if event.get("RRULE") is not None or event.get("RDATE") is not None:
        return f"{_instant(event['DTSTART'].dt, zone):%Y%m%dT%H%M%SZ}"
    return ""

"""Weekly hours as people write them, and when two of them contradict each other. Pure.

Weekdays are ISO (1 Monday to 7 Sunday), times are those of the location's clock; an end of 00:00 is midnight at
the end of that day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo


@dataclass(frozen=True, slots=True)
class Period:
    """One opening on one weekday, and since when and until when (last day included) it holds."""

    weekday: int
    starts: time
    ends: time
    location: int
    service: int | None = None
    zone: str = ""
    valid_from: date | None = None
    valid_until: date | None = None


def minute_of_end(ends: time) -> int:
    """Minutes since midnight, where an end of 00:00 is the end of the day."""
    return (ends.hour * 60 + ends.minute) or 24 * 60


def is_ordered(starts: time, ends: time) -> bool:
    """Whether these hours end after they start, on the same day."""
    return starts.hour * 60 + starts.minute < minute_of_end(ends)


def is_shown(local: datetime, zone: tzinfo) -> bool:
    """Whether the clocks of the zone ever show this: they leave an hour out on the day on which they go forward."""
    return local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local


def left_out(on: date, starts: time, ends: time, zone: tzinfo) -> str:
    """Which end of these hours no clock shows that day, "starts" or "ends"; empty where there is none.

    Hours may end in the instant from which time is left out.
    """
    if not is_shown(datetime.combine(on, starts), zone):
        return "starts"
    end = datetime.combine(on, time(0)) + timedelta(minutes=minute_of_end(ends))
    return "" if is_shown(end, zone) or is_shown(end - timedelta(minutes=1), zone) else "ends"


def _hold_together(one: Period, other: Period) -> bool:
    """Whether there is a day on which both hold."""
    starts = max(one.valid_from or date.min, other.valid_from or date.min)
    ends = min(one.valid_until or date.max, other.valid_until or date.max)
    return starts <= ends


def overlap(one: Period, other: Period) -> bool:
    """Whether the two say contradictory things about one practitioner.

    Hours of two services at one place may share a time: who asks first gets it. Two places at once may not, as
    long as both read the same clock; nor may the same hours be said twice.
    """
    if one.weekday != other.weekday or not _hold_together(one, other):
        return False
    if one.location == other.location:
        if one.service is not None and other.service is not None and one.service != other.service:
            return False
    elif one.zone != other.zone:
        return False
    one_starts, other_starts = (period.starts.hour * 60 + period.starts.minute for period in (one, other))
    return one_starts < minute_of_end(other.ends) and other_starts < minute_of_end(one.ends)


def first_overlap(new: Iterable[Period], existing: Iterable[Period]) -> tuple[Period, Period] | None:
    """The first of the new periods that contradicts an existing one or another new one, with that other one."""
    known = list(existing)
    for period in new:
        for other in known:
            if overlap(period, other):
                return period, other
        known.append(period)
    return None

"""When a visit can begin: the rules of time, and nothing else.

Pure: no clock, no database, no settings. Hours are written in the local time of a place and expanded by the
zone's own rules; everything that leaves this module is UTC.

Three definitions carry all of it.

* A place is open at an instant when its clocks then show a time inside the hours of the date that they show.
  So a local time that does not exist (the clock jumps over it) is never open, one that exists twice is open
  twice, and a day that a zone skipped altogether has no hours.
* Start times lie on a grid of local times: the beginning of the hours, then one step after the other. A visit
  at 09:00 stays at 09:00 on both sides of a change of the clock.
* The visit itself must lie inside opening hours; adjacent hours count as one. The visit **with the new
  service's buffers** must not touch a busy time. What is kept for an existing appointment already contains
  that appointment's own buffers, so both buffers stand between two visits. Buffers may reach outside
  opening hours. The database guards the very same intervals (`SlotHold`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_SECOND = timedelta(seconds=1)


class Interval(NamedTuple):
    """From `start` to `end`, in UTC; the end is not part of it."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class WeeklyRule:
    """Hours that come back on one ISO weekday (1 Monday to 7 Sunday); `ends` 00:00 is the midnight that follows.

    `valid_from` and `valid_until` are local dates, both included.
    """

    weekday: int
    starts: time
    ends: time
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class ExtraOpening:
    """Hours on one local date beside the weekly ones. They hold on a closed date too."""

    on: date
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class Closure:
    """Local dates, both included, on which the weekly hours do not hold."""

    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of one practitioner for one service at one place, in the zone of that place."""

    zone: tzinfo
    weekly: tuple[WeeklyRule, ...] = ()
    extras: tuple[ExtraOpening, ...] = ()
    closures: tuple[Closure, ...] = ()


@dataclass(frozen=True, slots=True)
class SlotRules:
    """What a service asks of a start time. A start lies in [now + minimum notice, now + horizon)."""

    duration: timedelta
    step: timedelta
    buffer_before: timedelta = field(default_factory=timedelta)
    buffer_after: timedelta = field(default_factory=timedelta)
    minimum_notice: timedelta = field(default_factory=timedelta)
    horizon_days: int = 90

    def kept(self, start: datetime) -> Interval:
        """The time that an appointment at `start` keeps, buffers included."""
        return Interval(start - self.buffer_before, start + self.duration + self.buffer_after)


def openings(hours: Hours, from_date: date, until_date: date) -> list[Interval]:
    """The opening hours of the local dates `from_date` to `until_date`, both included: sorted, merged, in UTC."""
    return merge(_instants(hours.zone, _local_hours(hours, from_date, until_date)))


def free_starts(
    *,
    hours: Hours,
    busy: Iterable[Interval],
    rules: SlotRules,
    now: datetime,
    from_at: datetime,
    until_at: datetime,
) -> list[datetime]:
    """The instants in [from_at, until_at) at which a visit can begin, in order.

    `busy` are times of the practitioner that are taken, wherever and for whatever; those of existing
    appointments with their buffers. They may overlap and come in any order.
    """
    earliest = max(from_at, now + rules.minimum_notice)
    latest = min(until_at, now + timedelta(days=rules.horizon_days))
    if earliest >= latest:
        return []
    zone = hours.zone
    first, last = earliest.astimezone(zone).date(), latest.astimezone(zone).date()
    # Visits that begin on the last day may run into the hours of the following ones.
    reach = last + DAY * (rules.duration // DAY + 2)
    local = list(_local_hours(hours, first, reach))
    open_times = merge(_instants(zone, local))
    taken = merge(busy)
    open_from = [interval.start for interval in open_times]
    taken_until = [interval.end for interval in taken]

    found = []
    for start in sorted(_grid(zone, local, rules.step, earliest, latest)):
        here = bisect_right(open_from, start) - 1
        if here < 0 or open_times[here].end < start + rules.duration:
            continue
        kept = rules.kept(start)
        after = bisect_right(taken_until, kept.start)
        if after < len(taken) and taken[after].start < kept.end:
            continue
        found.append(start)
    return found


def is_bookable(start: datetime, *, hours: Hours, busy: Iterable[Interval], rules: SlotRules, now: datetime) -> bool:
    """Whether a visit can begin at `start`: exactly where `free_starts` offers it, for it is the same code."""
    moment = timedelta(microseconds=1)
    return bool(free_starts(hours=hours, busy=busy, rules=rules, now=now, from_at=start, until_at=start + moment))


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The same times without overlaps and in order; intervals that touch become one."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if start >= end:
            continue
        if merged and start <= merged[-1].end:
            if end > merged[-1].end:
                merged[-1] = Interval(merged[-1].start, end)
        else:
            merged.append(Interval(start, end))
    return merged


class _LocalHours(NamedTuple):
    """Hours of one local date, as its clocks show them: naive times, midnight at the end being the next date."""

    day: date
    starts: datetime
    ends: datetime


def _on(day: date, starts: time, ends: time) -> _LocalHours:
    end = datetime.combine(day, ends)
    return _LocalHours(day, datetime.combine(day, starts), end if ends > starts else end + DAY)


def _local_hours(hours: Hours, from_date: date, until_date: date) -> Iterator[_LocalHours]:
    by_weekday: dict[int, list[WeeklyRule]] = {}
    for rule in hours.weekly:
        by_weekday.setdefault(rule.weekday, []).append(rule)
    day = from_date
    while by_weekday and day <= until_date:
        rules = by_weekday.get(day.isoweekday(), ())
        if rules and not any(closure.starts_on <= day <= closure.ends_on for closure in hours.closures):
            for rule in rules:
                if (rule.valid_from is None or rule.valid_from <= day) and (
                    rule.valid_until is None or day <= rule.valid_until
                ):
                    yield _on(day, rule.starts, rule.ends)
        day += DAY
    for extra in hours.extras:
        if from_date <= extra.on <= until_date:
            yield _on(extra.on, extra.starts, extra.ends)


def _instants(zone: tzinfo, local: Iterable[_LocalHours]) -> Iterator[Interval]:
    """When the clocks of the zone show these hours."""
    for day, starts, ends in local:
        for piece_start, piece_end, offset in _pieces(zone, day):
            start = max(piece_start, _utc(starts - offset))
            end = min(piece_end, _utc(ends - offset))
            if start < end:
                yield Interval(start, end)


def _grid(
    zone: tzinfo, local: Iterable[_LocalHours], step: timedelta, earliest: datetime, latest: datetime
) -> set[datetime]:
    """Every instant in [earliest, latest) whose local time is the beginning of its hours plus whole steps."""
    found = set()
    for day, starts, ends in local:
        for piece_start, piece_end, offset in _pieces(zone, day):
            anchor = _utc(starts - offset)
            from_at = max(piece_start, anchor, earliest)
            until_at = min(piece_end, _utc(ends - offset), latest)
            at = anchor + step * -((anchor - from_at) // step)
            while at < until_at:
                found.add(at)
                at += step
    return found


@lru_cache(maxsize=16_384)
def _pieces(zone: tzinfo, day: date) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """The stretches of UTC during which the clocks of the zone show that date, each with its one offset.

    One piece on a common day; two around a change of the clock; none for a date that the zone skipped.
    """
    midnight = datetime.combine(day, time())
    following = midnight + DAY
    offsets = {_offset(zone, local.replace(fold=fold)) for local in (midnight, following) for fold in (0, 1)}
    if len(offsets) == 1:
        offset = offsets.pop()
        return ((_utc(midnight - offset), _utc(following - offset), offset),)
    margin = 26 * _HOUR
    pieces = []
    for since, until, offset in _constant_offsets(zone, _utc(midnight) - margin, _utc(following) + margin):
        start, end = max(since, _utc(midnight - offset)), min(until, _utc(following - offset))
        if start < end:
            pieces.append((start, end, offset))
    return tuple(pieces)


def _constant_offsets(
    zone: tzinfo, from_at: datetime, until_at: datetime
) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """[from_at, until_at) cut where the zone's offset changes; two changes are never within one hour."""
    start = at = from_at
    offset = _offset_at(zone, start)
    while at < until_at:
        later = min(at + _HOUR, until_at)
        if _offset_at(zone, later) != offset:
            before, change = at, later
            while change - before > _SECOND:
                middle = before + (change - before) // 2
                if _offset_at(zone, middle) == offset:
                    before = middle
                else:
                    change = middle
            change = change.replace(microsecond=0)
            yield start, change, offset
            start, offset = change, _offset_at(zone, later)
        at = later
    yield start, until_at, offset


def _offset(zone: tzinfo, local: datetime) -> timedelta:
    return local.replace(tzinfo=zone).utcoffset() or timedelta()


def _offset_at(zone: tzinfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _utc(naive: datetime) -> datetime:
    return naive.replace(tzinfo=UTC)

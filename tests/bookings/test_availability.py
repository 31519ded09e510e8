"""The rules of time, against a slow oracle that looks at the clock on the wall minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bookings.availability import (
    Closure,
    ExtraOpening,
    Hours,
    Interval,
    SlotRules,
    WeeklyRule,
    free_starts,
    is_bookable,
    merge,
    openings,
)

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

#: A day on which the clock of each zone changes, both ways where it does; Apia left out one day altogether.
CHANGES = {
    "Europe/Paris": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/Sao_Paulo": (date(2018, 11, 4), date(2018, 2, 18)),
    "Australia/Lord_Howe": (date(2026, 10, 4), date(2026, 4, 5)),
    "Africa/Casablanca": (date(2026, 2, 15), date(2026, 3, 22)),
    "Asia/Kathmandu": (date(2026, 3, 29), date(1986, 1, 1)),
    "Pacific/Apia": (date(2011, 12, 30), date(2012, 4, 1)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "UTC": (date(2026, 3, 29), date(2026, 10, 25)),
    "Asia/Tokyo": (date(2026, 3, 29), date(2026, 10, 25)),
    "Africa/Cairo": (date(2026, 4, 24), date(2026, 10, 29)),
    "America/St_Johns": (date(2026, 3, 8), date(2026, 11, 1)),
    "Pacific/Chatham": (date(2026, 9, 27), date(2026, 4, 5)),
    "America/Santiago": (date(2026, 9, 6), date(2026, 4, 5)),  # at midnight: the day begins at one
    "Asia/Beirut": (date(2026, 3, 29), date(2026, 10, 25)),  # as well
}
ZONES_AND_DAYS = [(zone, day) for zone, days in CHANGES.items() for day in days]
ZONES_THAT_CHANGE = [zone for zone in CHANGES if zone not in ("UTC", "Asia/Tokyo")]


class Wall:
    """What is open and where the grid lies, read off the clock on the wall: slow, and with other code."""

    def __init__(self, hours: Hours) -> None:
        self.hours = hours

    def today(self, local: datetime):
        closed = any(closure.starts_on <= local.date() <= closure.ends_on for closure in self.hours.closures)
        for rule in self.hours.weekly:
            valid = (rule.valid_from or date.min) <= local.date() <= (rule.valid_until or date.max)
            if rule.weekday == local.isoweekday() and valid and not closed:
                yield rule
        yield from (extra for extra in self.hours.extras if extra.on == local.date())

    @staticmethod
    def minutes(clock: time) -> int:
        return clock.hour * 60 + clock.minute

    def covering(self, at: datetime) -> list[int]:
        """Where the hours began (in minutes of the local day) that are open at this instant."""
        local = at.astimezone(self.hours.zone)
        now = self.minutes(local.time())
        return [
            self.minutes(rule.starts)
            for rule in self.today(local)
            if self.minutes(rule.starts) <= now < (self.minutes(rule.ends) or 1440)
        ]

    def starts(self, busy, rules: SlotRules, now: datetime, from_at: datetime, until_at: datetime) -> list[datetime]:
        found = []
        at = from_at.replace(second=0, microsecond=0)
        while at < until_at:
            if at >= from_at and self._can_begin(at, busy, rules, now):
                found.append(at)
            at += MINUTE
        return found

    def _can_begin(self, at: datetime, busy, rules: SlotRules, now: datetime) -> bool:
        local = self.minutes(at.astimezone(self.hours.zone).time())
        step = rules.step // MINUTE
        if not any((local - began) % step == 0 for began in self.covering(at)):
            return False
        if not now + rules.minimum_notice <= at < now + DAY * rules.horizon_days:
            return False
        if not all(self.covering(at + MINUTE * n) for n in range(rules.duration // MINUTE)):
            return False
        first, last = at - rules.buffer_before, at + rules.duration + rules.buffer_after
        minutes = (first + MINUTE * n for n in range((last - first) // MINUTE))
        return not any(start <= minute < end for minute in minutes for start, end in busy)


def minutes(low: int, high: int, step: int = 5):
    return st.integers(low // step, high // step).map(lambda n: MINUTE * n * step)


def clocks(low=0, high=1435):
    return minutes(low, high).map(lambda n: time(n // HOUR, n % HOUR // MINUTE))


@st.composite
def spans(draw):
    """A beginning and an end of hours; every fourth ends at midnight."""
    starts = draw(clocks(0, 1380))
    if draw(st.integers(0, 3)) == 0:
        return starts, time(0)
    begin = starts.hour * 60 + starts.minute
    return starts, draw(clocks(begin + 5))


@st.composite
def situations(draw):
    """A calendar around a change of the clock, with what is taken, and what a service asks.

    Most are dense: hours on the day of the change itself, a window that covers it, busy times with gaps as
    small as the buffers. A situation without a slot shows nothing.
    """
    zone, change = draw(st.sampled_from(ZONES_AND_DAYS))
    days = st.integers(-2, 2).map(lambda n: change + DAY * n)
    weekly = [WeeklyRule(change.isoweekday(), *draw(spans()))]
    for _ in range(draw(st.integers(1, 4))):
        starts, ends = draw(spans())
        valid_from, valid_until = None, None
        if draw(st.integers(0, 3)) == 0:
            valid_from, valid_until = sorted((draw(days), draw(days)))
        weekly.append(WeeklyRule(draw(days).isoweekday(), starts, ends, valid_from, valid_until))
    extras = [ExtraOpening(draw(days), *draw(spans())) for _ in range(draw(st.integers(0, 2)))]
    closures = []
    if draw(st.integers(0, 4)) == 0:
        first = draw(days)
        closures.append(Closure(first, first + DAY * draw(st.integers(0, 1))))
    noon = datetime(change.year, change.month, change.day, 12, tzinfo=UTC)
    busy = []
    for _ in range(draw(st.integers(0, 6))):
        start = noon + draw(minutes(-1500, 1500))
        busy.append(Interval(start, start + draw(minutes(5, 120))))
    rules = SlotRules(
        duration=draw(minutes(5, 90) | minutes(90, 600)),
        step=draw(minutes(15, 90, 15)),
        buffer_before=draw(minutes(0, 60)),
        buffer_after=draw(minutes(0, 60)),
        minimum_notice=draw(st.just(timedelta()) | minutes(0, 600)),
        horizon_days=draw(st.integers(1, 6)),
    )
    hours = Hours(ZoneInfo(zone), tuple(weekly), tuple(extras), tuple(closures))
    from_at = noon + draw(minutes(-1500, 300))
    now = from_at + draw(minutes(-1500, 120))
    return hours, busy, rules, now, from_at, from_at + draw(minutes(600, 2400))


BY_DAY = tuple(WeeklyRule(day, time(8), time(18)) for day in range(1, 8))
ALL_DAY = tuple(WeeklyRule(day, time(0), time(0)) for day in range(1, 8))
HALF_HOUR = SlotRules(duration=HOUR / 2, step=HOUR / 2)
QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.slow
@QUIET
@given(situations())
def test_agrees_with_the_clock_on_the_wall(situation):
    """pains 5 and 7: what is offered is what a patient watch in hand would find, at every change of the clock."""
    hours, busy, rules, now, from_at, until_at = situation
    expected = Wall(hours).starts(busy, rules, now, from_at, until_at)
    got = free_starts(hours=hours, busy=busy, rules=rules, now=now, from_at=from_at, until_at=until_at)
    assert got == expected


@QUIET
@given(situations())
def test_no_slot_touches_what_is_taken(situation):
    """pains 5: no offered visit, buffers included, meets any time that is taken."""
    hours, busy, rules, now, from_at, until_at = situation
    for start in free_starts(hours=hours, busy=busy, rules=rules, now=now, from_at=from_at, until_at=until_at):
        kept_from, kept_until = rules.kept(start)
        assert all(kept_until <= taken.start or taken.end <= kept_from for taken in busy)


@QUIET
@given(situations(), st.integers(-300, 2000))
def test_offered_is_bookable_and_bookable_is_offered(situation, minute):
    """pains 7: the answer about one start never depends on the window in which it was shown."""
    hours, busy, rules, now, from_at, until_at = situation
    offered = free_starts(hours=hours, busy=busy, rules=rules, now=now, from_at=from_at, until_at=until_at)
    for start in offered:
        assert is_bookable(start, hours=hours, busy=busy, rules=rules, now=now)
    other = from_at + MINUTE * minute
    if is_bookable(other, hours=hours, busy=busy, rules=rules, now=now) and from_at <= other < until_at:
        assert other in offered


@pytest.mark.slow
@QUIET
@given(situations(), st.integers(1, 2000))
def test_two_halves_of_a_window_are_the_window(situation, cut):
    hours, busy, rules, now, from_at, until_at = situation
    middle = min(from_at + MINUTE * cut, until_at)

    def free(a, b):
        return free_starts(hours=hours, busy=busy, rules=rules, now=now, from_at=a, until_at=b)

    assert free(from_at, middle) + free(middle, until_at) == free(from_at, until_at)


@QUIET
@given(st.sampled_from(ZONES_AND_DAYS), st.lists(spans(), min_size=1, max_size=3), st.integers(-1, 1))
@example(("Pacific/Apia", date(2011, 12, 30)), [(time(0), time(0))], 0)
def test_openings_are_when_the_clock_shows_the_hours(zone_and_day, hours_of_day, shift):
    zone, change = zone_and_day
    day = change + DAY * shift
    hours = Hours(ZoneInfo(zone), extras=tuple(ExtraOpening(day, *span) for span in hours_of_day))
    wall = Wall(hours)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    shown = openings(hours, day, day)
    for minute in range(-28 * 60, 28 * 60, 5):
        at = noon + MINUTE * minute
        assert any(start <= at < end for start, end in shown) is bool(wall.covering(at)), at


def changes_of(zone: str) -> list[date]:
    """The days above, and every day of two years whose length is not 24 hours, by the zone's own rules."""
    place = ZoneInfo(zone)
    days = [date(2026, 1, 1) + DAY * number for number in range(730)]
    offsets = [datetime(day.year, day.month, day.day, tzinfo=place).utcoffset() for day in days]
    return [
        *CHANGES[zone],
        *(day for day, one, next_one in zip(days, offsets, offsets[1:], strict=False) if one != next_one),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES_THAT_CHANGE)
def test_at_each_change_what_is_offered_is_what_can_be_had(zone):
    """pains 7: twelve zones, each change of the clock: every five minutes, bookable is what was offered."""
    hours = Hours(ZoneInfo(zone), ALL_DAY)
    for change in changes_of(zone):
        start = datetime(change.year, change.month, change.day, tzinfo=UTC) - DAY
        window = {
            "hours": hours,
            "busy": [Interval(start + 20 * HOUR, start + 22 * HOUR)],
            "rules": HALF_HOUR,
            "now": start,
        }
        offered = set(free_starts(from_at=start, until_at=start + 3 * DAY, **window))
        moments = [start + 5 * MINUTE * number for number in range(3 * 288)]
        assert {at for at in moments if is_bookable(at, **window)} == offered
        assert len(offered) > 60


@pytest.mark.parametrize("zone", CHANGES)
def test_local_hour_is_the_same_on_both_sides_of_a_change(zone):
    """pains 7: a visit at nine stays at nine when the clock changes, in twelve zones that do and two that do not."""
    assert len(ZONES_THAT_CHANGE) == 12
    for change in changes_of(zone):
        hours = Hours(ZoneInfo(zone), BY_DAY)
        start = datetime(change.year, change.month, change.day, tzinfo=UTC) - 4 * DAY
        found = free_starts(hours=hours, busy=[], rules=HALF_HOUR, now=start, from_at=start, until_at=start + 9 * DAY)
        by_day: dict[date, list[str]] = {}
        for at in found:
            local = at.astimezone(hours.zone)
            by_day.setdefault(local.date(), []).append(local.strftime("%H:%M"))
        whole_days = sorted(by_day)[1:-1]
        expected = [f"{n // 2:02}:{n % 2 * 30:02}" for n in range(16, 36)]
        assert whole_days
        assert all(by_day[day] == expected for day in whole_days)


@pytest.mark.parametrize(
    ("zone", "day", "length"),
    [
        ("Europe/Paris", date(2026, 3, 29), 23),
        ("Europe/Paris", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("Africa/Cairo", date(2026, 4, 24), 23),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
        ("Asia/Tokyo", date(2026, 3, 29), 24),
    ],
)
def test_a_whole_day_is_as_long_as_it_is(zone, day, length):
    intervals = openings(Hours(ZoneInfo(zone), ALL_DAY), day, day)
    assert sum((end - start for start, end in intervals), timedelta()) == HOUR * length


def test_hour_that_does_not_exist_and_hour_that_comes_twice():
    paris = ZoneInfo("Europe/Paris")
    night = tuple(WeeklyRule(7, time(1), time(4)) for _ in range(1))

    def local(day):
        start = datetime(day.year, day.month, day.day, tzinfo=UTC) - DAY
        found = free_starts(
            hours=Hours(paris, night), busy=[], rules=HALF_HOUR, now=start, from_at=start, until_at=start + 2 * DAY
        )
        return [at.astimezone(paris).strftime("%H:%M") for at in found]

    assert local(date(2026, 3, 29)) == ["01:00", "01:30", "03:00", "03:30"]
    twice = ["02:00", "02:30"]
    assert local(date(2026, 10, 25)) == ["01:00", "01:30", *twice, *twice, "03:00", "03:30"]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Pacific/Pago_Pago", "Asia/Kathmandu"])
def test_local_day_is_not_shifted_twelve_or_fourteen_hours_away(zone):
    """pains 10 and 12: Monday's hours are on the Monday of the place, whatever day it is in UTC."""
    place = ZoneInfo(zone)
    for weekday in range(1, 8):
        hours = Hours(place, (WeeklyRule(weekday, time(0), time(1)), WeeklyRule(weekday, time(23), time(0))))
        start = datetime(2026, 6, 1, tzinfo=UTC)
        found = free_starts(hours=hours, busy=[], rules=HALF_HOUR, now=start, from_at=start, until_at=start + 14 * DAY)
        assert {at.astimezone(place).isoweekday() for at in found} == {weekday}
        assert len(found) == 8


@pytest.mark.parametrize("zone", CHANGES)
def test_one_start_is_taken_by_its_own_visit_in_every_zone(zone):
    """pains 11: the time of a visit that was given is not given again, in twelve zones and more."""
    hours = Hours(ZoneInfo(zone), BY_DAY)
    now = datetime(2026, 6, 1, tzinfo=UTC)
    rules = SlotRules(duration=HOUR, step=HOUR / 2, buffer_before=HOUR / 4, buffer_after=HOUR / 4)
    window = {"hours": hours, "rules": rules, "now": now}
    busy: list[Interval] = []
    while found := free_starts(busy=busy, from_at=now, until_at=now + 3 * DAY, **window):
        busy.append(rules.kept(found[len(found) // 2]))
        assert not is_bookable(found[len(found) // 2], busy=busy, **window)
    assert all(a.end <= b.start for a, b in zip(sorted(busy), sorted(busy)[1:], strict=False))
    assert busy


def test_only_what_overlaps_counts():
    """pains 6: a visit in the morning takes nothing from the afternoon."""
    now = datetime(2026, 6, 1, tzinfo=UTC)
    hours = Hours(ZoneInfo("UTC"), BY_DAY)
    window = {"hours": hours, "rules": HALF_HOUR, "now": now, "from_at": now, "until_at": now + DAY}
    everything = free_starts(busy=[], **window)
    rest = free_starts(busy=[Interval(now + 9 * HOUR, now + 10 * HOUR)], **window)
    assert set(everything) - set(rest) == {now + 9 * HOUR, now + 9.5 * HOUR}


def test_intervals_are_merged_and_adjacent_hours_are_one():
    at = datetime(2026, 6, 1, tzinfo=UTC)
    parts = [Interval(at + HOUR * a, at + HOUR * b) for a, b in ((3, 4), (0, 1), (1, 2), (5, 5), (3, 3.5))]
    assert merge(parts) == [Interval(at, at + 2 * HOUR), Interval(at + 3 * HOUR, at + 4 * HOUR)]
    hours = Hours(ZoneInfo("UTC"), (WeeklyRule(1, time(9), time(12)), WeeklyRule(1, time(12), time(13))))
    rules = SlotRules(duration=2 * HOUR, step=HOUR)
    found = free_starts(hours=hours, busy=[], rules=rules, now=at, from_at=at, until_at=at + DAY)
    assert [start.hour for start in found] == [9, 10, 11]


def test_a_month_beside_hundreds_of_busy_times_is_quick():
    """pains 33: the arithmetic of a month costs a few milliseconds, and does not grow with what is taken."""
    now = datetime(2026, 10, 1, tzinfo=UTC)
    hours = Hours(ZoneInfo("Europe/Paris"), BY_DAY)
    rules = SlotRules(duration=HOUR / 2, step=HOUR / 2, buffer_after=HOUR / 6)
    few = [Interval(now + HOUR * n, now + HOUR * n + 10 * MINUTE) for n in range(0, 744, 24)]
    many = [Interval(now + HOUR * n, now + HOUR * n + 10 * MINUTE) for n in range(744)]

    def best(busy) -> float:
        times = []
        for _ in range(9):
            before = perf_counter()
            free_starts(hours=hours, busy=busy, rules=rules, now=now, from_at=now, until_at=now + 31 * DAY)
            times.append(perf_counter() - before)
        return min(times)

    assert best(many) < 0.02
    assert best(many) < 6 * best(few)


def test_a_visit_may_run_past_midnight_where_both_days_are_open():
    start = datetime(2026, 6, 1, 23, tzinfo=UTC)
    hours = Hours(ZoneInfo("UTC"), (WeeklyRule(1, time(22), time(0)), WeeklyRule(2, time(0), time(1))))
    window = {"hours": hours, "busy": [], "now": start - DAY}
    assert is_bookable(start, rules=SlotRules(duration=2 * HOUR, step=HOUR), **window)
    assert not is_bookable(start, rules=SlotRules(duration=2 * HOUR + MINUTE, step=HOUR), **window)

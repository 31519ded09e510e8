"""The picture of a week in the workspace: openings as bars, in force today, to the end of the day."""

from datetime import date, time

import pytest

from providers.timetables import COLUMN, HOUR, Bar, picture_of, timetables_of
from tests.support.factories import WeeklyHoursFactory, make_open_provider

pytestmark = pytest.mark.django_db


def test_bars_stand_on_their_weekday_and_hours_and_midnight_is_the_end():
    made = make_open_provider(weekdays=[])
    at = {"practitioner": made.practitioner, "location": made.location}
    WeeklyHoursFactory(**at, weekday=1, starts=time(9), ends=time(12, 30))
    WeeklyHoursFactory(**at, weekday=7, starts=time(22), ends=time(0))
    WeeklyHoursFactory(**at, weekday=3, starts=time(9), ends=time(10), valid_until=date(2020, 1, 1))
    ((_person, tables),) = timetables_of(made.provider, [made.practitioner])
    assert picture_of(tables, date(2027, 1, 12)).bars == [
        Bar(0, 9 * HOUR, 3.5 * HOUR),
        Bar(6 * COLUMN, 22 * HOUR, 2 * HOUR),
    ]

"""Timetables and calendars as the workspace shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext

from .models import ExternalCalendar, Location, Practitioner, Provider, Service, WeeklyHours


@dataclass(frozen=True, slots=True)
class Timetable:
    """The weekly hours that share a place, a service and a validity. `query` names them in an address."""

    location: Location
    service: Service | None
    valid_from: date | None
    valid_until: date | None
    days: list[tuple[int, list[WeeklyHours]]]

    @property
    def query(self) -> str:
        parts = {
            "place": self.location.public_id,
            "service": self.service.public_id if self.service else "",
            "from": self.valid_from.isoformat() if self.valid_from else "",
            "until": self.valid_until.isoformat() if self.valid_until else "",
        }
        return urlencode({name: value for name, value in parts.items() if value})


def timetables_of(provider: Provider, people: Sequence[Practitioner]) -> list[tuple[Practitioner, list[Timetable]]]:
    """Each practitioner with the timetables, those in force longest first. One query."""
    rows = list(
        WeeklyHours.objects.filter(practitioner__provider=provider)
        .select_related("location", "service")
        .order_by("weekday", "starts", "pk")
    )
    return [(person, _grouped([row for row in rows if row.practitioner_id == person.pk])) for person in people]


@dataclass(frozen=True, slots=True)
class Bar:
    """One opening in the picture of a week."""

    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class WeekPicture:
    """The week at a glance: a column per ISO weekday (number, left edge, middle), hours from top to bottom."""

    bars: list[Bar]
    days: list[tuple[int, int, int]]
    marks: list[tuple[int, int]]


COLUMN, HOUR = 40, 4


def picture_of(timetables: Sequence[Timetable], today: date) -> WeekPicture:
    """The openings in force today. An end of 00:00 is the end of the day."""
    bars = []
    for table in timetables:
        if (table.valid_from and table.valid_from > today) or (table.valid_until and table.valid_until < today):
            continue
        for weekday, rows in table.days:
            for row in rows:
                start = row.starts.hour + row.starts.minute / 60
                end = (row.ends.hour + row.ends.minute / 60) or 24
                bars.append(Bar((weekday - 1) * COLUMN, start * HOUR, (end - start) * HOUR))
    days = [(number, (number - 1) * COLUMN, (number - 1) * COLUMN + COLUMN // 2) for number in range(1, 8)]
    return WeekPicture(bars, days, [(hour, hour * HOUR + 3) for hour in (0, 6, 12, 18, 24)])


def _key(row: WeeklyHours) -> tuple:
    return (
        row.location.name,
        row.location_id,
        row.service_id or 0,
        row.valid_from or date.min,
        row.valid_until or date.max,
    )


def _grouped(rows: list[WeeklyHours]) -> list[Timetable]:
    found = []
    # Sorting is stable: within a timetable the rows stay ordered by weekday and time.
    for _group, members in groupby(sorted(rows, key=_key), key=_key):
        own = list(members)
        first = own[0]
        days = [(weekday, list(hours)) for weekday, hours in groupby(own, key=lambda row: row.weekday)]
        found.append(Timetable(first.location, first.service, first.valid_from, first.valid_until, days))
    return found


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """An external calendar with what the team may see of it: the host, never the secret rest of its address."""

    calendar: ExternalCalendar
    host: str
    is_stale: bool

    @property
    def error(self) -> str:
        """Why the last reading failed, in the reader's language: the worker that noted it had no reader."""
        return gettext(self.calendar.error) if self.calendar.error else ""


def calendar_rows(provider: Provider, now: datetime) -> list[CalendarRow]:
    """The calendars of a provider, each with whether its busy times are too old to rely on. One query."""
    limit = timedelta(hours=settings.EXTERNAL_CALENDAR_STALE_HOURS)
    calendars = ExternalCalendar.objects.filter(practitioner__provider=provider).select_related("practitioner")
    return [
        CalendarRow(
            calendar,
            calendar.host,
            calendar.fetched_at is not None and now - calendar.fetched_at > limit,
        )
        for calendar in calendars.order_by("practitioner__name", "pk")
    ]

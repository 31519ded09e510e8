"""When people can come: weekly hours, closed dates, extra openings, in the location's own time. Rules 3, point 3."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from medicaim.common import audit
from medicaim.common.times import weekday_name
from providers.errors import DatesWrong, HourLeftOut, HoursOverlap
from providers.models import Closure, ExtraOpening, Location, Practitioner, Provider, Service, WeeklyHours
from providers.weekly_hours import Period, first_overlap, is_ordered, left_out

from ._base import lock_provider, mark_stale, require_same_provider


@dataclass(frozen=True, slots=True)
class WeekKey:
    """What one weekly timetable is about: a place, a service or all of them (None), and a period of validity."""

    location: Location
    service: Service | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    def rows(self, practitioner: Practitioner):
        """The rows of this timetable."""
        return WeeklyHours.objects.filter(
            practitioner=practitioner,
            location=self.location,
            service=self.service,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )


def _as_period(row: WeeklyHours) -> Period:
    return Period(
        weekday=row.weekday,
        starts=row.starts,
        ends=row.ends,
        location=row.location_id,
        service=row.service_id,
        zone=row.location.time_zone,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


@transaction.atomic
def set_weekly_hours(
    *,
    provider: Provider,
    practitioner: Practitioner,
    key: WeekKey,
    openings: Sequence[tuple[int, time, time]],
    replacing: WeekKey | None = None,
    actor,
) -> int:
    """Write one weekly timetable of a practitioner: (ISO weekday, from, to) in the location's local time.

    The rows of `key` and of `replacing` (the timetable as it was before its place or dates were edited) go, the new
    ones come. HoursOverlap where they contradict each other or another timetable; DatesWrong where the validity or
    an opening ends before it starts. Returns how many rows the timetable has.
    """
    locked = lock_provider(provider)
    require_same_provider(locked, practitioner, key.location, key.service)
    if key.valid_from and key.valid_until and key.valid_until < key.valid_from:
        raise DatesWrong
    new = [
        WeeklyHours(
            practitioner=practitioner,
            location=key.location,
            service=key.service,
            weekday=weekday,
            starts=starts,
            ends=ends,
            valid_from=key.valid_from,
            valid_until=key.valid_until,
        )
        for weekday, starts, ends in openings
    ]
    for row in new:
        if not is_ordered(row.starts, row.ends):
            raise DatesWrong(_("On %(day)s the hours end before they start.") % {"day": weekday_name(row.weekday)})
    key.rows(practitioner).delete()
    if replacing is not None:
        replacing.rows(practitioner).delete()
    others = WeeklyHours.objects.filter(practitioner=practitioner).select_related("location")
    _refuse_overlap(new, others)
    WeeklyHours.objects.bulk_create(new)
    audit.record(action="hours.saved", actor=actor, obj=practitioner)
    mark_stale(locked)
    return len(new)


def _refuse_overlap(new: Iterable[WeeklyHours], others: Iterable[WeeklyHours]) -> None:
    clash = first_overlap([_as_period(row) for row in new], [_as_period(row) for row in others])
    if clash is None:
        return
    one, other = clash
    raise HoursOverlap(
        _("On %(day)s, %(one)s overlaps with %(other)s. Please change one of them; nothing was saved yet.")
        % {"day": weekday_name(one.weekday), "one": _words(one), "other": _words(other)}
    )


def _words(period: Period) -> str:
    return f"{period.starts:%H:%M}–{period.ends:%H:%M}"


@transaction.atomic
def remove_weekly_hours(*, provider: Provider, practitioner: Practitioner, key: WeekKey, actor) -> None:
    """Remove one weekly timetable."""
    locked = lock_provider(provider)
    require_same_provider(locked, practitioner)
    key.rows(practitioner).delete()
    audit.record(action="hours.removed", actor=actor, obj=practitioner)
    mark_stale(locked)


@transaction.atomic
def add_closure(
    *, provider: Provider, practitioners: Sequence[Practitioner], starts_on: date, ends_on: date, label: str, actor
) -> list[Closure]:
    """Close days, both included, for these practitioners. Appointments already made stay: the page says so."""
    locked = lock_provider(provider)
    require_same_provider(locked, *practitioners)
    if ends_on < starts_on:
        raise DatesWrong
    closures = [
        Closure.objects.create(practitioner=practitioner, starts_on=starts_on, ends_on=ends_on, label=label)
        for practitioner in practitioners
    ]
    for closure in closures:
        audit.record(action="closure.added", actor=actor, obj=closure)
    mark_stale(locked)
    return closures


@transaction.atomic
def remove_closure(*, provider: Provider, closure: Closure, actor) -> None:
    """Open these days again."""
    locked = lock_provider(provider)
    require_same_provider(locked, closure.practitioner)
    audit.record(action="closure.removed", actor=actor, obj=closure)
    closure.delete()
    mark_stale(locked)


@transaction.atomic
def add_extra_opening(
    *,
    provider: Provider,
    practitioner: Practitioner,
    location: Location,
    service: Service | None,
    on: date,
    starts: time,
    ends: time,
    actor,
) -> ExtraOpening:
    """Open some hours on one date beside the weekly ones, in the location's local time, even on a closed date."""
    locked = lock_provider(provider)
    require_same_provider(locked, practitioner, location, service)
    if not is_ordered(starts, ends):
        raise DatesWrong(_("The hours end before they start."))
    if field := left_out(on, starts, ends, ZoneInfo(location.time_zone)):
        raise HourLeftOut(field, starts if field == "starts" else ends)
    opening = ExtraOpening.objects.create(
        practitioner=practitioner, location=location, service=service, on=on, starts=starts, ends=ends
    )
    audit.record(action="opening.added", actor=actor, obj=opening)
    mark_stale(locked)
    return opening


@transaction.atomic
def remove_extra_opening(*, provider: Provider, opening: ExtraOpening, actor) -> None:
    """Take an extra opening back."""
    locked = lock_provider(provider)
    require_same_provider(locked, opening.practitioner)
    audit.record(action="opening.removed", actor=actor, obj=opening)
    opening.delete()
    mark_stale(locked)

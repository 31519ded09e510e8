"""External calendars: their addresses, and the busy times that were read there. Rules 3, point 3."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.functional import Promise

from medicaim.common import audit
from medicaim.common.crypto import digests
from medicaim.common.tasks import enqueue
from providers.errors import CalendarKnown
from providers.external_calendar import BusyInterval
from providers.models import BusyTime, ExternalCalendar, Practitioner, Provider

from ._base import lock_provider, mark_stale, require_same_provider


@transaction.atomic
def add_external_calendar(
    *, provider: Provider, practitioner: Practitioner, url: str, time_zone: str, actor
) -> ExternalCalendar:
    """Remember a calendar address of a practitioner; a worker reads it soon, never this request."""
    locked = lock_provider(provider)
    require_same_provider(locked, practitioner)
    if practitioner.external_calendars.filter(url_digest__in=digests(url, purpose=ExternalCalendar.PURPOSE)).exists():
        raise CalendarKnown
    calendar = ExternalCalendar(practitioner=practitioner, time_zone=time_zone)
    calendar.url = url
    calendar.save()
    audit.record(action="calendar.added", actor=actor, obj=calendar)
    enqueue("providers.tasks.fetch_external_calendar", calendar.pk)
    return calendar


@transaction.atomic
def remove_external_calendar(*, provider: Provider, calendar: ExternalCalendar, actor) -> None:
    """Forget the address and every busy time that was read there."""
    locked = lock_provider(provider)
    require_same_provider(locked, calendar.practitioner)
    audit.record(action="calendar.removed", actor=actor, obj=calendar)
    calendar.delete()
    mark_stale(locked)


@transaction.atomic
def ask_for_fresh_calendar(*, provider: Provider, calendar: ExternalCalendar, actor) -> None:
    """Have the calendar read again as soon as a worker is free."""
    locked = lock_provider(provider)
    require_same_provider(locked, calendar.practitioner)
    ExternalCalendar.objects.filter(pk=calendar.pk).update(next_fetch_at=timezone.now())
    enqueue("providers.tasks.fetch_external_calendar", calendar.pk)


def claim_calendar(*, pk: int, now: datetime) -> ExternalCalendar | None:
    """Take a calendar that is due; None where another worker was quicker or it is gone.

    One conditional UPDATE decides. A worker that dies afterwards loses one reading: the next one is due as usual.
    """
    again = now + timedelta(minutes=settings.EXTERNAL_CALENDAR_REFRESH_MINUTES)
    claimed = ExternalCalendar.objects.filter(pk=pk, next_fetch_at__lte=now).update(next_fetch_at=again)
    return ExternalCalendar.objects.select_related("practitioner__provider").get(pk=pk) if claimed else None


@transaction.atomic
def record_busy_times(
    *, calendar: ExternalCalendar, intervals: Iterable[BusyInterval] | None, etag: str, now: datetime
) -> bool:
    """Write what was read, as a difference keyed by (UID, recurrence); True where anything changed.

    `intervals` None: the calendar said that nothing changed since the last time.
    """
    provider = lock_provider(calendar.practitioner.provider)
    updated = ExternalCalendar.objects.filter(pk=calendar.pk).update(fetched_at=now, error="", etag=etag)
    if not updated or intervals is None:
        return False
    known = {(row.uid, row.recurrence): row for row in calendar.busy_times.all()}
    new, moved = [], []
    for interval in intervals:
        row = known.pop((interval.uid, interval.recurrence), None)
        if row is None:
            new.append(
                BusyTime(
                    calendar=calendar,
                    uid=interval.uid,
                    recurrence=interval.recurrence,
                    starts_at=interval.starts_at,
                    ends_at=interval.ends_at,
                )
            )
        elif (row.starts_at, row.ends_at) != (interval.starts_at, interval.ends_at):
            row.starts_at, row.ends_at = interval.starts_at, interval.ends_at
            moved.append(row)
    BusyTime.objects.filter(pk__in=[row.pk for row in known.values()]).delete()
    BusyTime.objects.bulk_create(new, batch_size=1000)
    BusyTime.objects.bulk_update(moved, ["starts_at", "ends_at"], batch_size=500)
    if new or moved or known:
        mark_stale(provider, is_page_changed=False)
    return bool(new or moved or known)


def record_failed_reading(*, calendar: ExternalCalendar, error: str | Promise, now: datetime) -> None:
    """Keep the reason for the team to see. The old busy times stay, and the next try waits four times longer.

    It is kept in the words of the code, which each reader's page translates: it holds nothing but such a sentence.
    """
    wait = timedelta(minutes=4 * settings.EXTERNAL_CALENDAR_REFRESH_MINUTES)
    with translation.override("en"):
        words = str(error)
    ExternalCalendar.objects.filter(pk=calendar.pk).update(error=words[:200], next_fetch_at=now + wait)

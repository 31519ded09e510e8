"""What the clock does for providers: reading external calendars, comparing fees at the rates in force."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medicaim.common.crypto import InvalidToken

from . import care_areas, offered, search_index, services
from .calendar_fetch import FetchFailed, fetch
from .external_calendar import CalendarUnreadable, busy_intervals
from .models import ExternalCalendar

BATCH = 200
HORIZON = timedelta(days=732)


@shared_task
def fetch_external_calendars() -> None:
    """Read every calendar that is due (of active or waiting providers), the longest overdue first."""
    now = timezone.now()
    due = ExternalCalendar.objects.filter(next_fetch_at__lte=now).exclude(practitioner__provider__state="ended")
    for pk in due.order_by("next_fetch_at").values_list("pk", flat=True)[:BATCH]:
        fetch_external_calendar.delay(pk)


@shared_task(soft_time_limit=60)
def fetch_external_calendar(pk: int) -> None:
    """Read one calendar and note its busy times; an error is kept for the team and the old times stay."""
    now = timezone.now()
    calendar = services.claim_calendar(pk=pk, now=now)
    if calendar is None:
        return
    # Once a day everything is read anew: the horizon moves on even where the file does not change.
    same_day = calendar.fetched_at is not None and calendar.fetched_at.date() == now.date()
    try:
        answer = fetch(
            calendar.url,
            etag=calendar.etag if same_day else "",
            allow_private=settings.EXTERNAL_CALENDAR_ALLOW_PRIVATE,
        )
        intervals = None
        if answer.content is not None:
            intervals = busy_intervals(
                answer.content,
                zone=ZoneInfo(calendar.time_zone),
                starts=now - timedelta(days=1),
                ends=now + HORIZON,
            )
        services.record_busy_times(calendar=calendar, intervals=intervals, etag=answer.etag, now=now)
    except InvalidToken:
        reason = _("The address can no longer be read. Please remove this calendar and add it again.")
        services.record_failed_reading(calendar=calendar, error=reason, now=now)
    except (FetchFailed, CalendarUnreadable) as error:
        services.record_failed_reading(calendar=calendar, error=error.message, now=now)
    except SoftTimeLimitExceeded:
        services.record_failed_reading(calendar=calendar, error=_("The calendar takes too long to read."), now=now)


@shared_task
def refresh_fees() -> None:
    """Compare every fee at the rates in force: after careteam changed one, and each night."""
    search_index.refresh_fees()


@shared_task
def refresh_care_areas() -> None:
    """Count anew what the pages about a specialty in a country say, and what the lists of the search offer."""
    care_areas.refresh_care_areas(now=timezone.now())
    offered.refresh_offered()

"""What the pages of both sides have in common: weeks of free times, one act and its answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise

from bookings import queries
from bookings.enums import AppointmentState
from bookings.errors import NotAllowedNow
from bookings.forms import WeekForm
from bookings.models import Appointment
from bookings.presenters import duration_words, slot_groups, week_start
from bookings.slots import Slot
from medicaim.common import times
from medicaim.common.errors import DomainError
from providers.models import ExternalCalendar, Location, Practitioner, Service

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """One week of free times of one service at one place, ready to be drawn."""

    first_day: date
    groups: list
    previous_url: str
    next_url: str
    first_free_url: str
    first_free_at: datetime | None
    has_earlier: bool
    has_later: bool
    read_at: datetime | None
    is_stale: bool
    zone: tzinfo
    reader_zone: tzinfo

    @property
    def first_instant(self) -> datetime:
        """The first moment of the week at the place: for the names of the two zones."""
        return datetime.combine(self.first_day, time(0), tzinfo=self.zone)

    @property
    def reader_differs(self) -> bool:
        """Whether the reader's clock shows something else than the place's."""
        at = self.first_instant
        return at.utcoffset() != at.astimezone(self.reader_zone).utcoffset()

    @property
    def last_day(self) -> date:
        return self.first_day + timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which part of a provider's calendar a page looks at."""

    service: Service
    location: Location
    locations: list[Location]
    practitioner: Practitioner | None
    practitioners: list[Practitioner]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.location.time_zone)


def choice_of(request: HttpRequest, service: Service, *, location=None, practitioner=None) -> Choice | None:
    """What the address asks for, else the defaults; None where the service has no place or nobody who does it."""
    asked = WeekForm(request.GET)
    locations = list(service.locations.filter(is_active=True))
    practitioners = list(service.practitioners.filter(is_active=True))
    if not locations or not practitioners:
        return None
    return Choice(
        service=service,
        location=_named(locations, asked.value("location")) or location or locations[0],
        locations=locations,
        practitioner=_named(practitioners, asked.value("practitioner")) or practitioner,
        practitioners=practitioners,
    )


def _named(rows: list, public_id: str | None):
    return next((row for row in rows if row.public_id == public_id), None)


def week_of(request: HttpRequest, choice: Choice, *, now: datetime, moving: Appointment | None = None) -> Week:
    """The week that the address names; without one, that of the first free time.

    For an appointment that moves, the times that it keeps itself are free, and its own is no choice.
    """
    zone = choice.zone
    this_week = week_start(now.astimezone(zone).date())
    last = week_start(this_week + timedelta(days=choice.service.horizon_days + 6))
    monday = WeekForm(request.GET).value("week")
    free = _FreeTimes(choice, now, moving)
    if monday is None:
        first_free, slots = free.first()
        monday = week_start(first_free.astimezone(zone).date()) if first_free else this_week
    else:
        monday = min(max(week_start(monday), this_week), last)
        slots = free.between(start_of(monday, zone), start_of(monday + WEEK, zone))
        first_free = None if slots else free.first()[0]
    read_at, is_stale = _age_of_calendars(choice, now)
    return Week(
        first_day=monday,
        groups=slot_groups(slots, place_zone=zone, reader_zone=request.reader_zone),
        previous_url=_week_url(request, choice, monday - WEEK),
        next_url=_week_url(request, choice, monday + WEEK),
        first_free_url=_week_url(request, choice, None),
        first_free_at=first_free,
        has_earlier=monday > this_week,
        has_later=monday < last,
        read_at=read_at,
        is_stale=is_stale,
        zone=zone,
        reader_zone=request.reader_zone,
    )


class _FreeTimes:
    """The free times of a choice. The calendars are read once; each look into them is one query more."""

    def __init__(self, choice: Choice, now: datetime, moving: Appointment | None = None) -> None:
        self.choice, self.now, self.moving = choice, now, moving
        self.person = choice.practitioner.pk if choice.practitioner else None
        self.calendars = queries.Calendars.read(
            services=[choice.service],
            practitioner_id=self.person,
            pairs=[(choice.service.pk, choice.location.pk)],
            moving=moving.pk if moving else None,
        )

    def between(self, from_at: datetime, until_at: datetime, *, busy: queries.Busy | None = None) -> list[Slot]:
        """Those that start in [from_at, until_at), in order."""
        slots = self.calendars.slots(
            from_at=from_at, until_at=until_at, now=self.now, practitioner_id=self.person, busy=busy
        )
        if self.moving is None or self.person not in (None, self.moving.practitioner_id):
            return slots
        own = (self.moving.starts_at, self.moving.location_id)
        return [slot for slot in slots if (slot.starts_at, slot.location_id) != own]

    def first(self) -> tuple[datetime | None, list[Slot]]:
        """The earliest one within the horizon, and those of its week.

        Reads three whole weeks first, for in most calendars that is enough, then all the rest at once. Free times
        are worked out week by week, and no further than they are found.
        """
        zone, days = self.choice.zone, self.choice.service.horizon_days
        monday = week_start(self.now.astimezone(zone).date())
        last = week_start(monday + timedelta(days=days + 6))
        for until in (min(monday + 2 * WEEK, last), last):
            if monday > until:
                break
            busy = self.calendars.busy(
                from_at=start_of(monday, zone), until_at=start_of(until + WEEK, zone), now=self.now
            )
            while monday <= until:
                slots = self.between(start_of(monday, zone), start_of(monday + WEEK, zone), busy=busy)
                if slots:
                    return slots[0].starts_at, slots
                monday += WEEK
        return None, []


def _age_of_calendars(choice: Choice, now: datetime) -> tuple[datetime | None, bool]:
    """When the oldest of the external calendars behind these times was read, and whether that is too long ago."""
    people = [choice.practitioner] if choice.practitioner else choice.practitioners
    calendars = list(ExternalCalendar.objects.filter(practitioner__in=people).values_list("fetched_at", flat=True))
    if not calendars:
        return None, False
    read = [at for at in calendars if at is not None]
    if len(read) < len(calendars):
        return None, True
    return min(read), min(read) < now - timedelta(hours=settings.EXTERNAL_CALENDAR_STALE_HOURS)


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC."""
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)


def _week_url(request: HttpRequest, choice: Choice, monday: date | None) -> str:
    query = {}
    if len(choice.locations) > 1:
        query["location"] = choice.location.public_id
    if choice.practitioner and len(choice.practitioners) > 1:
        query["practitioner"] = choice.practitioner.public_id
    if monday is None:
        return f"{request.path}?{urlencode(query)}" if query else request.path
    query["week"] = monday.isoformat()
    return f"{request.path}?{urlencode(query)}"


def nearest_groups(request: HttpRequest, slot, *, now: datetime) -> list:
    """The free times nearest to one that could not be had, for the same form."""
    near = list(queries.nearest_free_slots(slot=slot, now=now))
    if not near:
        return []
    zones = dict(Location.objects.filter(pk__in={free.location_id for free in near}).values_list("pk", "time_zone"))
    groups = []
    for location_id, zone_name in sorted(zones.items()):
        here = [free for free in near if free.location_id == location_id]
        groups += slot_groups(here, place_zone=ZoneInfo(zone_name), reader_zone=request.reader_zone)
    return groups


def other_times(request: HttpRequest, appointment: Appointment, *, now: datetime) -> dict:
    """After a request that came to nothing: the nearest free times of this service, and of similar providers."""
    wanted = Slot(
        starts_at=appointment.starts_at,
        service_id=appointment.service_id,
        location_id=appointment.location_id,
        practitioner_id=appointment.practitioner_id,
    )
    return {"near": nearest_groups(request, wanted, now=now), "similar": similar_rows(wanted, now=now)}


def similar_rows(wanted: Slot, *, now: datetime) -> list[dict]:
    """The next free time of each similar provider, with what names it."""
    similar = list(queries.similar_slots(appointment_or_slot=wanted, now=now))
    services = Service.objects.select_related("provider").in_bulk({slot.service_id for slot in similar})
    places = Location.objects.in_bulk({slot.location_id for slot in similar})
    return [
        {"slot": slot, "service": services[slot.service_id], "location": places[slot.location_id]} for slot in similar
    ]


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: the body of a POST, also an empty one; nothing otherwise."""
    return request.POST if request.method == "POST" else None


def no_longer(request: HttpRequest, *, back: str) -> HttpResponse:
    """An old link to an act that does not exist now leads to the page that says how things stand."""
    messages.warning(request, str(NotAllowedNow.message))
    return redirect(back)


def act(
    request: HttpRequest,
    call: Callable[[], object],
    *,
    appointment: Appointment,
    done: str | Promise,
    back: str,
) -> HttpResponse:
    """Call one service. Done: say so on the page `back`. Refused: a page that says what is true now."""
    try:
        call()
    except DomainError as error:
        return refused(request, error, appointment=appointment, back=back)
    messages.success(request, done)
    return redirect(back)


def refused(request: HttpRequest, error: DomainError, *, appointment: Appointment, back: str) -> HttpResponse:
    """The page after an act that is not possible (any more): the reason, and how things stand."""
    now = timezone.now()
    fresh = Appointment.objects.select_related("location").get(pk=appointment.pk)
    context = {
        "message": error.message,
        "appointment": fresh,
        "state_label": state_label(fresh, now),
        "state": fresh.state_at(now),
        "back": back,
    }
    return render(request, "bookings/refused.html", context, status=getattr(error, "status", 409))


def state_label(appointment: Appointment, now: datetime) -> str:
    """The true state in words."""
    return str(AppointmentState(appointment.state_at(now)).label)


def service_words(service: Service) -> dict[str, str]:
    """How long the service lasts and how far ahead it wants to be asked for, in words."""
    notice = duration_words(service.minimum_notice) if service.minimum_notice else ""
    return {"lasts": duration_words(service.duration), "notice": notice}


def week_heading(week: Week) -> str:
    """ "7–13 Dec 2026"."""
    return times.days_words(week.first_day, week.last_day)

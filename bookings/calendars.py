"""Appointments as calendar entries: what an invitation, a downloaded file and a private feed say of each.

A calendar is read by other programs and other people: the title names neither a provider, a service nor a
specialty, and there is no description. The address of the place stands in invitations, which only the two
parties get, never in a feed.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from providers.enums import ServiceMode
from providers.models import Provider

from .enums import AppointmentState as State
from .enums import Side
from .ics import Visit
from .models import Appointment, AppointmentQuerySet, AppointmentTransition

FEED_PAST = timedelta(days=90)
CANCELLED_STAY = timedelta(days=30)
FEED_LIMIT = 2000
IN_CALENDAR = frozenset({State.ACCEPTED, State.CONFIRMED, State.COMPLETED, State.NO_SHOW})
GONE = frozenset({State.CANCELLED, State.EXPIRED, State.DECLINED, State.WITHDRAWN})


def page_url(appointment: Appointment, *, side: str) -> str:
    """The public address of the appointment's page for one side, in the active language."""
    name = "bookings:appointment" if side == Side.PATIENT else "bookings:provider_appointment"
    return settings.SITE_URL + reverse(name, args=[appointment.public_id])


def place_of(appointment: Appointment) -> str:
    """Where to go; for a remote visit, that nobody has to."""
    if appointment.service.mode == ServiceMode.REMOTE:
        return _("Remote: by video or phone")
    place = appointment.location
    return f"{place.address}, {place.city}, {place.country.name}"  # type: ignore[attr-defined]


def visit_of(
    appointment: Appointment, *, side: str, now: datetime, changed_at: datetime | None = None, with_place: bool
) -> Visit:
    """One appointment as a calendar entry for one side, in the active language."""
    state = appointment.state_at(now)
    return Visit(
        uid=appointment.uid,
        sequence=appointment.sequence,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        time_zone=appointment.location.time_zone,
        changed_at=changed_at or last_change(appointment),
        title=_("Appointment (MEDICAIM)"),
        url=page_url(appointment, side=side),
        place=place_of(appointment) if with_place else "",
        is_tentative=state == State.ACCEPTED,
        is_cancelled=state in GONE,
    )


def last_change(appointment: Appointment) -> datetime:
    """When the appointment last changed: the instant that the calendar entry is stamped with."""
    at = appointment.transitions.aggregate(last=Max("at"))["last"]
    return at or appointment.created_at


def feed_visits(*, user, provider: Provider | None, language: str, now: datetime) -> list[Visit]:
    """What a private feed holds: the appointments of a patient, or of one provider. One query.

    Those accepted or confirmed from three months ago on, and for 30 days those that were cancelled after they
    had stood in the calendar, as cancelled: a reader that simply misses an entry may keep it for ever.
    """
    rows: AppointmentQuerySet = Appointment.objects.all()
    rows = rows.of_patient(user) if provider is None else rows.filter(provider=provider)
    # What is gone has no step after the one that ended it: the state which that one left tells where it had stood.
    last_step = AppointmentTransition.objects.filter(appointment=OuterRef("pk")).order_by("-at", "-pk")
    rows = (
        rows.annotate(
            changed_at=Subquery(last_step.values("at")[:1]), left_state=Subquery(last_step.values("from_state")[:1])
        )
        .filter(
            Q(state__in=IN_CALENDAR, starts_at__gte=now - FEED_PAST)
            | Q(state__in=GONE, left_state__in=IN_CALENDAR, changed_at__gte=now - CANCELLED_STAY)
        )
        .select_related("location", "service")
        .order_by("starts_at", "pk")
    )
    side = Side.PATIENT if provider is None else Side.PROVIDER
    with translation.override(language):
        return [
            visit_of(row, side=side, now=now, changed_at=row.changed_at or row.created_at, with_place=False)
            for row in rows[:FEED_LIMIT]
        ]

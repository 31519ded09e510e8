"""A Monday morning, and short words for what happens to an appointment."""

from datetime import UTC, datetime, timedelta

from bookings import queries, services
from bookings.slots import Slot
from medicaim.notifications.models import Message

NOW = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)  # a Monday, 08:00 in Paris
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def slot_of(made, start=NOW + 2 * DAY + HOUR, practitioner=True):
    return Slot(start, made.service.pk, made.location.pk, made.practitioner.pk if practitioner else None)


def ask(made, patient, start=NOW + 2 * DAY + HOUR, **more):
    return services.request_appointment(slot=slot_of(made, start), patient=patient, **{"actor": patient, **more})


def confirm(made, patient, start=NOW + 2 * DAY + HOUR):
    return services.accept_request(appointment=ask(made, patient, start), actor=made.owner)


def events(recipient=None):
    rows = Message.objects.order_by("pk")
    if recipient is not None:
        rows = rows.filter(recipient=recipient)
    return [row.event.removeprefix("bookings.") for row in rows]


def offered(made, start):
    slots = queries.free_slots(service=made.service, from_at=start, until_at=start + HOUR / 60, now=NOW)
    return bool(slots)

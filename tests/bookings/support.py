"""What the tests of pages, messages and feeds of bookings share."""

import uuid
from datetime import UTC, datetime, timedelta

from icalendar import Calendar

from bookings import services
from bookings.slots import Slot

NOW = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Paris


def slot_of(made, days=2, hour=9) -> Slot:
    start = (NOW + timedelta(days=days)).replace(hour=hour)
    return Slot(start, made.service.pk, made.location.pk, made.practitioner.pk)


def ask(made, patient, *, actor=None, **slot):
    return services.request_appointment(
        slot=slot_of(made, **slot),
        patient=patient,
        actor=actor or patient,
        subject="A sore knee",
        request_key=str(uuid.uuid4()),
    )


def confirm(made, patient, **slot):
    return services.accept_request(appointment=ask(made, patient, **slot), actor=made.owner)


def calendar_of(mail):
    """(MIME method, calendar, its one event) of the invitation of a mail."""
    (part,) = [part for part in mail.iter_attachments() if part.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    (event,) = calendar.walk("VEVENT")
    return part.get_param("method"), calendar, event

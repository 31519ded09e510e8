"""After an account was closed: what it left open ends as its holder would have ended it (Rules 1, point 6)."""

from __future__ import annotations

from django.utils import timezone

from bookings.enums import Side
from bookings.errors import BookingError
from bookings.models import Appointment

from .answers import REQUEST_STATES, cancel_appointment, withdraw_request

BATCH = 200


def end_for_closed_accounts(*, limit: int = BATCH) -> int:
    """Withdraw requests and cancel coming visits, one short transaction for each; how many. Run by a sweep too.

    What somebody answers at this moment is found by the next sweep. A visit that has begun is left to its outcome.
    """
    now = timezone.now()
    rows = Appointment.objects.alive(now).filter(patient__closed_at__isnull=False, starts_at__gt=now)
    ended = 0
    for appointment in rows.select_related("patient__closed_by").order_by("starts_at", "pk")[:limit]:
        actor = appointment.patient.closed_by or appointment.patient
        try:
            if appointment.state in REQUEST_STATES:
                withdraw_request(appointment=appointment, actor=actor)
            else:
                cancel_appointment(appointment=appointment, actor=actor, on_behalf_of=Side.PATIENT)
        except BookingError:
            continue
        ended += 1
    return ended

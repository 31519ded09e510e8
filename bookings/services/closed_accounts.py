"""After an account was closed: what it left open ends as its holder would have ended it (Rules 1, point 6)."""

from __future__ import annotations

from django.utils import timezone

from bookings.enums import Side
from bookings.errors import BookingError
from bookings.models import Appointment

from ._base import Acting
from .answers import REQUEST_STATES, cancel_as, withdraw_as

BATCH = 200


def end_for_closed_accounts(*, limit: int = BATCH) -> int:
    """Withdraw requests and cancel coming visits, one short transaction for each; how many. Run by a sweep too.

    What somebody answers at this moment is found by the next sweep. A visit that has begun is left to its outcome.
    """
    now = timezone.now()
    rows = Appointment.objects.alive(now).filter(patient__closed_at__isnull=False, starts_at__gt=now)
    ended = 0
    for appointment in rows.select_related("patient__closed_by").order_by("starts_at", "pk")[:limit]:
        closer = appointment.patient.closed_by or appointment.patient
        # Whoever closed the account had the right to it then, whatever they may do by now.
        by = Acting(Side.PATIENT if closer == appointment.patient else Side.CARETEAM, closer, Side.PATIENT)
        try:
            if appointment.state in REQUEST_STATES:
                withdraw_as(by, appointment)
            else:
                cancel_as(by, appointment)
        except BookingError:
            continue
        ended += 1
    return ended

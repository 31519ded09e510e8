"""After a membership ended: nobody of the provider can answer or receive any more, so what is open ends (Rules 3)."""

from __future__ import annotations

from django.utils import timezone

from bookings.enums import PROVIDER_ENDED, Side
from bookings.errors import BookingError
from bookings.models import Appointment
from medicaim.common import audit
from providers.enums import ProviderState
from providers.models import Provider

from ._base import Acting
from .answers import REQUEST_STATES, cancel_as, decline_as

BATCH = 200


def end_for_ended_providers(*, limit: int = BATCH) -> int:
    """Decline requests and cancel coming visits for the provider, one short transaction for each; how many.

    It is done in the name of whoever ended the membership, who had the right to it then. Run by a sweep too: what
    somebody works on at this moment, or asked for in the instant of the ending, is found by the next one. A visit
    that has begun is left to its outcome.
    """
    now = timezone.now()
    rows = Appointment.objects.alive(now).filter(provider__state=ProviderState.ENDED, starts_at__gt=now)
    acting: dict[int, Acting] = {}
    ended = 0
    for appointment in rows.select_related("provider", "patient").order_by("starts_at", "pk")[:limit]:
        if appointment.provider_id not in acting:
            acting[appointment.provider_id] = _who_ended(appointment.provider)
        by = acting[appointment.provider_id]
        try:
            if appointment.state in REQUEST_STATES:
                decline_as(by, appointment, event=PROVIDER_ENDED)
            else:
                cancel_as(by, appointment, event=PROVIDER_ENDED)
        except BookingError:
            continue
        ended += 1
    return ended


def _who_ended(provider: Provider) -> Acting:
    """The member of the careteam who did, as the log has it."""
    entry = audit.last_entry(action="provider.ended", obj=provider)
    if entry is None or entry.actor is None:
        return Acting(Side.CLOCK, None, Side.PROVIDER)
    return Acting(Side.CARETEAM, entry.actor, Side.PROVIDER)

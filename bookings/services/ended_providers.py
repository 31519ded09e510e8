"""After a membership ended: nobody of the provider can answer or receive any more, so what is open ends (Rules 3)."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import User
from bookings.enums import PROVIDER_ENDED, Side
from bookings.errors import BookingError
from bookings.models import Appointment
from medicaim.common import audit
from providers.enums import ProviderState
from providers.models import Provider

from .answers import REQUEST_STATES, cancel_appointment, decline_request

BATCH = 200


def end_for_ended_providers(*, limit: int = BATCH) -> int:
    """Decline requests and cancel coming visits for the provider, one short transaction for each; how many.

    It is done in the name of whoever ended the membership. Run by a sweep too: what somebody works on at this moment,
    or asked for in the instant of the ending, is found by the next one. A visit that has begun is left to its outcome.
    """
    now = timezone.now()
    rows = Appointment.objects.alive(now).filter(provider__state=ProviderState.ENDED, starts_at__gt=now)
    actors: dict[int, User | None] = {}
    ended = 0
    for appointment in rows.select_related("provider", "patient").order_by("starts_at", "pk")[:limit]:
        actor = actors.setdefault(appointment.provider_id, _who_ended(appointment.provider))
        if actor is None:
            continue
        try:
            if appointment.state in REQUEST_STATES:
                decline_request(appointment=appointment, actor=actor, event=PROVIDER_ENDED)
            else:
                cancel_appointment(
                    appointment=appointment, actor=actor, on_behalf_of=Side.PROVIDER, event=PROVIDER_ENDED
                )
        except BookingError:
            continue
        ended += 1
    return ended


def _who_ended(provider: Provider) -> User | None:
    """The member of the careteam who did, as the log has it."""
    entry = audit.last_entry(action="provider.ended", obj=provider)
    return entry.actor if entry is not None else None

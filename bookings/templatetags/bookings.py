"""What pages of other apps show of a request that is being made."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from django import template
from django.template import Context
from django.urls import Resolver404, resolve

from accounts.kept import kept
from bookings import queries
from bookings.errors import InvalidSlot
from bookings.slots import Slot, read_slot_token
from providers.models import Location, Service

register = template.Library()


@dataclass(frozen=True, slots=True)
class InProgress:
    """The free time that waits behind the pages of signing in and signing up."""

    slot: Slot
    service: Service
    location: Location


@register.simple_tag(takes_context=True)
def booking_in_progress(context: Context) -> InProgress | None:
    """The time chosen before the reader was asked to sign in, read from where the sign-in leads to; or None."""
    request = context.get("request")
    if request is None:
        return None
    pending = request.session.get(LOGIN_SESSION_KEY)
    wanted = (
        request.POST.get("next")
        or request.GET.get("next")
        or (pending.get("redirect_url") if isinstance(pending, dict) else "")
        or (kept(request) or ("",))[0]
    )
    return _read(wanted or "")


def _read(address: str) -> InProgress | None:
    parts = urlsplit(address)
    try:
        if resolve(parts.path).view_name != "bookings:request":
            return None
        slot = read_slot_token(parse_qs(parts.query).get("slot", [""])[0])
    except (Resolver404, InvalidSlot):
        return None
    service = queries.requestable_services().filter(pk=slot.service_id).first()
    location = Location.objects.filter(pk=slot.location_id).first()
    return InProgress(slot, service, location) if service and location else None

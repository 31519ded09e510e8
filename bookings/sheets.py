"""The sheet that a patient takes along: a confirmed appointment on paper."""

from datetime import datetime, tzinfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from medicaim.common import pdf
from providers.enums import ServiceMode

from .calendars import page_url, place_of
from .enums import Side
from .models import Appointment
from .presenters import person_name


def appointment_sheet(appointment: Appointment, *, language: str, reader_zone: tzinfo | None, now: datetime) -> bytes:
    """The sheet as PDF; without a `reader_zone` the place's own time stands alone."""
    provider, practitioner = appointment.provider.name, appointment.practitioner.name
    is_on_site = appointment.service.mode != ServiceMode.REMOTE
    with translation.override(language):
        context = {
            "title": _("Take this with you"),
            "appointment": appointment,
            "person": person_name(appointment),
            "practitioner": practitioner if practitioner != provider else "",
            "place": place_of(appointment),
            "is_on_site": is_on_site,
            "bring": what_to_bring(appointment) if is_on_site else what_to_prepare(),
            "page": page_url(appointment, side=Side.PATIENT),
            "made_at": now,
            "reader_zone": reader_zone or timezone.get_current_timezone(),
        }
    return pdf.render_pdf("bookings/pdf/appointment_sheet.html", context, language=language)


def what_to_bring(appointment: Appointment) -> list[str]:
    """What is asked for at most desks. Nothing medical: that the provider says."""
    items = [
        _("Passport or identity card of the person who comes"),
        _("Insurance card or papers, if there are any"),
        _("The papers and pictures that the provider asked for"),
        _("A means to pay the fee"),
    ]
    if appointment.dependant:
        items.append(_("The paper that shows that you act for this person"))
    return items


def what_to_prepare() -> list[str]:
    """The same for a visit by video or phone."""
    return [
        _("A quiet place, a charged phone or computer, and a good connection"),
        _("Passport or identity card of the person who comes"),
        _("The papers and pictures that the provider asked for"),
    ]

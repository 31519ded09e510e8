"""Free times of a service, and the request for one of them."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.kept import keep, kept_for
from accounts.queries import has_verified_email
from bookings import queries, services
from bookings.errors import (
    AlreadyRequested,
    EmailNotVerified,
    InvalidSlot,
    NotBookable,
    PatientNotAdult,
    PatientProfileMissing,
    SlotTaken,
)
from bookings.forms import RequestForm
from bookings.models import Appointment
from bookings.slots import Slot, read_slot_token
from medicaim.common.errors import DomainError
from medicaim.common.net import client_address
from providers.models import Location, Practitioner, Service

from .shared import choice_of, nearest_groups, service_words, similar_rows, week_heading, week_of

#: What a form that waited behind a sign-in may bring back; the key of a request stays its own.
KEPT_FIELDS = frozenset({"who", "subject", "request_key"})


@require_safe
def slots(request: HttpRequest, service_id: str) -> HttpResponse:
    """The free times of a service, one week at a time. Anyone may look."""
    is_part = bool(request.htmx) and not request.htmx.history_restore_request
    service = queries.requestable_services().filter(public_id=service_id).first()
    if service is None:
        return _no_longer_offered(request, service_id, is_part=is_part)
    choice = choice_of(request, service)
    context = {"service": service, "choice": choice, "with_button": True, **service_words(service)}
    context["answer_hours"] = settings.REQUEST_ANSWER_HOURS
    if choice is not None:
        week = week_of(request, choice, now=timezone.now())
        context |= {"week": week, "week_heading": week_heading(week)}
    elif is_part:
        return _no_longer_offered(request, service_id, is_part=is_part)
    response = render(request, "bookings/includes/week.html" if is_part else "bookings/slots.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _no_longer_offered(request: HttpRequest, service_id: str, *, is_part: bool) -> HttpResponse:
    """Where a link or an open page leads to a service that was withdrawn meanwhile: so it says, and where to search.

    htmx shows only what succeeds. The page names nobody: who is not active is not public.
    """
    specialty = get_object_or_404(Service.objects.select_related("specialty"), public_id=service_id).specialty
    query = {"specialty": specialty.canonical_id or specialty.pk} if specialty else {}
    context = {"search_url": reverse("search", query=query)}
    name = "bookings/includes/week_gone.html" if is_part else "bookings/slots_gone.html"
    response = render(request, name, context, status=200 if is_part else 404)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def request_slot(request: HttpRequest) -> HttpResponse:
    """Ask for one free time. Whoever is not signed in is sent there first and comes back with the time kept."""
    token = request.POST.get("slot") or request.GET.get("slot", "")
    try:
        slot = read_slot_token(token)
    except InvalidSlot as error:
        return _gone(request, error)
    service = queries.requestable_services().filter(pk=slot.service_id).first()
    if service is None:
        return _gone(request, NotBookable(), slot=slot)
    if not request.user.is_patient:
        return _not_a_patient(request)
    now = timezone.now()
    if request.method == "POST":
        return _send(request, slot, service, now)
    if slot.starts_at <= now:
        return _gone(request, NotBookable(), slot=slot, service=service)
    if not has_verified_email(request.user):
        return _verify_first(request, slot)
    typed = {name: text for name, text in kept_for(request, "bookings:request").items() if name in KEPT_FIELDS}
    return _form_page(request, RequestForm(patient=request.user, initial=typed), slot, service)


def _send(request: HttpRequest, slot: Slot, service: Service, now: datetime) -> HttpResponse:
    if "other_time" in request.POST:  # back to the calendar; what was typed waits for the next time chosen
        keep(request)
        return redirect("bookings:slots", service.public_id)
    form = RequestForm(request.POST, patient=request.user)
    if not form.is_valid():
        return _form_page(request, form, slot, service, status=422)
    try:
        appointment = services.request_appointment(
            slot=slot,
            patient=request.user,
            dependant=form.dependant,
            subject=form.cleaned_data["subject"],
            request_key=str(form.cleaned_data["request_key"]),
            address=client_address(request),
            actor=request.user,
        )
    except (SlotTaken, NotBookable) as error:
        return _form_page(request, form, slot, service, error=error, near=nearest_groups(request, slot, now=now))
    except EmailNotVerified:
        keep(request)
        return _verify_first(request, slot)
    except (PatientProfileMissing, PatientNotAdult):
        keep(request)
        return _not_a_patient(request)
    except AlreadyRequested as error:
        return _form_page(request, form, slot, service, error=error, existing=error.appointment)
    except DomainError as error:
        return _form_page(request, form, slot, service, error=error)
    if service.instant_confirmation:
        messages.success(request, _("Done. We send you an e-mail with all details."))
    return redirect("bookings:appointment", appointment.public_id)


def _form_page(
    request: HttpRequest,
    form: RequestForm,
    slot: Slot,
    service: Service,
    *,
    error: DomainError | None = None,
    near: list | None = None,
    existing: Appointment | None = None,
    status: int = 200,
) -> HttpResponse:
    """The request page; after a refusal with the reason and other times, and everything that was typed."""
    location = get_object_or_404(Location, pk=slot.location_id)
    practitioner = Practitioner.objects.filter(pk=slot.practitioner_id).first() if slot.practitioner_id else None
    context = {
        "form": form,
        "slot": slot,
        "service": service,
        "location": location,
        "practitioner": practitioner,
        "error": error.message if error else "",
        "near": near,
        "is_gone": near is not None,
        "existing": existing,
        "answer_hours": settings.REQUEST_ANSWER_HOURS,
        "answer_by": min(timezone.now() + timedelta(hours=settings.REQUEST_ANSWER_HOURS), slot.starts_at),
        **service_words(service),
    }
    if error is not None:
        status = getattr(error, "status", 409)
    return render(request, "bookings/request.html", context, status=status)


def _gone(
    request: HttpRequest, error: DomainError, *, slot: Slot | None = None, service: Service | None = None
) -> HttpResponse:
    """Nothing to ask for here any more: where else to look, and what was typed, to be taken along."""
    context = {
        "is_unreadable": isinstance(error, InvalidSlot),
        "service": service,
        "similar": similar_rows(slot, now=timezone.now()) if slot else [],
        "written": request.POST.get("subject", "").strip(),
    }
    return render(request, "bookings/slot_gone.html", context, status=getattr(error, "status", 409))


def _verify_first(request: HttpRequest, slot: Slot) -> HttpResponse:
    return render(request, "bookings/verify_first.html", {"slot": slot}, status=403)


def _not_a_patient(request: HttpRequest) -> HttpResponse:
    return render(request, "bookings/not_a_patient.html", status=403)

"""When people can come: weekly timetables, closed dates, extra openings, external calendars."""

from collections import defaultdict
from datetime import date, time
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from medicaim.common.errors import DomainError
from providers import services
from providers.hours_forms import ClosureForm, ExternalCalendarForm, ExtraOpeningForm, WeekForm
from providers.models import Closure, ExternalCalendar, ExtraOpening, Practitioner, Provider
from providers.services import WeekKey
from providers.timetables import calendar_rows, picture_of, timetables_of

from ._base import EDITORS, own_provider, workspace_page

#: In the session, until the list of hours is shown again: what was removed last.
UNDO = "removed_hours"


@require_GET
def hours(request: HttpRequest, public_id: str) -> HttpResponse:
    """All timetables, closed dates, extra openings and calendars, practitioner by practitioner."""
    provider = own_provider(request, public_id, *EDITORS)
    today = timezone.localdate()
    people = list(provider.practitioners.all())
    return workspace_page(
        request,
        "hours",
        provider,
        "hours",
        timetables=[(person, tables, picture_of(tables, today)) for person, tables in timetables_of(provider, people)],
        has_locations=provider.locations.exists(),
        people=people,
        closures=Closure.objects.filter(practitioner__provider=provider, ends_on__gte=today).select_related(
            "practitioner"
        ),
        openings=ExtraOpening.objects.filter(practitioner__provider=provider, on__gte=today).select_related(
            "practitioner", "location", "service"
        ),
        calendars=calendar_rows(provider, timezone.now()),
        undo=_undo_for(request, provider),
    )


def _key_of(request: HttpRequest, provider: Provider) -> WeekKey | None:
    """The timetable that the address names (`place`, `service`, `from`, `until`); None for a new one."""
    asked = request.GET
    if not asked.get("place"):
        return None
    try:
        valid = [date.fromisoformat(asked[name]) if asked.get(name) else None for name in ("from", "until")]
    except ValueError as error:
        raise Http404 from error
    location = get_object_or_404(provider.locations, public_id=asked["place"])
    service = get_object_or_404(provider.services, public_id=asked["service"]) if asked.get("service") else None
    return WeekKey(location, service, valid[0], valid[1])


def _openings(practitioner: Practitioner, key: WeekKey | None) -> dict[int, list[tuple[time, time]]]:
    found: dict[int, list[tuple[time, time]]] = defaultdict(list)
    for row in key.rows(practitioner).order_by("weekday", "starts") if key else ():
        found[row.weekday].append((row.starts, row.ends))
    return dict(found)


@require_http_methods(["GET", "POST"])
def week_edit(request: HttpRequest, public_id: str, practitioner_id: str) -> HttpResponse:
    """Write a weekly timetable of one practitioner."""
    provider = own_provider(request, public_id, *EDITORS)
    practitioner = get_object_or_404(provider.practitioners, public_id=practitioner_id)
    if not provider.locations.exists():
        messages.info(request, _("Add a place first: hours are read on its clocks."))
        return redirect("providers:location_add", provider.public_id)
    key = _key_of(request, provider)
    openings = _openings(practitioner, key)
    if request.method == "POST":
        form = WeekForm(request.POST, provider=provider, openings=openings)
        if form.is_valid() and _save_week(request, provider, practitioner, key, form):
            messages.success(request, _("The hours are saved. Free times follow in a moment."))
            return redirect("providers:hours", provider.public_id)
    else:
        initial: dict[str, Any] = {}
        if key:
            initial = {
                "location": key.location,
                "service": key.service,
                "valid_from": key.valid_from,
                "valid_until": key.valid_until,
            }
        form = WeekForm(provider=provider, openings=openings, initial=initial)
    return workspace_page(
        request,
        "week_edit",
        provider,
        "hours",
        status=422 if form.is_bound else 200,
        form=form,
        practitioner=practitioner,
        key=key,
    )


def _save_week(
    request: HttpRequest, provider: Provider, practitioner: Practitioner, key: WeekKey | None, form: WeekForm
) -> bool:
    data = form.cleaned_data
    new_key = WeekKey(data["location"], data["service"], data["valid_from"], data["valid_until"])
    if key != new_key and new_key.rows(practitioner).exists():
        # A second timetable for the same place, service and dates would silently replace the first.
        form.add_error(None, _("There is already a timetable for this place, service and dates: change that one."))
        return False
    try:
        services.set_weekly_hours(
            provider=provider,
            practitioner=practitioner,
            key=new_key,
            openings=data["openings"],
            replacing=key,
            actor=request.user,
        )
    except DomainError as error:
        form.add_error(None, str(error.message))
        return False
    return True


@require_POST
def week_remove(request: HttpRequest, public_id: str, practitioner_id: str) -> HttpResponse:
    """Remove a weekly timetable."""
    provider = own_provider(request, public_id, *EDITORS)
    practitioner = get_object_or_404(provider.practitioners, public_id=practitioner_id)
    key = _key_of(request, provider)
    if key is None:
        raise Http404
    services.remove_weekly_hours(provider=provider, practitioner=practitioner, key=key, actor=request.user)
    messages.success(request, _("These hours are removed. Appointments already made stay."))
    return redirect("providers:hours", provider.public_id)


@require_http_methods(["GET", "POST"])
def closure_add(request: HttpRequest, public_id: str) -> HttpResponse:
    """Close some days."""
    provider = own_provider(request, public_id, *EDITORS)
    form = ClosureForm(request.POST or None, provider=provider)
    if request.method == "POST" and form.is_valid():
        services.add_closure(provider=provider, actor=request.user, **form.cleaned_data)
        messages.success(request, _("These days are closed. Appointments already made on them stay: see your agenda."))
        return redirect("providers:hours", provider.public_id)
    status = 422 if form.is_bound else 200
    return workspace_page(request, "closure_add", provider, "hours", status=status, form=form)


def _offer_undo(request: HttpRequest, provider: Provider, page: str, **fields: object) -> None:
    """Have the next list of hours show a button that adds what was removed, with these fields of its form."""
    request.session[UNDO] = {
        "provider": provider.public_id,
        "page": page,
        "fields": {name: str(value) for name, value in fields.items()},
    }


def _undo_for(request: HttpRequest, provider: Provider) -> dict[str, Any] | None:
    """What was removed last, told once as any message."""
    undo = request.session.get(UNDO)
    if undo is None or undo["provider"] != provider.public_id:
        return None
    del request.session[UNDO]
    return {
        "is_closure": undo["page"] == "closure_add",
        "url": reverse(f"providers:{undo['page']}", args=[provider.public_id]),
        "fields": undo["fields"],
    }


@require_POST
def closure_remove(request: HttpRequest, public_id: str, closure_id: str) -> HttpResponse:
    """Open closed days again."""
    provider = own_provider(request, public_id, *EDITORS)
    closure = get_object_or_404(Closure, practitioner__provider=provider, public_id=closure_id)
    services.remove_closure(provider=provider, closure=closure, actor=request.user)
    _offer_undo(
        request,
        provider,
        "closure_add",
        practitioners=closure.practitioner_id,
        starts_on=closure.starts_on,
        ends_on=closure.ends_on,
        label=closure.label,
    )
    return redirect("providers:hours", provider.public_id)


@require_http_methods(["GET", "POST"])
def opening_add(request: HttpRequest, public_id: str) -> HttpResponse:
    """Open some hours on one date."""
    provider = own_provider(request, public_id, *EDITORS)
    if not provider.locations.exists():
        messages.info(request, _("Add a place first: hours are read on its clocks."))
        return redirect("providers:location_add", provider.public_id)
    form = ExtraOpeningForm(request.POST or None, provider=provider)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_extra_opening(provider=provider, actor=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(getattr(error, "field", "ends"), str(error.message))
        else:
            messages.success(request, _("The extra hours are saved."))
            return redirect("providers:hours", provider.public_id)
    status = 422 if form.is_bound else 200
    return workspace_page(request, "opening_add", provider, "hours", status=status, form=form)


@require_POST
def opening_remove(request: HttpRequest, public_id: str, opening_id: str) -> HttpResponse:
    """Take extra hours back."""
    provider = own_provider(request, public_id, *EDITORS)
    opening = get_object_or_404(ExtraOpening, practitioner__provider=provider, public_id=opening_id)
    services.remove_extra_opening(provider=provider, opening=opening, actor=request.user)
    _offer_undo(
        request,
        provider,
        "opening_add",
        practitioner=opening.practitioner_id,
        location=opening.location_id,
        service=opening.service_id or "",
        on=opening.on,
        starts=f"{opening.starts:%H:%M}",
        ends=f"{opening.ends:%H:%M}",
    )
    return redirect("providers:hours", provider.public_id)


@require_http_methods(["GET", "POST"])
def calendar_add(request: HttpRequest, public_id: str) -> HttpResponse:
    """Have busy times read from a calendar."""
    provider = own_provider(request, public_id, *EDITORS)
    form = ExternalCalendarForm(request.POST or None, provider=provider)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_external_calendar(provider=provider, actor=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error("url", str(error.message))
        else:
            messages.success(request, _("We read the calendar in a moment. Its busy times are then no longer offered."))
            return redirect("providers:hours", provider.public_id)
    status = 422 if form.is_bound else 200
    return workspace_page(request, "calendar_add", provider, "hours", status=status, form=form)


def _calendar(provider: Provider, calendar_id: str) -> ExternalCalendar:
    return get_object_or_404(ExternalCalendar, practitioner__provider=provider, public_id=calendar_id)


@require_POST
def calendar_remove(request: HttpRequest, public_id: str, calendar_id: str) -> HttpResponse:
    """Forget a calendar and its busy times."""
    provider = own_provider(request, public_id, *EDITORS)
    services.remove_external_calendar(provider=provider, calendar=_calendar(provider, calendar_id), actor=request.user)
    messages.success(request, _("The calendar is removed, with the busy times read there."))
    return redirect("providers:hours", provider.public_id)


@require_POST
def calendar_refresh(request: HttpRequest, public_id: str, calendar_id: str) -> HttpResponse:
    """Read a calendar again soon."""
    provider = own_provider(request, public_id, *EDITORS)
    services.ask_for_fresh_calendar(provider=provider, calendar=_calendar(provider, calendar_id), actor=request.user)
    messages.success(request, _("We read the calendar again in a moment."))
    return redirect("providers:hours", provider.public_id)

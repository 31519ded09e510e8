"""The patient's side of appointments."""

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bookings import queries, services, sheets
from bookings.enums import AppointmentState as State
from bookings.enums import ProposalState, Side
from bookings.forms import GoesOnForm, ReasonForm
from bookings.models import OPEN_STATES, Appointment, Proposal
from bookings.presenters import Actions, actions_for, next_step, patient_facts, person_name, until_words, way
from medicaim.common.pdf import DocumentNotMade, pdf_response
from providers.enums import ProviderState

from .both import answer_one, entry_response, goes_on_one, propose_one
from .shared import act, no_longer, other_times, posted

PER_PAGE = 20
MAX_UPCOMING = 50
ENDED_UNMET = frozenset({State.DECLINED, State.EXPIRED, State.WITHDRAWN, State.CANCELLED})


def _mine(request: HttpRequest, public_id: str) -> Appointment:
    """One of the reader's own appointments; anybody else's does not exist here."""
    own = Appointment.objects.of_patient(request.user).select_related(
        "provider", "practitioner", "service", "location", "dependant", "patient"
    )
    return get_object_or_404(own, public_id=public_id)


def _may(found: Appointment) -> Actions:
    """What the patient may do with it now."""
    now = timezone.now()
    proposal = queries.open_proposal(appointment=found, now=now)
    return actions_for(found, proposal=proposal, side=Side.PATIENT, now=now)


def _page_of(appointment: Appointment) -> str:
    return reverse("bookings:appointment", args=[appointment.public_id])


@require_safe
def my_appointments(request: HttpRequest) -> HttpResponse:
    """The patient's home: the next step first, then what lies ahead, then what was."""
    now = timezone.now()
    waiting = Proposal.objects.filter(state=ProposalState.OPEN, expires_at__gt=now)
    mine = (
        Appointment.objects.of_patient(request.user)
        .select_related("provider", "practitioner", "service", "location", "dependant", "patient")
        .prefetch_related(Prefetch("proposals", queryset=waiting, to_attr="waiting_proposals"))
    )
    lies_ahead = mine.filter(state__in=OPEN_STATES, starts_at__gt=now)
    zone = request.reader_zone
    upcoming = [_row(row, now, zone) for row in lies_ahead.order_by("starts_at", "pk")[:MAX_UPCOMING]]
    upcoming = [row for row in upcoming if row["state"] in OPEN_STATES]
    shown = [row["appointment"].pk for row in upcoming]
    page = Paginator(mine.exclude(pk__in=shown).order_by("-starts_at", "-pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    past = [_row(row, now, zone) for row in page.object_list]
    turns = [row for row in upcoming if row["step"].is_readers_turn]
    turns.sort(key=lambda row: row["step"].until or row["appointment"].starts_at)
    questions = [row for row in past if row["step"].is_readers_turn]
    first = next(iter([*turns, *upcoming, *questions]), None)
    others = [row for row in upcoming if row is not first]
    context = {
        "next": first,
        "question": next((row for row in questions if row is not first), None),
        "waiting": [row for row in others if row["state"] != State.CONFIRMED],
        "ahead": [row for row in others if row["state"] == State.CONFIRMED],
        "past": past,
        "page": page,
    }
    return render(request, "bookings/my_appointments.html", context)


def _row(appointment: Appointment, now: datetime, reader_zone: tzinfo) -> dict:
    proposal = next(iter(appointment.waiting_proposals), None)
    state = appointment.state_at(now)
    step = next_step(appointment, proposal=proposal, side=Side.PATIENT, now=now)
    return {
        "appointment": appointment,
        "state": state,
        "label": State(state).label,
        "proposal": proposal,
        "step": step,
        "until": until_words(step, appointment.location.time_zone, reader_zone),
        "facts": patient_facts(appointment, state=state, reader_zone=reader_zone),
        "person": person_name(appointment),
    }


@require_safe
def appointment(request: HttpRequest, public_id: str) -> HttpResponse:
    """One appointment: how it stands, what comes next, what happened, what can be done."""
    found = _mine(request, public_id)
    now = timezone.now()
    proposal = queries.open_proposal(appointment=found, now=now)
    state = found.state_at(now)
    step = next_step(found, proposal=proposal, side=Side.PATIENT, now=now)
    context = {
        "appointment": found,
        "state": state,
        "label": State(state).label,
        "person": person_name(found),
        "proposal": proposal,
        "step": step,
        "until": until_words(step, found.location.time_zone, request.reader_zone),
        "actions": actions_for(found, proposal=proposal, side=Side.PATIENT, now=now),
        "facts": patient_facts(found, state=state, reader_zone=request.reader_zone),
        "way": way(found, proposal=proposal, side=Side.PATIENT, reader_zone=request.reader_zone, now=now),
        "goes_on_form": GoesOnForm(),
        "answer_hours": settings.REQUEST_ANSWER_HOURS,
        "is_provider_gone": state in ENDED_UNMET and found.provider.state == ProviderState.ENDED,
    }
    if state in ENDED_UNMET:
        context |= other_times(request, found, now=now)
    return render(request, "bookings/appointment.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a request back: a page, then the act."""
    found = _mine(request, public_id)
    back = _page_of(found)
    if request.method == "POST":
        return act(
            request,
            lambda: services.withdraw_request(appointment=found, actor=request.user),
            appointment=found,
            done=gettext_lazy("Your request is taken back. The time is free again."),
            back=back,
        )
    if not _may(found).withdraw:
        return no_longer(request, back=back)
    return render(request, "bookings/withdraw.html", {"appointment": found, "back": back})


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Cancel: a page that says what follows, then the act."""
    found = _mine(request, public_id)
    back = _page_of(found)
    form = ReasonForm(posted(request), help_text=_("The provider reads it. You may leave it empty."))
    if request.method == "POST" and form.is_valid():
        return act(
            request,
            lambda: services.cancel_appointment(
                appointment=found, reason=form.cleaned_data["reason"], actor=request.user
            ),
            appointment=found,
            done=gettext_lazy("Your appointment is cancelled. We tell the provider."),
            back=back,
        )
    if not _may(found).cancel:
        return no_longer(request, back=back)
    status = 422 if form.is_bound else 200
    context = {"appointment": found, "back": back, "form": form, "side": Side.PATIENT, "person": person_name(found)}
    return render(request, "bookings/cancel.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def answer_proposal(request: HttpRequest, public_id: str, proposal_id: str, answer: str) -> HttpResponse:
    """Accept or decline another time, or take one's own offer back. A GET only leads to the page with the buttons."""
    found = _mine(request, public_id)
    back = _page_of(found)
    if request.method != "POST":
        return redirect(back)
    return answer_one(request, found, proposal_id, answer, back)


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask for another time."""
    found = _mine(request, public_id)
    if request.method != "POST" and not _may(found).propose:
        return no_longer(request, back=_page_of(found))
    return propose_one(request, found, back=_page_of(found), side=Side.PATIENT)


@require_http_methods(["GET", "HEAD", "POST"])
def goes_on(request: HttpRequest, public_id: str) -> HttpResponse:
    """Do you go on together?"""
    found = _mine(request, public_id)
    if request.method != "POST" and not _may(found).say_goes_on:
        return no_longer(request, back=_page_of(found))
    return goes_on_one(request, found, back=_page_of(found))


@require_safe
def appointment_sheet(request: HttpRequest, public_id: str) -> HttpResponse:
    """A confirmed appointment on paper (PDF). Its name is seen by others: only what and on which day."""
    found = _mine(request, public_id)
    now, back = timezone.now(), _page_of(found)
    if found.state_at(now) != State.CONFIRMED:
        return no_longer(request, back=back)
    try:
        content = sheets.appointment_sheet(
            found, language=get_language() or "en", reader_zone=request.reader_zone, now=now
        )
    except DocumentNotMade as refusal:
        messages.error(request, str(refusal.message))
        return redirect(back)
    day = found.starts_at.astimezone(ZoneInfo(found.location.time_zone)).date()
    return pdf_response(content, filename=f"{_('appointment')}-{day.isoformat()}.pdf")


@require_safe
def calendar_entry(request: HttpRequest, public_id: str) -> HttpResponse:
    """The appointment as a file for one's own calendar; it carries the same UID as the invitation."""
    found = _mine(request, public_id)
    return entry_response(found, side=Side.PATIENT)

"""The provider's side: what waits for an answer, one appointment, the agenda."""

from collections import defaultdict
from datetime import date, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from bookings import queries, services
from bookings.enums import AppointmentState as State
from bookings.enums import ProposalState, Side
from bookings.forms import GoesOnForm, OutcomeForm, ReasonForm, WeekForm
from bookings.models import Appointment, Proposal
from bookings.presenters import (
    Actions,
    actions_for,
    handed_over,
    name_for_provider,
    next_step,
    time_left,
    time_left_tone,
    until_words,
    way,
    week_start,
)
from medicaim.common import times
from providers.enums import MemberRole
from providers.models import Location, Practitioner, Provider

from .both import answer_one, entry_response, goes_on_one, propose_one
from .shared import act, no_longer, posted, start_of

PER_PAGE = 25
MAX_AGENDA = 400
DAY = timedelta(days=1)


def _theirs(request: HttpRequest, public_id: str) -> Appointment:
    """An appointment of a provider for which the reader works; any other does not exist here."""
    return get_object_or_404(_rows(_handled(request.user)), public_id=public_id)


def _may(found: Appointment) -> Actions:
    """What the provider may do with it now."""
    now = timezone.now()
    proposal = queries.open_proposal(appointment=found, now=now)
    return actions_for(found, proposal=proposal, side=Side.PROVIDER, now=now)


def _page_of(appointment: Appointment) -> str:
    return reverse("bookings:provider_appointment", args=[appointment.public_id])


def _handled(user):
    """The providers whose appointments the reader handles: as owner or reception. An editor looks after the page."""
    return Provider.objects.with_member(user, MemberRole.OWNER, MemberRole.RECEPTION)


def _rows(providers):
    """The appointments of these providers. Lists name them one by one, which lets the database use its index."""
    return Appointment.objects.filter(provider__in=providers).select_related(
        "patient__patient_profile", "dependant", "provider", "practitioner", "service", "location"
    )


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for an answer, what runs out first on top; then visits whose outcome nobody has said yet."""
    now = timezone.now()
    asked_to_move = Proposal.objects.filter(
        state=ProposalState.OPEN, expires_at__gt=now, proposed_by__in=[Side.PATIENT, Side.CARETEAM]
    )
    waiting = Q(state=State.REQUESTED, expires_at__gt=now)
    moves = Q(state__in=[State.ACCEPTED, State.CONFIRMED], pk__in=asked_to_move.values("appointment"))
    providers = list(_handled(request.user).order_by("name", "pk"))
    wish_ends = asked_to_move.filter(appointment=OuterRef("pk")).values("expires_at")[:1]
    runs_out_at = Coalesce(Subquery(wish_ends), F("expires_at"))
    asked = _rows(providers).filter(waiting | moves).annotate(runs_out_at=runs_out_at)
    page = Paginator(asked.order_by("runs_out_at", "created_at", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    outcomes = _rows(providers).filter(state=State.CONFIRMED, starts_at__lte=now).order_by("starts_at", "pk")
    context = {
        "page": page,
        "rows": [_inbox_row(row, now) for row in page.object_list],
        "outcomes": [_inbox_row(row, now) for row in outcomes[:PER_PAGE]],
        "providers": providers,
    }
    return render(request, "bookings/inbox.html", context)


def _inbox_row(appointment: Appointment, now) -> dict:
    is_request = appointment.state == State.REQUESTED
    runs_out_at = getattr(appointment, "runs_out_at", None)
    shown = handed_over(appointment, now)
    return {
        "appointment": appointment,
        "person": name_for_provider(appointment, now),
        "is_request": is_request,
        "state": appointment.state,
        "label": State(appointment.state).label,
        "subject": shown.subject if shown else "",
        "time_left": time_left(runs_out_at, now) if runs_out_at else "",
        "time_left_tone": time_left_tone(runs_out_at, now) if runs_out_at else "",
    }


@require_safe
def appointment(request: HttpRequest, public_id: str) -> HttpResponse:
    """One request or appointment, with the data handed over and what can be done."""
    found = _theirs(request, public_id)
    now = timezone.now()
    proposal = queries.open_proposal(appointment=found, now=now)
    state = found.state_at(now)
    step = next_step(found, proposal=proposal, side=Side.PROVIDER, now=now)
    context = {
        "appointment": found,
        "state": state,
        "label": State(state).label,
        "card": handed_over(found, now),
        "person": name_for_provider(found, now),
        "proposal": proposal,
        "step": step,
        "until": until_words(step, found.location.time_zone, request.reader_zone),
        "actions": actions_for(found, proposal=proposal, side=Side.PROVIDER, now=now),
        "way": way(found, proposal=proposal, side=Side.PROVIDER, reader_zone=request.reader_zone, now=now),
        "time_left": time_left(found.expires_at, now) if state == State.REQUESTED else "",
        "time_left_tone": time_left_tone(found.expires_at, now) if state == State.REQUESTED else "",
        "goes_on_form": GoesOnForm(),
        "outcome_form": OutcomeForm(),
    }
    return render(request, "bookings/provider_appointment.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, public_id: str) -> HttpResponse:
    """Accept a request, from its page or from the list. A GET only leads to the page with the button."""
    found = _theirs(request, public_id)
    back = reverse("bookings:inbox") if request.POST.get("back") == "inbox" else _page_of(found)
    if request.method != "POST":
        return redirect(back)
    return act(
        request,
        lambda: services.accept_request(appointment=found, actor=request.user),
        appointment=found,
        done=gettext_lazy("Accepted. The patient gets a message now."),
        back=back,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, public_id: str) -> HttpResponse:
    """Decline: a page that asks why, then the act."""
    found = _theirs(request, public_id)
    back = _page_of(found)
    form = ReasonForm(
        posted(request),
        is_required=True,
        help_text=_("The patient reads it. No medical details, please."),
    )
    if request.method == "POST" and form.is_valid():
        return act(
            request,
            lambda: services.decline_request(appointment=found, reason=form.cleaned_data["reason"], actor=request.user),
            appointment=found,
            done=gettext_lazy("Declined. The time is free again and the patient gets a message."),
            back=back,
        )
    if not _may(found).decline:
        return no_longer(request, back=back)
    context = {"appointment": found, "back": back, "form": form, "person": name_for_provider(found, timezone.now())}
    return render(request, "bookings/decline.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, public_id: str) -> HttpResponse:
    """Offer another time, instead of a request or as a move."""
    found = _theirs(request, public_id)
    if request.method != "POST" and not _may(found).propose:
        return no_longer(request, back=_page_of(found))
    return propose_one(request, found, back=_page_of(found), side=Side.PROVIDER)


@require_http_methods(["GET", "HEAD", "POST"])
def answer_proposal(request: HttpRequest, public_id: str, proposal_id: str, answer: str) -> HttpResponse:
    """Answer the patient's wish for another time, or take one's own offer back."""
    found = _theirs(request, public_id)
    back = _page_of(found)
    if request.method != "POST":
        return redirect(back)
    return answer_one(request, found, proposal_id, answer, back)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Cancel: a page that says what follows and asks why, then the act."""
    found = _theirs(request, public_id)
    back = _page_of(found)
    form = ReasonForm(
        posted(request),
        is_required=True,
        help_text=_("The patient reads it. No medical details, please."),
    )
    if request.method == "POST" and form.is_valid():
        return act(
            request,
            lambda: services.cancel_appointment(
                appointment=found, reason=form.cleaned_data["reason"], actor=request.user
            ),
            appointment=found,
            done=gettext_lazy("Cancelled. The patient gets a message now."),
            back=back,
        )
    if not _may(found).cancel:
        return no_longer(request, back=back)
    person = name_for_provider(found, timezone.now())
    context = {"appointment": found, "back": back, "form": form, "side": Side.PROVIDER, "person": person}
    return render(request, "bookings/cancel.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def outcome(request: HttpRequest, public_id: str) -> HttpResponse:
    """What became of the visit."""
    found = _theirs(request, public_id)
    back = _page_of(found)
    form = OutcomeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        return act(
            request,
            lambda: services.record_outcome(
                appointment=found,
                came=form.cleaned_data["came"],
                goes_on=form.cleaned_data["goes_on"],
                actor=request.user,
            ),
            appointment=found,
            done=gettext_lazy("Thank you. We have noted it."),
            back=back,
        )
    if not _may(found).record_outcome:
        return no_longer(request, back=back)
    context = {"appointment": found, "back": back, "form": form, "person": name_for_provider(found, timezone.now())}
    return render(request, "bookings/outcome.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def goes_on(request: HttpRequest, public_id: str) -> HttpResponse:
    """Do you go on together?"""
    found = _theirs(request, public_id)
    if request.method != "POST" and not _may(found).say_goes_on:
        return no_longer(request, back=_page_of(found))
    return goes_on_one(request, found, back=_page_of(found))


@require_safe
def calendar_entry(request: HttpRequest, public_id: str) -> HttpResponse:
    """The appointment as a file for one's own calendar."""
    return entry_response(_theirs(request, public_id), side=Side.PROVIDER)


# --- Agenda -----------------------------------------------------------------------------------------


@require_safe
def agenda(request: HttpRequest) -> HttpResponse:
    """A day or a week of one provider, in the local time of each place."""
    now = timezone.now()
    providers = list(_handled(request.user).order_by("name", "pk"))
    asked = WeekForm(request.GET)
    provider = next((row for row in providers if row.public_id == asked.value("provider")), None)
    provider = provider or next(iter(providers), None)
    if provider is None:
        return redirect("bookings:inbox")
    people = list(provider.practitioners.all())
    person = next((row for row in people if row.public_id == asked.value("practitioner")), None)
    places = list(provider.locations.all())
    zone = ZoneInfo(places[0].time_zone) if places else request.reader_zone
    is_day = asked.value("view") == "day"
    today = now.astimezone(zone).date()
    first = asked.value("day") or today
    if not is_day:
        first = week_start(first)
    span = DAY if is_day else 7 * DAY
    days = _agenda_days(provider, person, first, span, now)
    link = _AgendaLinks(request.path, provider, person, "day" if is_day else "week")
    context = {
        "providers": providers,
        "provider": provider,
        "people": people,
        "person": person,
        "is_day": is_day,
        "first": first,
        "last": first + span - DAY,
        "days": days,
        "is_empty": not any(rows for _day, rows in days),
        "today": today,
        "places": places,
        "zones": sorted({place.time_zone for place in places}),
        "previous_url": link.at(first - span),
        "next_url": link.at(first + span),
        "today_url": link.at(today),
        "other_view_url": link.at(first, "week" if is_day else "day"),
        "is_cut": sum(len(rows) for _day, rows in days) >= MAX_AGENDA,
        "limit": MAX_AGENDA,
    }
    return render(request, "bookings/agenda.html", context)


class _AgendaLinks:
    """Addresses of the agenda that keep what was chosen."""

    def __init__(self, path: str, provider: Provider, person: Practitioner | None, view: str) -> None:
        self.path, self.view = path, view
        self.query = {"provider": provider.public_id}
        if person:
            self.query["practitioner"] = person.public_id

    def at(self, day: date, view: str = "") -> str:
        return f"{self.path}?{urlencode({**self.query, 'view': view or self.view, 'day': day.isoformat()})}"


def _agenda_days(
    provider: Provider, person: Practitioner | None, first: date, span: timedelta, now
) -> list[tuple[date, list[dict]]]:
    """Each local day with its appointments. The window is widened by 14 hours: "a day" depends on the place."""
    utc = ZoneInfo("UTC")
    margin = timedelta(hours=14)
    rows = queries.agenda(
        provider=provider,
        practitioner=person,
        from_at=start_of(first, utc) - margin,
        until_at=start_of(first + span, utc) + margin,
        now=now,
    )
    days: dict[date, list[dict]] = defaultdict(list)
    for row in rows[:MAX_AGENDA]:
        day = row.starts_at.astimezone(ZoneInfo(row.location.time_zone)).date()
        if first <= day < first + span:
            days[day].append(_agenda_row(row, row.location, now))
    whole = [first + DAY * number for number in range(span.days)]
    return [(day, days[day]) for day in whole]


def _agenda_row(appointment: Appointment, location: Location, now) -> dict:
    zone = ZoneInfo(location.time_zone)
    state = appointment.state_at(now)
    return {
        "appointment": appointment,
        "from": times.clock(appointment.starts_at, zone),
        "to": times.clock(appointment.ends_at, zone),
        "zone": times.zone_words(appointment.starts_at, zone),
        "person": name_for_provider(appointment, now),
        "state": state,
        "label": State(state).label,
    }

"""What both sides do in the same way; whose turn it is, the services decide."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings import ics, services
from bookings.calendars import visit_of
from bookings.errors import AlreadyRequested, NotBookable, PatientNotFree, SlotTaken
from bookings.forms import GoesOnForm, ProposalForm
from bookings.models import Appointment
from medicaim.common.errors import DomainError

from .shared import act, choice_of, nearest_groups, posted, refused, week_heading, week_of


def answer_one(
    request: HttpRequest, appointment: Appointment, proposal_id: str, answer: str, back: str
) -> HttpResponse:
    """Accept or decline another time, or take back one's own offer."""
    proposal = get_object_or_404(appointment.proposals.all(), public_id=proposal_id)
    answers = {
        "accept": (services.accept_proposal, gettext_lazy("Done: the new time is set. Both sides get a message.")),
        "decline": (services.decline_proposal, gettext_lazy("The other time is declined.")),
        "withdraw": (services.withdraw_proposal, gettext_lazy("Your offer of another time is taken back.")),
    }
    if answer not in answers:
        raise Http404
    call, done = answers[answer]
    return act(
        request,
        lambda: call(proposal=proposal, actor=request.user),
        appointment=appointment,
        done=done,
        back=back,
    )


def propose_one(request: HttpRequest, appointment: Appointment, *, back: str, side: str) -> HttpResponse:
    """Choose another free time of the same service and put it to the other side."""
    now = timezone.now()
    form = ProposalForm(posted(request))
    near, error = None, None
    if request.method == "POST" and form.is_valid():
        slot = form.cleaned_data["slot"]
        try:
            services.propose_slot(
                appointment=appointment, slot=slot, note=form.cleaned_data["note"], actor=request.user
            )
        except (SlotTaken, NotBookable, PatientNotFree, AlreadyRequested) as refusal:
            error, near = refusal, nearest_groups(request, slot, now=now)
        except DomainError as refusal:
            return refused(request, refusal, appointment=appointment, back=back)
        else:
            messages.success(request, _("The other side is asked. We tell you as soon as there is an answer."))
            return redirect(back)
    choice = choice_of(
        request, appointment.service, location=appointment.location, practitioner=appointment.practitioner
    )
    context = {
        "appointment": appointment,
        "service": appointment.service,
        "form": form,
        "back": back,
        "choice": choice,
        "side": side,
        "near": near,
        "error": error.message if error else "",
    }
    if choice is not None:
        week = week_of(request, choice, now=now, moving=appointment)
        context |= {"week": week, "week_heading": week_heading(week)}
    if request.htmx and not request.htmx.history_restore_request and request.method == "GET":
        return render(request, "bookings/includes/week.html", context)
    status = error.status if error else 422 if form.is_bound else 200
    return render(request, "bookings/propose.html", context, status=status)


def goes_on_one(request: HttpRequest, appointment: Appointment, *, back: str) -> HttpResponse:
    """One side's answer whether it goes on."""
    form = GoesOnForm(posted(request))
    if request.method == "POST" and form.is_valid():
        return act(
            request,
            lambda: services.say_goes_on(
                appointment=appointment, goes_on=form.cleaned_data["goes_on"], actor=request.user
            ),
            appointment=appointment,
            done=gettext_lazy("Thank you. We have noted your answer."),
            back=back,
        )
    context = {"appointment": appointment, "form": form, "back": back}
    return render(request, "bookings/goes_on.html", context, status=422 if form.is_bound else 200)


def entry_response(appointment: Appointment, *, side: str) -> HttpResponse:
    """The file "appointment.ics"."""
    content = ics.entry(visit_of(appointment, side=side, now=timezone.now(), with_place=True))
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8; method=PUBLISH")
    response.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    response.headers["Cache-Control"] = "private, no-store"
    return response

"""The front door: pages that belong to no app, and those that compose several."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe
from django_countries import countries

from accounts.kept import fields_of, words_of
from accounts.zones import known_zones, zone_choices
from medicaim.common.cards import CardText, draw_card
from medicaim.common.forms import TidyForm
from medicaim.common.middleware import TimeZoneMiddleware
from medicaim.common.structured import organization, website
from medicaim.error_pages import plain_error

YEAR = 365 * 24 * 3600


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page: the search, and what MEDICAIM promises."""
    today = timezone.now().date()
    periods = ((7, _("Within a week")), (14, _("Within two weeks")), (30, _("Within a month")))
    context = {
        "country_names": [name for _code, name in countries],
        "periods": [((today + timedelta(days=days)).isoformat(), label) for days, label in periods],
        "structured_data": [website(reverse("home"), reverse("search")), organization()],
    }
    return render(request, "pages/home.html", context)


@require_safe
@cache_control(public=True, max_age=24 * 3600)
def card(request: HttpRequest) -> HttpResponse:
    """The picture beside a link to a page that has none of its own."""
    text = CardText(
        title=str(_("Find the right doctor, wherever they are")),
        above=str(_("Find care abroad")),
        lines=(str(_("Services, place, free times, fees.")),),
        is_rtl=get_language_bidi(),
    )
    return HttpResponse(draw_card(text), content_type="image/png")


@require_safe
def how_it_works(request: HttpRequest) -> HttpResponse:
    """From the search to the visit, in steps."""
    return render(request, "pages/how_it_works.html")


@require_safe
def result_order(request: HttpRequest) -> HttpResponse:
    """How the results of a search are ordered, and what does not count (Rules 2, point 3)."""
    return render(request, "pages/result_order.html")


@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    """How to reach people."""
    return render(request, "pages/contact.html", {"CONTACT_EMAIL": settings.CONTACT_EMAIL})


class TimeZoneForm(TidyForm, forms.Form):
    """The clock on which a reader without an account wants to see times."""

    time_zone = forms.ChoiceField(
        label=_("Your time zone"),
        choices=zone_choices,
        help_text=_("Each time is shown on the clock of the place first, then on yours."),
    )


def _safe_next(request: HttpRequest) -> str:
    """Where to go afterwards: an address of ours that the form or the link named, else the first page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("home")


@require_http_methods(["GET", "HEAD", "POST"])
def time_zone(request: HttpRequest) -> HttpResponse:
    """Choose the clock. Kept in a cookie that a browser's own guess does not overwrite; accounts keep their own."""
    known = known_zones()
    current = str(request.reader_zone)  # type: ignore[attr-defined]
    form = TimeZoneForm(request.POST or None, initial={"time_zone": current if current in known else "UTC"})
    if request.method == "POST" and form.is_valid():
        response = redirect(_safe_next(request))
        for name, value in ((TimeZoneMiddleware.COOKIE, form.cleaned_data["time_zone"]), ("tz_chosen", "1")):
            response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure())
        return response
    return render(request, "pages/time_zone.html", {"form": form, "next": _safe_next(request)})


# --- What went wrong -------------------------------------------------------------------------------


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came too late or from elsewhere: say so kindly, lose nothing.

    Where the browser vouches that one of our own pages sent it, what was typed stands on the page, ready to be sent
    with a fresh token: signing in elsewhere meanwhile has changed the old one.
    """
    is_ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    fields = (fields_of(request) or []) if is_ours else []
    return plain_error(
        request,
        403,
        "csrf",
        fields=fields,
        words=words_of(fields),
        to=request.get_full_path(),
        csrf_token=get_token(request) if fields else "",
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return plain_error(request, 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return plain_error(request, 403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return plain_error(request, 404)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What the rate limits of sign-in answer."""
    return plain_error(request, 429)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our mistake. Needs no database and no session: they may be what failed."""
    return plain_error(request, 500)

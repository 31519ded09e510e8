"""Private calendar addresses: the page that makes and revokes them, and the feed itself."""

import hashlib

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bookings import ics
from bookings.calendars import feed_visits
from bookings.feeds import active_feed, feed_by_token, replace_feed, revoke_feed
from providers.enums import MemberRole
from providers.models import Provider


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_calendar(request: HttpRequest) -> HttpResponse:
    """The patient's private calendar address."""
    return _manage(request, None, reverse("bookings:my_calendar"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def provider_calendar(request: HttpRequest, provider_id: str) -> HttpResponse:
    """A member's private calendar address for one provider."""
    handled = Provider.objects.with_member(request.user, MemberRole.OWNER, MemberRole.RECEPTION)
    provider = get_object_or_404(handled, public_id=provider_id)
    return _manage(request, provider, reverse("bookings:provider_calendar", args=[provider.public_id]))


def _manage(request: HttpRequest, provider: Provider | None, here: str) -> HttpResponse:
    """Show whether there is an address; make a new one or revoke it. A new address is shown in the answer, once."""
    address = ""
    if request.method == "POST":
        if request.POST.get("act") == "revoke":
            revoke_feed(user=request.user, provider=provider)
            messages.success(request, _("The private address is switched off. Calendars that used it stop."))
            return redirect(here)
        secret = replace_feed(user=request.user, provider=provider)
        address = settings.SITE_URL + reverse("feeds:calendar", args=[secret])
    context = {"provider": provider, "feed": active_feed(user=request.user, provider=provider), "address": address}
    return render(request, "bookings/calendar.html", context)


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """A private feed. The address is the key: no session is asked for and nothing is written."""
    found = feed_by_token(token)
    if found is None:
        raise Http404
    visits = feed_visits(user=found.user, provider=found.provider, language=found.user.language, now=timezone.now())
    with translation.override(found.user.language):
        content = ics.feed(visits, name=_("MEDICAIM appointments"))
    etag = quote_etag(hashlib.sha256(content).hexdigest())
    response = get_conditional_response(request, etag=etag) or HttpResponse(
        content, content_type="text/calendar; charset=utf-8"
    )
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, max-age=300"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Content-Disposition"] = 'inline; filename="medicaim.ics"'
    return response

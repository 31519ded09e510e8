"""Guards that know the account."""

import time
from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from medicaim.common.net import page_before

from .kept import keep
from .queries import terms_to_accept
from .services.security import REFUSED_MARK

Handler = Callable[[HttpRequest], HttpResponse]


class SessionActivityMiddleware:
    """Keeps the list of a person's sessions: when each was last used, from where. Written every few minutes only.

    A session that nobody used for SESSION_IDLE_SECONDS (to the accuracy of those minutes) ends.
    """

    KEY = "activity_noted"
    SECONDS = 600

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            noted = request.session.get(self.KEY)
            now = int(time.time())
            if isinstance(noted, int) and now - noted >= settings.SESSION_IDLE_SECONDS:
                logout(request)
                messages.info(request, _("You were signed out because the page was not used for a while."))
            elif not isinstance(noted, int) or now - noted >= self.SECONDS:
                request.session[self.KEY] = now
                UserSession.objects.create_from_request(request)
        return self.get_response(request)


class RefusedAccessMiddleware:
    """Whoever was refused access is out with the very next request (Rules 1, point 5).

    The service ended the sessions and left a mark in each browser's: the next page tells the person how to reach
    the careteam. The public pages stay open afterwards.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        refused = request.user.is_authenticated and request.user.access_refused_at is not None
        if refused:
            logout(request)
        elif request.session.pop(REFUSED_MARK, False):
            refused = True
        if refused:
            return render(request, "accounts/access_refused.html", status=403)
        return self.get_response(request)


class TermsMiddleware:
    """On a reserved page, terms that came into force meanwhile are asked for first (Rules 1, point 3).

    One query per reserved page. Whoever does not agree keeps the public pages, their own data and the way out. A
    form that was sent meets the question too: it says that nothing was sent, and leads back to the page.
    """

    OPEN_ROWS = frozenset(
        {
            "accounts:accept_terms",
            "accounts:close",
            "accounts:profile",
            "accounts:security",
            "accounts:raise_alarm",
            "accounts:sign_out_everywhere",
            "account_email",
            "account_change_password",
            "account_set_password",
            "account_reauthenticate",
            "usersessions_list",
        }
    )

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view_func, view_args, view_kwargs) -> HttpResponse | None:
        match = request.resolver_match
        if not request.user.is_authenticated or match is None:
            return None
        name = match.view_name
        is_reserved = getattr(request, "is_reserved", True)  # set by the guard, which reads the access table
        if not is_reserved or name in self.OPEN_ROWS or name.startswith("mfa_"):
            return None
        if not terms_to_accept(request.user):
            return None
        if request.method == "POST":
            messages.warning(request, _("Nothing was sent yet: the terms have changed. Read them first, then go on."))
        is_form = request.method not in ("GET", "HEAD")
        back = (keep(request) or page_before(request) or reverse("home")) if is_form else request.get_full_path()
        return redirect_to_login(back, reverse("accounts:accept_terms"))


class SecondFactorMiddleware:
    """Where the installation asks for it, the careteam's pages open only to those who set up a second factor."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view_func, view_args, view_kwargs) -> HttpResponse | None:
        match = request.resolver_match
        if not settings.CARETEAM_SECOND_FACTOR or match is None or match.namespace != "admin":
            return None
        if not request.user.is_authenticated or is_mfa_enabled(request.user):
            return None
        messages.warning(request, _("Set up a second factor first: the careteam's pages ask for it."))
        return redirect("mfa_index")

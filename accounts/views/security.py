"""How a person signs in, and what to do when somebody else did."""

from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import services
from accounts.adapter import address_of
from accounts.errors import AlarmInvalid
from accounts.forms import AlarmForm
from accounts.services.security import open_alarm


@never_cache
def overview(request: HttpRequest) -> HttpResponse:
    """Everything about signing in on one page: address, password, second factor, sessions, the alarm."""
    kinds = list(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    context = {
        "has_app": Authenticator.Type.TOTP in kinds,
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "has_recovery_codes": Authenticator.Type.RECOVERY_CODES in kinds,
    }
    return render(request, "accounts/security.html", context)


@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    services.end_sessions(user=request.user)
    logout(request)
    messages.success(request, _("You are signed out on every device."))
    return redirect("account_login")


@require_POST
def raise_alarm(request: HttpRequest) -> HttpResponse:
    """Somebody used my account, signed in: one click (Rules 1, point 4)."""
    services.raise_alarm(user=request.user, actor=request.user, address=address_of(request))
    logout(request)
    return redirect("accounts:alarm_done")


def alarm(request: HttpRequest) -> HttpResponse:
    """Somebody used my account, not signed in: the answer is the same for everybody."""
    form = AlarmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        login = form.cleaned_data["login"]
        refused = ratelimit.consume_or_429(request, app="allauth.account", action="alarm", key=login.strip().lower())
        if refused is not None:
            return refused
        services.request_alarm_link(login=login, address=address_of(request))
        return redirect("accounts:alarm_sent")
    return render(request, "accounts/alarm.html", {"form": form})


def alarm_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/alarm_sent.html")


def alarm_done(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/alarm_done.html")


@never_cache
def alarm_answer(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link: opening it changes nothing (a mail scanner may), its button does (pains 35)."""
    try:
        if request.method == "POST":
            services.answer_alarm(token=token, address=address_of(request))
            logout(request)
            return redirect("accounts:alarm_done")
        open_alarm(token)
    except AlarmInvalid as error:
        return render(request, "accounts/alarm_invalid.html", {"message": error.message}, status=404)
    return render(request, "accounts/alarm_answer.html")


def access_refused(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/access_refused.html", status=403)


def reset_required(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/reset_required.html")

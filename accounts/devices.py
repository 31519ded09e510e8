"""Browsers from which a person has signed in before.

Guessing stops after a few attempts per account. So that nobody can shut an owner out by guessing badly, a browser
that signed in before has a count of its own: a signed cookie says for which account.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

SALT = "accounts.device"
DAYS = 365


def cookie_name() -> str:
    return "__Host-device" if settings.SESSION_COOKIE_SECURE else "device"


def device_of(request: HttpRequest, user_id: int) -> str:
    """The random name of this browser if it belongs to that account, else ""."""
    try:
        known = signing.loads(request.COOKIES.get(cookie_name(), ""), salt=SALT, max_age=DAYS * 86400)
    except signing.BadSignature:
        return ""
    return str(known["device"]) if known.get("user") == user_id else ""


def remember_device(request: HttpRequest, response: HttpResponse, user_id: int) -> None:
    """Give this browser a name of its own for that account, where it has none."""
    if device_of(request, user_id):
        return
    response.set_cookie(
        cookie_name(),
        signing.dumps({"device": secrets.token_hex(8), "user": user_id}, salt=SALT),
        max_age=DAYS * 86400,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )

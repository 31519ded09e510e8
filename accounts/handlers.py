"""What the messages of this app say, read at the moment of sending."""

import json
from collections.abc import Callable
from datetime import datetime

import structlog
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from medicaim.common.crypto import InvalidToken, unseal
from medicaim.notifications.models import Message
from medicaim.notifications.registry import Content, register

from .enums import DependantState
from .models import AccountMail, Dependant, User
from .services.mail import PURPOSE

logger = structlog.get_logger(__name__)

ACCOUNT_MAILS = (
    "sign_up_code",
    "email_code",
    "account_exists",
    "unknown_account",
    "password_reset",
    "security_change",
    "alarm_link",
    "alarm_reset",
    "account_closed",
)

WITH_ALARM = ("account_exists", "password_reset", "security_change")
"""Mails under which stands "This was not me"."""

PAGES = {
    "account_exists": {"sign_in_url": "account_login", "reset_url": "account_reset_password"},
    "unknown_account": {"sign_up_url": "account_signup"},
}


def build_account_mail(message: Message) -> Content | None:
    """Unseal what the mail says; nothing is sent where that was forgotten or has run out."""
    mail = AccountMail.objects.filter(pk=message.object_id).select_related("user").first()
    if mail is None or not mail.sealed or mail.expires_at <= timezone.now():
        return None
    try:
        context = json.loads(unseal(mail.sealed, purpose=PURPOSE))
    except InvalidToken:
        logger.exception("account_mail_unreadable", mail=mail.pk)
        return None
    if "at" in context:
        context["at"] = datetime.fromisoformat(context["at"])
    with translation.override(mail.user.language if mail.user else mail.language):
        if mail.kind in WITH_ALARM:
            context["alarm_url"] = settings.SITE_URL + reverse("accounts:alarm")
        for name, page in PAGES.get(mail.kind, {}).items():
            context[name] = settings.SITE_URL + reverse(page)
    return Content(context={**context, "person": mail.user}, language=mail.language)


def build_dependant_decided(message: Message) -> Content | None:
    dependant = Dependant.objects.select_related("representative").filter(pk=message.object_id).first()
    if dependant is None or dependant.state == DependantState.PENDING:
        return None
    with translation.override(dependant.representative.language):
        url = settings.SITE_URL + reverse("accounts:dependants")
    return Content(context={"dependant": dependant, "approved": dependant.state == DependantState.APPROVED, "url": url})


def build_alarm_careteam(message: Message) -> Content | None:
    user = User.objects.filter(pk=message.object_id).first()
    if user is None:
        return None
    return Content(
        context={
            "public_id": user.public_id,
            "url": settings.SITE_URL + reverse("admin:accounts_user_change", args=[user.pk]),
        }
    )


def register_builders() -> None:
    """Called once per process, when the app is ready."""
    builders: dict[str, Callable[[Message], Content | None]] = {
        **dict.fromkeys(ACCOUNT_MAILS, build_account_mail),
        "dependant_decided": build_dependant_decided,
        "alarm_careteam": build_alarm_careteam,
    }
    for event, builder in builders.items():
        register(f"accounts.{event}", builder)

"""E-mails about signing in: sealed rows of our own behind rows of the outbox."""

import json
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import AccountMail, User
from medicaim.common.crypto import seal
from medicaim.notifications.enums import MessageState
from medicaim.notifications.models import Message
from medicaim.notifications.services import queue_message

PURPOSE = "accounts.mail"
HOURS = {
    "sign_up_code": 1,
    "email_code": 1,
    "password_reset": 24,
    "alarm_link": 24,
    "alarm_reset": 24,
}
"""How long the content of a mail is of use; what only tells that something happened is for three days."""


def queue_account_mail(
    *, kind: str, email: str, context: dict[str, str], user: User | None = None, language: str = ""
) -> AccountMail:
    """Write one mail about an account in the caller's transaction; the worker sends it (pains 39).

    `kind` names the templates `accounts/email/<kind>.*`. What the mail says is sealed. The language is the user's,
    else the one of the page.
    """
    own = user is not None and user.email.lower() == email.lower()
    with transaction.atomic():
        mail = AccountMail.objects.create(
            user=user,
            kind=kind,
            language=language or (user.language if user else "") or (get_language() or "en")[:2],
            sealed=seal(json.dumps(context), purpose=PURPOSE),
            expires_at=timezone.now() + timedelta(hours=HOURS.get(kind, 72)),
        )
        queue_message(
            event=f"accounts.{kind}",
            object_id=mail.pk,
            recipient=user if own else None,
            address="" if own else email,
        )
    return mail


def blank_account_mails(*, now: datetime | None = None) -> int:
    """Forget what mails said once they are sent, given up or out of date. Returns how many were emptied."""
    over = [MessageState.SENT, MessageState.STALE, MessageState.FAILED]
    kinds = AccountMail.objects.exclude(sealed="").values_list("kind", flat=True).distinct().order_by()
    events = [f"accounts.{kind}" for kind in kinds]
    done = Message.objects.filter(event__in=events, state__in=over).values("object_id")
    return (
        AccountMail.objects.exclude(sealed="")
        .filter(Q(expires_at__lte=now or timezone.now()) | Q(pk__in=done))
        .update(sealed="")
    )

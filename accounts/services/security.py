"""Who may sign in: passwords, sessions, "somebody used my account", access refused by the careteam."""

from datetime import timedelta
from importlib import import_module

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation

from accounts.errors import AlarmInvalid, ReasonMissing
from accounts.models import AccountAlarm, User
from accounts.queries import user_by_login, verified_email
from medicaim.common import audit
from medicaim.common.ids import new_token, token_hash
from medicaim.notifications.services import queue_message

from .mail import queue_account_mail

ALARM_HOURS = 24
REFUSED_MARK = "access_refused"
"""What is left in a browser's session when the careteam refused access: the next page says so."""


def end_sessions(*, user: User, mark: str = "") -> int:
    """End every session of a user at once; returns how many were known.

    The generation that each session is checked against moves on, so that a session nobody listed ends too. With a
    `mark`, each is emptied and holds only that mark: it knows nobody any more.
    """
    engine = import_module(settings.SESSION_ENGINE)
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)
    user.refresh_from_db(fields=["session_generation"])
    keys = list(UserSession.objects.filter(user_id=user.pk).values_list("session_key", flat=True))
    for key in keys:
        store = engine.SessionStore(key)
        if mark and store.exists(key):
            store.clear()
            store[mark] = True
            store.save()
        else:
            store.delete(key)
    UserSession.objects.filter(user_id=user.pk).delete()
    return len(keys)


def set_password(*, user: User, password: str, address: str | None = None) -> None:
    """Store a new password; whoever had to reset it may sign in again. Sessions with the old one end by themselves."""
    with transaction.atomic():
        user.set_password(password)
        was_required = user.reset_required_at is not None
        user.reset_required_at = None
        user.save(update_fields=["password", "reset_required_at"])
        action = "password.reset_after_alarm" if was_required else "password.changed"
        audit.record(action=action, actor=user, obj=user, address=address or None)


def reset_link(user: User) -> str:
    """A link with which the holder of the verified address chooses a new password; single use, it runs out."""
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    with translation.override(user.language):
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    return settings.SITE_URL + path.replace("UID-KEY", key)


def raise_alarm(*, user: User, actor: User | None, address: str | None) -> None:
    """Somebody else used the account (Rules 1, point 4).

    Every session ends, nobody can sign in until the password is reset through the verified e-mail address, the
    link for that is sent, the careteam is told, and the audit log has it.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        now = timezone.now()
        User.objects.filter(pk=user.pk).update(reset_required_at=now)
        end_sessions(user=user)
        entry = audit.record(action="account.alarm", actor=actor, obj=user, address=address or None)
        queue_account_mail(
            kind="alarm_reset",
            email=verified_email(user),
            user=user,
            context={"url": reset_link(user)},
        )
        queue_message(
            event="accounts.alarm_careteam",
            object_id=user.pk,
            address=settings.CARETEAM_EMAIL,
            occurrence=str(entry.pk),
        )


def request_alarm_link(*, login: str, address: str | None) -> None:
    """Send a secret link to the verified address of the account behind `login`; nothing tells whether there is one."""
    user = user_by_login(login)
    if user is None or not user.is_active:
        return
    token = new_token()
    with transaction.atomic():
        AccountAlarm.objects.create(
            user=user, token_hash=token_hash(token), expires_at=timezone.now() + timedelta(hours=ALARM_HOURS)
        )
        with translation.override(user.language):
            path = reverse("accounts:alarm_answer", args=[token])
        queue_account_mail(
            kind="alarm_link", email=verified_email(user), user=user, context={"url": settings.SITE_URL + path}
        )
        audit.record(action="account.alarm_link_sent", obj=user, address=address or None)


def open_alarm(token: str) -> AccountAlarm:
    """The alarm that a link belongs to. Raises AlarmInvalid where it was used or has run out."""
    alarm = (
        AccountAlarm.objects.filter(token_hash=token_hash(token), used_at=None, expires_at__gt=timezone.now())
        .select_related("user")
        .first()
    )
    if alarm is None:
        raise AlarmInvalid
    return alarm


def answer_alarm(*, token: str, address: str | None) -> None:
    """Use the link, once: the same as `raise_alarm`. Raises AlarmInvalid."""
    with transaction.atomic():
        alarm = open_alarm(token)
        used = AccountAlarm.objects.filter(pk=alarm.pk, used_at=None).update(used_at=timezone.now())
        if not used:
            raise AlarmInvalid
        raise_alarm(user=alarm.user, actor=None, address=address)


def refuse_access(*, user: User, reason: str, actor: User) -> None:
    """The careteam shuts a user out: sessions end at once, signing in is refused (Rules 1, point 5)."""
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        user.access_refused_at = timezone.now()
        user.access_refused_reason = reason.strip()[:500]
        user.save(update_fields=["access_refused_at", "access_refused_reason"])
        end_sessions(user=user, mark=REFUSED_MARK)
        audit.record(action="access.refused", actor=actor, obj=user, reason=reason)


def restore_access(*, user: User, reason: str, actor: User) -> None:
    """The careteam lets a user in again."""
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        user.access_refused_at = None
        user.access_refused_reason = ""
        user.save(update_fields=["access_refused_at", "access_refused_reason"])
        audit.record(action="access.restored", actor=actor, obj=user, reason=reason)

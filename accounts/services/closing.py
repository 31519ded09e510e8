"""The end of an account: closed by its holder or on a letter, or purged because its address was never confirmed."""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, ForeignObjectRel, OuterRef
from django.utils import timezone

from accounts import hooks
from accounts.errors import ClosingBlocked, NotYourAccount, ReasonMissing
from accounts.models import User
from accounts.queries import verified_email
from medicaim.common import audit
from medicaim.common.models import AuditEntry
from medicaim.common.tasks import enqueue

from .mail import queue_account_mail
from .security import end_sessions

BATCH = 200
#: What an account is made of. Anything else that points to a user is an object, and keeps the account; of the log,
#: what the person did to something else.
PARTS_OF_AN_ACCOUNT = frozenset(
    {
        "account.emailaddress",
        "accounts.accountalarm",
        "accounts.accountmail",
        "accounts.consent",
        "accounts.patientprofile",
        "common.auditentry",
        "notifications.message",
        "usersessions.usersession",
    }
)


def closing_obstacles(user: User) -> list[hooks.Obstacle]:
    """What the person must settle before the account can be closed."""
    return [obstacle for find in hooks.closing_obstacles for obstacle in find(user)]


def close_account(*, user: User, actor: User, reason: str = "", address: str | None = None) -> User:
    """Close an account for good (Rules 1, point 6): its holder at any time, careteam on a letter, with the reason.

    Sessions end at once and nobody can sign in; what is open with providers ends right afterwards, each with its
    own messages. Raises ClosingBlocked where something must be settled first. Closing twice changes nothing.
    """
    if actor.pk != user.pk:
        if not actor.is_careteam:
            raise NotYourAccount
        if not reason.strip():
            raise ReasonMissing
    with transaction.atomic():
        if closing_obstacles(user):
            raise ClosingBlocked
        for end in hooks.on_closing:
            end(user, actor)
        user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
        if user.closed_at is not None:
            return user
        user.is_active, user.closed_at, user.closed_by = False, timezone.now(), actor
        user.save(update_fields=["is_active", "closed_at", "closed_by"])
        end_sessions(user=user)
        audit.record(action="account.closed", actor=actor, obj=user, reason=reason, address=address or None)
        queue_account_mail(kind="account_closed", email=verified_email(user), user=user, context={})
        for task in hooks.after_closing:
            enqueue(task)
    return user


def purge_unverified_accounts(*, now: datetime | None = None) -> int:
    """Delete accounts whose address nobody confirmed in time; returns how many.

    Whoever typed somebody else's address must not keep it from its owner. An account to which anything else
    belongs stays.
    """
    before = (now or timezone.now()) - timedelta(days=settings.UNVERIFIED_ACCOUNT_DAYS)
    verified = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    typed = EmailAddress.objects.filter(user=OuterRef("pk"))
    old = User.objects.filter(~Exists(verified), Exists(typed), created_at__lt=before, last_login=None)
    purged = 0
    for pk in list(old.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            user = old.select_for_update(of=("self",)).filter(pk=pk).first()
            if user is not None and not _has_objects(user):
                # The lines of the log about it stay; they name it as their object.
                AuditEntry.objects.filter(actor=user).update(actor=None)
                audit.record(action="account.purged", obj=user)
                user.delete()
                purged += 1
    return purged


def _has_objects(user: User) -> bool:
    if user.is_staff or user.is_superuser or user.is_coordinator:
        return True
    if AuditEntry.objects.filter(actor=user).exclude(object_ref=audit.object_ref(user)).exists():
        return True
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: user}).exists()
        for relation in User._meta.get_fields(include_hidden=True)
        if isinstance(relation, ForeignObjectRel)
        and relation.related_model._meta.label_lower not in PARTS_OF_AN_ACCOUNT
    )

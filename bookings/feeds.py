"""Private calendar addresses: made, replaced, revoked. Reading one changes nothing.

The address is the only key, so it holds 256 random bits, is shown once, and only its hash is kept.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from medicaim.common.ids import new_token, token_hash
from providers.enums import MemberRole
from providers.models import Provider

from .models import CalendarFeed


@transaction.atomic
def replace_feed(*, user, provider: Provider | None = None) -> str:
    """Make a private address, the old one (if any) becomes useless at once; returns its secret, once.

    Without a provider it is the patient's own feed. The person's row is locked, so two clicks make one feed.
    """
    now = timezone.now()
    User.objects.select_for_update().get(pk=user.pk)
    _revoke(user, provider, now)
    secret = new_token()
    CalendarFeed.objects.create(user=user, provider=provider, token_hash=token_hash(secret), created_at=now)
    return secret


@transaction.atomic
def revoke_feed(*, user, provider: Provider | None = None) -> bool:
    """Make the private address useless; False where there was none."""
    return _revoke(user, provider, timezone.now())


def _revoke(user, provider: Provider | None, now: datetime) -> bool:
    active = CalendarFeed.objects.filter(user=user, provider=provider, revoked_at=None)
    return bool(active.update(revoked_at=now))


def active_feed(*, user, provider: Provider | None = None) -> CalendarFeed | None:
    """The feed that works now, if any."""
    return CalendarFeed.objects.filter(user=user, provider=provider, revoked_at=None).first()


def feed_by_token(token: str) -> CalendarFeed | None:
    """The feed of a secret address; None for an unknown or revoked one, or where its owner may not read it any more.

    Somebody who left the provider, or whose access was refused, reads nothing, whatever addresses are left.
    """
    feed = (
        CalendarFeed.objects.filter(token_hash=token_hash(token), revoked_at=None, user__is_active=True)
        .filter(user__access_refused_at=None)
        .select_related("user", "provider")
        .first()
    )
    if feed is None:
        return None
    handled = Provider.objects.with_member(feed.user, MemberRole.OWNER, MemberRole.RECEPTION)
    if feed.provider and not handled.filter(pk=feed.provider.pk).exists():
        return None
    return feed

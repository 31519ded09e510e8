"""Write messages, claim them, send them, account for each.

A message is written in the transaction of its cause. Whoever sends it claims it first, in a transaction of its
own that is committed before anything leaves the house; it is sent outside of any transaction; how that ended is
written by the holder of the claim only. Any number of workers and sweeps may do this side by side.
"""

import hashlib
import secrets
import time
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone, translation

from medicaim.common.audit import record
from medicaim.common.ids import new_public_id
from medicaim.common.tasks import enqueue

from . import gateways, rendering
from .enums import Channel, MessageState
from .errors import DeliveryError, NotWaitingForDecision, Refused, TryLater, Unknown, Unreachable
from .models import Message
from .registry import builder_for
from .rendering import Reader

logger = structlog.get_logger(__name__)

SWEEP_MESSAGES = 200
SWEEP_SECONDS = 60


# --- Writing ------------------------------------------------------------------------------------------


def queue_message(
    *,
    event: str,
    object_id: int,
    channel: Channel | str = Channel.EMAIL,
    recipient=None,
    address: str = "",
    occurrence: str = "",
    send_after: datetime | None = None,
) -> Message | None:
    """Write one message in the caller's transaction; None where the same one was already written.

    The recipient is a user, or an address where there is no account (careteam's mailbox). The text is
    rendered only when it is sent, in the recipient's language then.
    """
    to = f"user:{recipient.pk}" if recipient is not None else f"address:{address.lower()}"
    key = hashlib.sha256("\x1f".join([event, str(object_id), to, channel, occurrence]).encode()).hexdigest()
    message, created = Message.objects.get_or_create(
        dedupe_key=key,
        defaults={
            "event": event,
            "object_id": object_id,
            "occurrence": occurrence,
            "channel": channel,
            "recipient": recipient,
            "address": address,
            "message_id": f"<{new_public_id()}@medicaim>",
            "send_after": send_after or timezone.now(),
        },
    )
    if not created:
        return None
    if send_after is None:
        enqueue("medicaim.notifications.tasks.deliver_message", message.pk)
    return message


def queue_for_user(
    *,
    event: str,
    object_id: int,
    recipient,
    occurrence: str = "",
    send_after: datetime | None = None,
    sms: bool = True,
) -> list[Message]:
    """Write the e-mail and, where that person agreed to SMS and `sms` is true, the SMS; return those that are new."""
    channels = [Channel.EMAIL, Channel.SMS] if sms and sms_number(recipient) else [Channel.EMAIL]
    written = (
        queue_message(
            event=event,
            object_id=object_id,
            channel=channel,
            recipient=recipient,
            occurrence=occurrence,
            send_after=send_after,
        )
        for channel in channels
    )
    return [message for message in written if message is not None]


def sms_number(user) -> str:
    """The number (E.164) for SMS to that person; empty where they did not agree or have none (Rules 4, point 4)."""
    profile = getattr(user, "patient_profile", None)
    if profile is None or profile.sms_agreed_at is None or not profile.phone:
        return ""
    return str(profile.phone)


# --- Sending ------------------------------------------------------------------------------------------


def deliver_message(pk: int, *, now: datetime | None = None) -> MessageState | None:
    """Send that message if it waits and is due; return the state it got, None where there was nothing to do."""
    channel = Message.objects.filter(pk=pk).values_list("channel", flat=True).first()
    if channel is None or not _may_try(channel):
        return None
    message = _claim(pk, channel=channel, now=now or timezone.now())
    return _deliver_claimed(message) if message else None


def send_due_messages(*, now: datetime | None = None, limit: int = SWEEP_MESSAGES) -> int:
    """Send what waits and is due, at most `limit` per channel, and settle what dead senders left; return how many.

    Finds whatever a lost wake-up left behind. Ends after about a minute: the next sweep goes on.
    """
    recover_abandoned(now=now)
    started, count = time.monotonic(), 0
    for channel in (Channel.SMS, Channel.EMAIL):
        due = Message.objects.due(now or timezone.now()).filter(channel=channel).order_by("send_after", "pk")
        for pk in list(due.values_list("pk", flat=True)[:limit]):
            if time.monotonic() - started > SWEEP_SECONDS or not _may_try(channel):
                break
            message = _claim(pk, channel=channel, now=now or timezone.now())
            if message is not None:
                _deliver_claimed(message)
                count += 1
    return count


def recover_abandoned(*, now: datetime | None = None) -> None:
    """Settle the messages whose sender died: an e-mail waits again, an SMS is uncertain and stays so.

    An e-mail that took its senders down at every attempt is given up. (Rules 4, point 4; security, section 0.2.)
    """
    now = now or timezone.now()
    abandoned = Message.objects.abandoned(now)
    abandoned.filter(channel=Channel.SMS).update(
        state=MessageState.UNCERTAIN, lease_until=None, error="the sender died while sending"
    )
    mails = abandoned.filter(channel=Channel.EMAIL)
    # The claim stays: a sender that was only slow may still say that it has arrived.
    mails.filter(attempts__gt=len(settings.NOTIFICATION_RETRY_SECONDS)).update(
        state=MessageState.FAILED, lease_until=None, error="the sender died at every attempt"
    )
    mails.update(state=MessageState.QUEUED, lease_until=None, send_after=now, error="the sender died while sending")


def _claim(pk: int, *, channel: str, now: datetime) -> Message | None:
    """Take the message for this sender alone, and commit that before anything is sent; None where it is taken."""
    claim = secrets.token_hex(16)
    with _durable_for(channel), transaction.atomic(durable=True):
        taken = (
            Message.objects.due(now)
            .filter(pk=pk)
            .update(
                state=MessageState.SENDING,
                claim=claim,
                attempts=F("attempts") + 1,
                lease_until=timezone.now() + timedelta(seconds=settings.NOTIFICATION_LEASE_SECONDS),
                first_tried_at=Coalesce("first_tried_at", now),
            )
        )
    if not taken:
        return None
    return Message.objects.select_related("recipient").get(pk=pk)


@contextmanager
def _durable_for(channel: str) -> Iterator[None]:
    """Let the next commit reach the disk before it returns where the message is an SMS.

    SQLite in its usual mode may forget the last commits in a power cut, which would send an SMS again.
    PostgreSQL never does.
    """
    is_weak = channel == Channel.SMS and connection.vendor == "sqlite" and not connection.in_atomic_block
    if not is_weak:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=FULL")
        try:
            yield
        finally:
            cursor.execute("PRAGMA synchronous=NORMAL")


def _deliver_claimed(message: Message) -> MessageState:
    """Build, send, and write down how it ended."""
    log = logger.bind(message=message.pk, notification=message.event, channel=message.channel)
    try:
        is_true = _send(message)
    except Unreachable as error:
        cache.set(_down_key(message.channel), True, None)
        cache.set(_knock_key(message.channel), True, settings.NOTIFICATION_OUTAGE_SECONDS)
        state = _after_outage(message, str(error))
    except Unknown as error:
        state = _settle(message, state=MessageState.UNCERTAIN, error=str(error))
    except Refused as error:
        state = _settle(message, state=MessageState.FAILED, error=str(error))
    except TryLater as error:
        state = _after_failure(message, str(error))
    else:
        if is_true:
            _door_is_open(message.channel)
            state = _settle_sent(message)
        else:
            state = _settle(message, state=MessageState.STALE, error="")
    log.info("message_settled", state=str(state), attempts=message.attempts)
    return state


def _send(message: Message) -> bool:
    """Hand the message over as things are now; False where it is no longer true. Raises a DeliveryError."""
    reader = reader_of(message)
    if reader is None:
        return False
    try:
        with translation.override(reader.language), timezone.override(zoneinfo.ZoneInfo(reader.time_zone)):
            content = builder_for(message.event)(message)
            if content is None:
                return False
            if message.recipient is None and content.language:
                reader = replace(reader, language=content.language)
            ready: Any
            with translation.override(reader.language):
                if message.channel == Channel.EMAIL:
                    ready = rendering.render_email(message, content, reader)
                else:
                    ready = rendering.render_sms(message, content, reader)
    except Exception as error:
        logger.exception("message_not_built", message=message.pk, notification=message.event)
        raise TryLater(f"not built: {type(error).__name__}") from error
    if message.channel == Channel.EMAIL:
        gateways.send_email(ready)
    else:
        _send_sms_once(reader.address, ready)
    return True


def _send_sms_once(number: str, body: str) -> None:
    """From here on an SMS may have left: whatever goes wrong without a clear answer is uncertain."""
    try:
        gateways.send_sms(number, body)
    except DeliveryError:
        raise
    except Exception as error:
        logger.exception("sms_gateway_broke")
        raise Unknown(f"the gateway's library broke: {type(error).__name__}") from error


def reader_of(message: Message) -> Reader | None:
    """For whom the message is, as their account says now; None where there is no way to them any more."""
    user = message.recipient
    if user is None:
        return Reader(address=message.address, language=settings.LANGUAGE_CODE, time_zone=settings.TIME_ZONE)
    address = user.email if message.channel == Channel.EMAIL else sms_number(user)
    if not address:
        return None
    return Reader(address=address, language=user.language, time_zone=user.time_zone, name=str(user))


# --- How an attempt ended: only the holder of the claim writes it ---------------------------------------


def _settle_sent(message: Message) -> MessageState:
    """It has arrived. True even where the lease ran out meanwhile, as long as nobody else claimed the message."""
    Message.objects.filter(pk=message.pk, claim=message.claim).update(
        state=MessageState.SENT, sent_at=timezone.now(), lease_until=None, claim="", error=""
    )
    return MessageState.SENT


def _settle(message: Message, *, state: MessageState, **values: Any) -> MessageState:
    Message.objects.filter(
        pk=message.pk, claim=message.claim, state__in=(MessageState.SENDING, MessageState.UNCERTAIN)
    ).update(state=state, lease_until=None, claim="", **values)
    return state


def _after_failure(message: Message, error: str) -> MessageState:
    """Another attempt after a growing wait; given up after the last one."""
    waits = settings.NOTIFICATION_RETRY_SECONDS
    if message.attempts > len(waits):
        return _settle(message, state=MessageState.FAILED, error=error)
    send_after = timezone.now() + timedelta(seconds=waits[message.attempts - 1])
    return _settle(message, state=MessageState.QUEUED, send_after=send_after, error=error)


def _after_outage(message: Message, error: str) -> MessageState:
    """Nobody was at home: that is not this message's fault, so it counts as no attempt, for some days."""
    now = timezone.now()
    patience = timedelta(days=settings.NOTIFICATION_OUTAGE_DAYS)
    if message.first_tried_at and now - message.first_tried_at > patience:
        return _settle(message, state=MessageState.FAILED, error=error)
    send_after = now + timedelta(seconds=settings.NOTIFICATION_OUTAGE_SECONDS)
    return _settle(message, state=MessageState.QUEUED, send_after=send_after, attempts=F("attempts") - 1, error=error)


# --- A server that cannot be reached ----------------------------------------------------------------------


def _down_key(channel: str) -> str:
    return f"notifications:down:{channel}"


def _knock_key(channel: str) -> str:
    return f"notifications:knock:{channel}"


def _may_try(channel: str) -> bool:
    """Whether to send now. While a server is down, one message at a time knocks; the others do not wait in line."""
    if not cache.get(_down_key(channel)):
        return True
    return cache.add(_knock_key(channel), True, settings.NOTIFICATION_OUTAGE_SECONDS)


def _door_is_open(channel: str) -> None:
    if cache.get(_down_key(channel)):
        cache.delete_many([_down_key(channel), _knock_key(channel)])


# --- What careteam decides -------------------------------------------------------------------------------


def resend_message(*, message: Message, actor) -> Message:
    """Send again a message that was given up, or an SMS of which careteam knows that it did not arrive."""
    with transaction.atomic():
        locked = _lock_in(message, MessageState.FAILED, MessageState.UNCERTAIN)
        was = locked.state
        _write(
            locked,
            state=MessageState.QUEUED,
            send_after=timezone.now(),
            attempts=0,
            first_tried_at=None,
            claim="",
            error="",
        )
        action = "message.not_arrived_sent_again" if was == MessageState.UNCERTAIN else "message.sent_again"
        record(action=action, actor=actor, obj=locked)
        enqueue("medicaim.notifications.tasks.deliver_message", locked.pk)
    return locked


def mark_arrived(*, message: Message, actor) -> Message:
    """Careteam found out that an uncertain SMS has arrived."""
    with transaction.atomic():
        locked = _lock_in(message, MessageState.UNCERTAIN)
        _write(locked, state=MessageState.SENT, sent_at=timezone.now(), claim="", error="")
        record(action="message.marked_arrived", actor=actor, obj=locked)
    return locked


def _lock_in(message: Message, *states: MessageState) -> Message:
    locked = Message.objects.select_for_update().filter(pk=message.pk, state__in=states).first()
    if locked is None:
        raise NotWaitingForDecision
    return locked


def _write(message: Message, **values: Any) -> None:
    for name, value in values.items():
        setattr(message, name, value)
    message.save(update_fields=list(values))

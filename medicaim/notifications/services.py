"""Write messages, claim them, send them, account for each."""

import hashlib
from datetime import datetime

from django.utils import timezone

from medicaim.common.ids import new_public_id
from medicaim.common.tasks import enqueue

from .enums import Channel
from .models import Message


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

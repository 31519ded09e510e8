"""The one message that belongs to the outbox itself: "does sending work here?"."""

from django.conf import settings

from .models import Message
from .registry import Content

EVENT = "notifications.test_message"


def build(message: Message) -> Content:
    """Its number is the object's id: several in a row can be told apart."""
    return Content({"number": message.object_id, "site": settings.SITE_URL.split("://", 1)[-1]})

"""Choices of the outbox."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")


class MessageState(models.TextChoices):
    """queued -> sending -> sent; back to queued with a delay after an error; or an end that staff can see."""

    QUEUED = "queued", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    STALE = "stale", _("Not sent: no longer true")
    FAILED = "failed", _("Given up")
    UNCERTAIN = "uncertain", _("Uncertain: the sender died while sending")

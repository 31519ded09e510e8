"""The outbox: a message is a row with a life."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medicaim.common.models import PublicIdModel

from .enums import Channel, MessageState


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, now: datetime) -> "MessageQuerySet":
        """Those that wait and whose time has come."""
        return self.filter(state=MessageState.QUEUED, send_after__lte=now)

    def abandoned(self, now: datetime) -> "MessageQuerySet":
        """Those whose sender claimed them and was not heard of again in time."""
        return self.filter(state=MessageState.SENDING, lease_until__lte=now)


class Message(PublicIdModel):
    """One e-mail or SMS, written in the transaction of its cause and sent outside of any.

    `event` names templates and the builder that its app registered ("bookings.appointment_confirmed");
    `object_id` is the row that the event is about; `occurrence` tells two happenings of the same event apart
    (the appointment's sequence, a transition's id). One row exists per (event, object, recipient, channel,
    occurrence): `dedupe_key`. Text is not stored before sending: the builder reads the state again and answers
    that the message is stale where it is no longer true. `message_id` is fixed when the row is written, so that a
    repeated e-mail is recognised as the same one. Whoever sends it first claims it: `claim` is a random word that
    only this attempt knows, and only its holder may say how the attempt ended. A lease that ran out means that the
    sender died: an e-mail is then sent again, an SMS never (it becomes uncertain and careteam sees it).
    """

    event = models.CharField(_("event"), max_length=80)
    object_id = models.BigIntegerField(_("object"))
    occurrence = models.CharField(_("occurrence"), max_length=80, blank=True)
    channel = models.CharField(_("channel"), max_length=5, choices=Channel)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recipient"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="messages",
    )
    address = models.CharField(
        _("address"), max_length=254, blank=True, help_text=_("Only where the recipient has no account.")
    )
    dedupe_key = models.CharField(max_length=64, unique=True, editable=False)
    message_id = models.CharField(_("Message-ID"), max_length=120, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=MessageState, default=MessageState.QUEUED)
    send_after = models.DateTimeField(_("send after"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claim = models.CharField(max_length=32, blank=True, editable=False)
    lease_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    first_tried_at = models.DateTimeField(_("first tried at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    error = models.CharField(_("last error"), max_length=300, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(recipient__isnull=False) | ~Q(address=""), name="notifications_message_has_recipient"
            ),
            models.CheckConstraint(
                condition=Q(state=MessageState.SENDING, lease_until__isnull=False) | ~Q(state=MessageState.SENDING),
                name="notifications_message_sending_has_lease",
            ),
            models.CheckConstraint(
                condition=Q(state=MessageState.SENT, sent_at__isnull=False) | ~Q(state=MessageState.SENT),
                name="notifications_message_sent_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["send_after"], condition=Q(state=MessageState.QUEUED), name="notifications_message_due"
            ),
            models.Index(
                fields=["lease_until"], condition=Q(state=MessageState.SENDING), name="notifications_message_lease"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.channel} {self.pk}"

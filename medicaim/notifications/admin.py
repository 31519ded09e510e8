"""The outbox as careteam sees it: that a message exists and how it fared, never what it says."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from medicaim.common.admin import CareteamAdmin
from medicaim.common.errors import DomainError

from . import services
from .enums import MessageState
from .models import Message


class AttentionFilter(admin.SimpleListFilter):
    """The two ends that need a human."""

    title = _("what needs you")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, object]]:
        return [
            ("uncertain", _("Uncertain: find out whether the SMS arrived")),
            ("failed", _("Given up: send again once the cause is gone")),
            ("all", _("Both")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        states = {
            "uncertain": [MessageState.UNCERTAIN],
            "failed": [MessageState.FAILED],
            "all": [MessageState.UNCERTAIN, MessageState.FAILED],
        }.get(self.value() or "")
        return queryset.filter(state__in=states) if states else queryset


@admin.register(Message)
class MessageAdmin(CareteamAdmin):
    """Read-only; the decisions are actions that call services and are written to the audit log."""

    list_display = ("created_at", "event", "channel", "to", "state", "attempts", "send_after", "sent_at", "error")
    list_filter = (AttentionFilter, "state", "channel", "event")
    list_select_related = ("recipient",)
    search_fields = ("message_id", "address", "recipient__email", "recipient__username")
    ordering = ("-created_at", "-pk")
    actions = ("send_again", "mark_arrived", "not_arrived_send_again")
    fields = (
        "created_at",
        "event",
        "channel",
        "to",
        "state",
        "send_after",
        "attempts",
        "first_tried_at",
        "lease_until",
        "sent_at",
        "error",
        "message_id",
        "public_id",
    )

    @admin.display(description=_("to"))
    def to(self, message: Message) -> str:
        return message.address or str(message.recipient)

    @admin.action(description=_("Send again what was given up"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        self._decide(request, queryset.filter(state=MessageState.FAILED), queryset, services.resend_message)

    @admin.action(description=_("Uncertain SMS: the gateway says that it arrived"))
    def mark_arrived(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        self._decide(request, queryset.filter(state=MessageState.UNCERTAIN), queryset, services.mark_arrived)

    @admin.action(description=_("Uncertain SMS: it did not arrive, send it again"))
    def not_arrived_send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        self._decide(request, queryset.filter(state=MessageState.UNCERTAIN), queryset, services.resend_message)

    def _decide(
        self,
        request: HttpRequest,
        fitting: QuerySet[Message],
        chosen: QuerySet[Message],
        decide: Callable[..., Message],
    ) -> None:
        """Let the service decide about each message that fits, and say how many did not."""
        total, done = chosen.count(), 0
        for message in fitting.order_by("pk"):
            try:
                decide(message=message, actor=request.user)
            except DomainError as error:
                self.message_user(request, str(error.message), messages.WARNING)
            else:
                done += 1
        if done:
            text = ngettext("%(count)s message was changed.", "%(count)s messages were changed.", done)
            self.message_user(request, text % {"count": done}, messages.SUCCESS)
        if total > done:
            text = ngettext(
                "%(count)s message is in another state and was left as it is.",
                "%(count)s messages are in another state and were left as they are.",
                total - done,
            )
            self.message_user(request, text % {"count": total - done}, messages.WARNING)

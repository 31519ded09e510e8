"""Appointments as the careteam sees them: read-only; what is done for a party goes through the services."""

from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _

from medicaim.common.admin import CareteamAdmin
from medicaim.common.errors import DomainError

from . import services
from .enums import Side
from .models import Appointment, AppointmentTransition


class TransitionInline(admin.TabularInline):
    """What happened. Reasons are words between the two parties and are not shown."""

    model = AppointmentTransition
    fields = readonly_fields = ("at", "event", "from_state", "to_state", "side", "on_behalf_of", "actor", "starts_at")
    extra = 0
    can_delete = False

    def has_view_permission(self, request, obj=None) -> bool:
        return request.user.is_active and request.user.is_staff

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Appointment)
class AppointmentAdmin(CareteamAdmin):
    """Who, when, where, state and money. The subject of the request is for the provider alone: it is not here."""

    list_display = ("public_id", "state", "starts_at", "patient", "provider", "practitioner")
    list_filter = ("state", "starts_at")
    list_select_related = ("patient", "provider", "practitioner")
    search_fields = ("public_id", "patient__email", "patient__last_name", "provider__name")
    date_hierarchy = "starts_at"
    fields = (
        "public_id", "state", "starts_at", "ends_at", "expires_at", "patient", "dependant", "requested_by",
        "provider", "practitioner", "location", "fee_minor", "currency", "amount_due_minor", "sequence",
        "mediation_fee", "mediation_fee_minor", "created_at",
    )  # fmt: skip
    inlines = (TransitionInline,)
    actions = ("cancel_for_patient", "cancel_for_provider")

    @admin.action(description=_("Cancel on behalf of the patient"), permissions=["view"])
    def cancel_for_patient(self, request, queryset) -> None:
        self._cancel(request, queryset, Side.PATIENT)

    @admin.action(description=_("Cancel on behalf of the provider"), permissions=["view"])
    def cancel_for_provider(self, request, queryset) -> None:
        self._cancel(request, queryset, Side.PROVIDER)

    def _cancel(self, request, queryset, party: Side) -> None:
        """Cancel each by the service that the parties use; it is recorded by whom and for which of them."""
        for appointment in queryset.order_by("pk"):
            try:
                services.cancel_appointment(appointment=appointment, actor=request.user, on_behalf_of=party)
            except DomainError as error:
                self.message_user(request, f"{appointment.public_id}: {error.message}", messages.WARNING)
            else:
                self.message_user(request, f"{appointment.public_id}: ✓", messages.SUCCESS)

"""How the careteam looks into the rows: everybody of them may read, and nothing is changed unless a class opens it."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from .models import AuditEntry


class CareteamAdmin(admin.ModelAdmin):
    """Base of every admin page.

    Whoever is of the careteam (`is_staff`, active) may look; adding, changing and deleting are off until a
    subclass opens them by `opens_add`, `opens_change` or `opens_delete`. State and money are never changed in
    a form: actions call services.
    """

    opens_add = opens_change = opens_delete = False
    show_full_result_count = False
    list_per_page = 50

    @staticmethod
    def _is_careteam(request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_staff

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._is_careteam(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._is_careteam(request)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.opens_add and self._is_careteam(request)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.opens_change and self._is_careteam(request)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.opens_delete and self._is_careteam(request)


@admin.register(AuditEntry)
class AuditEntryAdmin(CareteamAdmin):
    """The log of what people did: only ever read."""

    list_display = ("at", "action", "object_ref", "actor", "reason", "address")
    list_filter = ("action", "at")
    list_select_related = ("actor",)
    search_fields = ("object_ref", "action")
    date_hierarchy = "at"
    fields = ("at", "actor", "action", "object_ref", "reason", "address")

"""The ledger as the careteam reads it. Nothing here changes a row."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from medicaim.common.admin import CareteamAdmin
from medicaim.common.money import Money, format_money

from .models import LedgerAccount, LedgerEntry, LedgerPosting


class PostingInline(admin.TabularInline):
    """Both sides of an entry."""

    model = LedgerPosting
    fields = readonly_fields = ("account", "debit", "credit")
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerPosting]:
        return super().get_queryset(request).select_related("account")

    def has_view_permission(self, request: HttpRequest, obj: LedgerEntry | None = None) -> bool:
        return request.user.is_active and request.user.is_staff

    def has_add_permission(self, request: HttpRequest, obj: LedgerEntry | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: LedgerEntry | None = None) -> bool:
        return False

    @admin.display(description=_("debit"))
    def debit(self, posting: LedgerPosting) -> str:
        return format_money(posting.money) if posting.amount_minor > 0 else ""

    @admin.display(description=_("credit"))
    def credit(self, posting: LedgerPosting) -> str:
        return format_money(-posting.money) if posting.amount_minor < 0 else ""


@admin.register(LedgerEntry)
class LedgerEntryAdmin(CareteamAdmin):
    """Every movement of money, the last one first."""

    list_display = ("number", "posted_at", "kind", "amounts", "reference", "actor")
    list_filter = ("kind", "posted_at")
    list_select_related = ("actor",)
    search_fields = ("reference", "postings__account__holder")
    ordering = ("-number",)
    date_hierarchy = "posted_at"
    fields = ("number", "posted_at", "kind", "reference", "actor", "previous_hash", "hash")
    inlines = (PostingInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEntry]:
        return super().get_queryset(request).prefetch_related("postings")

    @admin.display(description=_("amount"))
    def amounts(self, entry: LedgerEntry) -> str:
        """What was moved: the debits of each currency."""
        moved: dict[str, int] = {}
        for posting in entry.postings.all():
            moved[posting.currency] = moved.get(posting.currency, 0) + max(posting.amount_minor, 0)
        return ", ".join(format_money(Money(minor, currency)) for currency, minor in sorted(moved.items()))


@admin.register(LedgerAccount)
class LedgerAccountAdmin(CareteamAdmin):
    """Where money is and to whom it belongs."""

    list_display = ("kind", "currency", "holder", "shown_balance")
    list_filter = ("kind", "currency")
    search_fields = ("holder",)
    ordering = ("kind", "currency", "holder")
    fields = ("kind", "currency", "holder", "shown_balance")
    readonly_fields = ("shown_balance",)

    @admin.display(description=_("balance"), ordering="balance_minor")
    def shown_balance(self, account: LedgerAccount) -> str:
        return format_money(account.balance)

"""What careteam sees and decides about providers. State changes go through the services, never through a form field."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from medicaim.common import audit
from medicaim.common.admin import CareteamAdmin
from medicaim.common.errors import DomainError
from medicaim.common.tasks import enqueue

from . import hooks, services
from .enums import HandedState, ProviderState
from .models import (
    BusyTime,
    Closure,
    CurrencyRate,
    ExternalCalendar,
    ExtraOpening,
    HandedSearch,
    Location,
    Membership,
    Practitioner,
    Profession,
    Provider,
    ProviderText,
    Registration,
    SavedSearch,
    SearchEntry,
    Service,
    Specialty,
    WeeklyHours,
)
from .saved_searches import AnswerMissing, answer_search


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 3}))


class ReasonMixin:
    """Actions that ask for a sentence first: a page between the list and the act."""

    def ask_reason(
        self,
        request: HttpRequest,
        queryset: QuerySet,
        action: str,
        title: Any,
        label: Any,
        means: Callable[[Any], list[str]] = lambda row: [],
    ) -> str | TemplateResponse:
        """The sentence that was typed, or the page that asks for it and says of each row what it means."""
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        form.fields["reason"].label = label
        if form.is_bound and form.is_valid():
            return form.cleaned_data["reason"]
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": title,
            "form": form,
            "rows": [(row, means(row)) for row in queryset],
            "action": action,
            "opts": self.model._meta,  # type: ignore[attr-defined]
        }
        return TemplateResponse(request, "admin/providers/reason.html", context)

    def run(self, request: HttpRequest, queryset: QuerySet, act: Any) -> None:
        """Do it to each row and say what became of it."""
        for row in queryset:
            try:
                act(row)
            except DomainError as error:
                messages.error(request, f"{row}: {error.message}")
            else:
                messages.success(request, f"{row}: {_('done')}")


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False
    show_change_link = True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return CareteamAdmin._is_careteam(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RegistrationInline(ReadOnlyInline):
    model = Registration
    fields = ("register", "country", "number", "checked_at", "checked_by", "evidence", "withdrawn_at")


class MembershipInline(ReadOnlyInline):
    model = Membership
    fields = ("user", "role")


@admin.register(Provider)
class ProviderAdmin(ReasonMixin, CareteamAdmin):
    """Applications first. The mediation fee is the one thing that is edited here; the rest belongs to the provider."""

    opens_change = True
    list_display = ("name", "kind", "country", "state", "published_at", "created_at")
    list_filter = ("state", "kind", "country")
    search_fields = ("name", "public_id", "registrations__number")
    inlines = (RegistrationInline, MembershipInline)
    fields = (
        "name",
        "kind",
        "country",
        "state",
        "state_reason",
        "public_id",
        "created_at",
        "published_at",
        "contract_accepted_at",
        "ethics_accepted_at",
        "mediation_fee_bp",
    )
    readonly_fields = tuple(name for name in fields if name != "mediation_fee_bp")
    actions = ("activate", "suspend", "end")

    def save_model(self, request: HttpRequest, obj: Provider, form: Any, change: bool) -> None:
        if "mediation_fee_bp" in form.changed_data:
            services.set_mediation_fee(
                provider=obj, basis_points=form.cleaned_data["mediation_fee_bp"], actor=request.user
            )

    @staticmethod
    def _meaning(to: ProviderState) -> Callable[[Provider], list[str]]:
        """What the apps above say that the change means for what stands with a provider."""
        return lambda provider: [sentence for say in hooks.consequences for sentence in say(provider, to)]

    @admin.action(description=_("Activate: patients can find them"), permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[Provider]) -> None:
        self.run(request, queryset, lambda row: services.activate_provider(provider=row, actor=request.user))

    @admin.action(description=_("Suspend, with a reason"), permissions=["change"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Provider]) -> HttpResponse | None:
        reason = self.ask_reason(
            request,
            queryset,
            "suspend",
            _("Suspend providers"),
            _("Reason (they read it)"),
            self._meaning(ProviderState.SUSPENDED),
        )
        if isinstance(reason, TemplateResponse):
            return reason
        self.run(
            request,
            queryset,
            lambda row: services.suspend_provider(provider=row, reason=reason, actor=request.user),
        )
        return None

    @admin.action(description=_("End or refuse, with a reason"), permissions=["change"])
    def end(self, request: HttpRequest, queryset: QuerySet[Provider]) -> HttpResponse | None:
        reason = self.ask_reason(
            request,
            queryset,
            "end",
            _("End memberships"),
            _("Reason (they read it)"),
            self._meaning(ProviderState.ENDED),
        )
        if isinstance(reason, TemplateResponse):
            return reason
        self.run(request, queryset, lambda row: services.end_provider(provider=row, reason=reason, actor=request.user))
        return None


@admin.register(Registration)
class RegistrationAdmin(ReasonMixin, CareteamAdmin):
    """Professional numbers: compare with the register, then say what was compared."""

    opens_change = True
    list_display = ("register", "number", "country", "provider", "checked_at", "checked_by")
    list_filter = ("register", "country", ("checked_at", admin.EmptyFieldListFilter))
    list_select_related = ("provider", "checked_by")
    search_fields = ("number", "provider__name")
    fields = readonly_fields = (
        "provider",
        "register",
        "country",
        "number",
        "checked_at",
        "checked_by",
        "evidence",
        "withdrawn_at",
    )
    actions = ("check_number", "revoke_check")

    @admin.action(description=_("Checked against the register"), permissions=["change"])
    def check_number(self, request: HttpRequest, queryset: QuerySet[Registration]) -> HttpResponse | None:
        evidence = self.ask_reason(
            request, queryset, "check_number", _("Record a check"), _("What was compared, where and when")
        )
        if isinstance(evidence, TemplateResponse):
            return evidence
        self.run(
            request,
            queryset,
            lambda row: services.record_number_check(registration=row, evidence=evidence, actor=request.user),
        )
        return None

    @admin.action(description=_("Take the check back"), permissions=["change"])
    def revoke_check(self, request: HttpRequest, queryset: QuerySet[Registration]) -> HttpResponse | None:
        reason = self.ask_reason(request, queryset, "revoke_check", _("Take a check back"), _("Reason"))
        if isinstance(reason, TemplateResponse):
            return reason
        self.run(
            request,
            queryset,
            lambda row: services.revoke_number_check(registration=row, reason=reason, actor=request.user),
        )
        return None


@admin.register(CurrencyRate)
class CurrencyRateAdmin(CareteamAdmin):
    """Rates for comparing a budget with fees. A change reaches search within moments, or in the night at the latest."""

    opens_add = opens_change = True
    list_display = ("currency", "per_euro", "as_of")
    search_fields = ("currency",)
    ordering = ("currency",)

    def save_model(self, request: HttpRequest, obj: CurrencyRate, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        audit.record(action="currency_rate.saved", actor=request.user, obj=obj)
        enqueue("providers.tasks.refresh_fees")


@admin.register(Profession)
class ProfessionAdmin(CareteamAdmin):
    list_display = ("code", "label_fr", "label_en")
    search_fields = ("code", "label_fr", "label_en")


@admin.register(Specialty)
class SpecialtyAdmin(CareteamAdmin):
    list_display = ("code", "label_fr", "label_en", "profession", "canonical")
    list_filter = ("profession",)
    list_select_related = ("canonical",)
    search_fields = ("code", "label_fr", "label_en")


@admin.register(Membership)
class MembershipAdmin(CareteamAdmin):
    list_display = ("provider", "user", "role")
    list_filter = ("role",)
    list_select_related = ("provider", "user")
    search_fields = ("provider__name", "user__email")


@admin.register(Practitioner)
class PractitionerAdmin(CareteamAdmin):
    list_display = ("name", "provider", "profession", "is_active")
    list_filter = ("is_active", "profession")
    list_select_related = ("provider", "profession")
    search_fields = ("name", "provider__name")


@admin.register(Location)
class LocationAdmin(CareteamAdmin):
    list_display = ("name", "city", "country", "time_zone", "provider", "is_active")
    list_filter = ("country", "is_active")
    list_select_related = ("provider",)
    search_fields = ("name", "city", "provider__name")


@admin.register(Service)
class ServiceAdmin(CareteamAdmin):
    list_display = ("name_en", "name_fr", "provider", "specialty", "fee_minor", "currency", "is_published")
    list_filter = ("is_published", "mode", "deposit_kind")
    list_select_related = ("provider", "specialty")
    search_fields = ("name_en", "name_fr", "provider__name")


@admin.register(ProviderText)
class ProviderTextAdmin(CareteamAdmin):
    list_display = ("provider", "language")
    list_select_related = ("provider",)
    search_fields = ("provider__name",)


@admin.register(WeeklyHours)
class WeeklyHoursAdmin(CareteamAdmin):
    list_display = ("practitioner", "location", "service", "weekday", "starts", "ends", "valid_from", "valid_until")
    list_select_related = ("practitioner", "location", "service")
    search_fields = ("practitioner__name",)


@admin.register(Closure)
class ClosureAdmin(CareteamAdmin):
    list_display = ("practitioner", "starts_on", "ends_on")
    list_select_related = ("practitioner",)
    search_fields = ("practitioner__name",)


@admin.register(ExtraOpening)
class ExtraOpeningAdmin(CareteamAdmin):
    list_display = ("practitioner", "location", "on", "starts", "ends")
    list_select_related = ("practitioner", "location")
    search_fields = ("practitioner__name",)


@admin.register(ExternalCalendar)
class ExternalCalendarAdmin(CareteamAdmin):
    """The state of the readings. The address itself is a secret of the provider and is not shown."""

    list_display = ("pk", "practitioner", "fetched_at", "next_fetch_at", "error")
    list_select_related = ("practitioner",)
    fields = readonly_fields = ("practitioner", "time_zone", "fetched_at", "next_fetch_at", "error")
    search_fields = ("practitioner__name",)


@admin.register(BusyTime)
class BusyTimeAdmin(CareteamAdmin):
    list_display = ("calendar", "starts_at", "ends_at")
    fields = readonly_fields = ("calendar", "starts_at", "ends_at")
    list_select_related = ("calendar",)


@admin.register(SearchEntry)
class SearchEntryAdmin(CareteamAdmin):
    list_display = ("provider", "service", "location", "next_free_at", "fee_euro_cents")
    list_select_related = ("provider", "service", "location")
    search_fields = ("provider__name",)


@admin.register(SavedSearch)
class SavedSearchAdmin(CareteamAdmin):
    """What people look for can say something about their health: only that a search is kept is shown here."""

    list_display = ("public_id", "user", "created_at")
    fields = readonly_fields = ("public_id", "user", "created_at")
    list_select_related = ("user",)


class AnswerForm(forms.ModelForm):
    """The answer to a search: some words, a public provider, or both."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("note", "").strip() and not data.get("suggestion") and "suggestion" not in self.errors:
            raise forms.ValidationError(AnswerMissing.message)
        return data


@admin.register(HandedSearch)
class HandedSearchAdmin(CareteamAdmin):
    """Searches that patients handed over, to be read by the careteam: answered once, then as they were answered."""

    form = AnswerForm
    opens_change = True
    list_display = ("name", "user", "created_at", "state", "answered_by")
    list_filter = ("state", "created_at")
    list_select_related = ("user", "answered_by")
    search_fields = ("=public_id", "user__email", "user__last_name")
    ordering = ("answered_at", "created_at")
    fields = ("user", "name", "search", "created_at", "state", "note", "suggestion", "answered_at", "answered_by")
    raw_id_fields = ("suggestion",)

    def get_readonly_fields(self, request: HttpRequest, obj: HandedSearch | None = None) -> list[str]:
        opened = ("note", "suggestion") if obj is not None and obj.state == HandedState.OPEN else ()
        return [name for name in self.fields if name not in opened]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "suggestion":
            kwargs["queryset"] = Provider.objects.public()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=_("Search"))
    def search(self, handed: HandedSearch) -> str:
        """What was asked for, as a link to the same search."""
        words = ", ".join(value for _name, value in parse_qsl(handed.query))
        return format_html('<a href="{}?{}">{}</a>', reverse("search"), handed.query, words)

    def save_model(self, request: HttpRequest, obj: HandedSearch, form: Any, change: bool) -> None:
        if not form.changed_data:
            return
        given = {name: form.cleaned_data[name] for name in ("note", "suggestion")}
        try:
            answer_search(handed=obj, actor=request.user, **given)
        except DomainError as error:  # a colleague was quicker
            messages.error(request, error.message)

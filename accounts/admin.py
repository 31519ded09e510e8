"""The careteam's pages about people. What changes something calls a service and leaves a line in the log."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from medicaim.common.admin import CareteamAdmin
from medicaim.common.models import AuditEntry

from . import services
from .errors import AccountError
from .forms import ReasonForm
from .models import AccountMail, Consent, Dependant, PatientProfile, TermsText, TermsVersion, User
from .services.people import ROLE_FLAGS


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False
    show_change_link = False

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.is_active and request.user.is_staff

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class ProfileInline(ReadOnlyInline):
    model = PatientProfile
    fields = readonly_fields = ("date_of_birth", "gender", "phone", "sms_agreed_at")


class DependantInline(ReadOnlyInline):
    model = Dependant
    fk_name = "representative"
    fields = readonly_fields = ("first_name", "last_name", "relation", "state")
    show_change_link = True


class ConsentInline(ReadOnlyInline):
    model = Consent
    fields = readonly_fields = ("version", "accepted_at", "address", "language")


class DecisionMixin:
    """Pages with one field that call one service: admin's answer to a button that needs a reason."""

    decision_template = "accounts/admin/decide.html"

    def decide(
        self, request: HttpRequest, pk: int, *, title: Any, label: Any, help_text: Any, act: Any, done: Any
    ) -> HttpResponse:
        obj = get_object_or_404(self.model, pk=pk)  # type: ignore[attr-defined]
        form = ReasonForm(request.POST if request.method == "POST" else None)
        form.fields["reason"].label = label
        form.fields["reason"].help_text = help_text
        back = reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])
        if request.method == "POST" and form.is_valid():
            try:
                act(obj, form.cleaned_data["reason"])
            except AccountError as error:
                messages.error(request, error.message)
            else:
                messages.success(request, done)
            return redirect(back)
        context = {**admin.site.each_context(request), "title": title, "form": form, "object": obj, "back": back}
        return render(request, self.decision_template, context)


@admin.register(User)
class UserAdmin(DecisionMixin, CareteamAdmin):
    """People: found by name, e-mail or public id. Access is refused and given back here; a superuser sets roles."""

    change_form_template = "accounts/admin/user.html"
    list_display = ("username", "email", "first_name", "last_name", "is_staff", "is_coordinator", "access_refused_at")
    list_filter = ("is_staff", "is_coordinator", ("access_refused_at", admin.EmptyFieldListFilter))
    search_fields = ("username", "email", "first_name", "last_name", "=public_id")
    ordering = ("-created_at",)
    inlines = (ProfileInline, DependantInline, ConsentInline)
    fields = (
        "public_id",
        "username",
        "email",
        "first_name",
        "last_name",
        "language",
        "time_zone",
        "created_at",
        "last_login",
        *ROLE_FLAGS,
        "access_refused_at",
        "access_refused_reason",
        "reset_required_at",
        "closed_at",
        "closed_by",
    )

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.is_active and request.user.is_superuser

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[str]:
        return [name for name in self.fields if name not in ROLE_FLAGS]

    def save_model(self, request: HttpRequest, obj: User, form: forms.Form, change: bool) -> None:
        if not request.user.is_superuser:
            raise PermissionDenied
        flags = {name: form.cleaned_data[name] for name in ROLE_FLAGS if name in form.cleaned_data}
        services.change_roles(user=obj, flags=flags, actor=request.user)

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("<int:pk>/refuse-access/", self.admin_site.admin_view(self.refuse), name="accounts_user_refuse"),
            path("<int:pk>/close/", self.admin_site.admin_view(self.close), name="accounts_user_close"),
            path("<int:pk>/restore-access/", self.admin_site.admin_view(self.restore), name="accounts_user_restore"),
        ]
        return own + super().get_urls()

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context=None) -> HttpResponse:
        entries = AuditEntry.objects.filter(object_ref=f"{User._meta.label_lower}:{object_id}")[:20]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "entries": entries})

    def refuse(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.decide(
            request,
            pk,
            title=_("Refuse access"),
            label=_("Reason"),
            help_text=_("For the log and for colleagues. Every session of this person ends at once."),
            act=lambda user, reason: services.refuse_access(user=user, reason=reason, actor=request.user),
            done=_("Access is refused, and every session has ended."),
        )

    def close(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.decide(
            request,
            pk,
            title=_("Close the account"),
            label=_("Reason"),
            help_text=_(
                "For the log: which letter or e-mail, of which day. Open requests are withdrawn, coming visits "
                "cancelled, and this person is told."
            ),
            act=lambda user, reason: services.close_account(user=user, reason=reason, actor=request.user),
            done=_("The account is closed."),
        )

    def restore(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.decide(
            request,
            pk,
            title=_("Give access back"),
            label=_("Reason"),
            help_text=_("For the log."),
            act=lambda user, reason: services.restore_access(user=user, reason=reason, actor=request.user),
            done=_("This person can sign in again."),
        )


@admin.register(Dependant)
class DependantAdmin(DecisionMixin, CareteamAdmin):
    """People for whom others act: those who wait come first; approve with the proof seen, or say why not."""

    change_form_template = "accounts/admin/dependant.html"
    list_display = ("__str__", "representative", "relation", "state", "created_at", "decided_at")
    list_filter = ("state", "relation")
    list_select_related = ("representative",)
    search_fields = ("first_name", "last_name", "representative__email", "representative__last_name", "=public_id")
    ordering = ("decided_at", "created_at")
    fields = (
        "representative",
        "first_name",
        "last_name",
        "date_of_birth",
        "gender",
        "relation",
        "authority",
        "state",
        "proof_seen",
        "decision_reason",
        "decided_at",
        "decided_by",
        "created_at",
    )

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("<int:pk>/approve/", self.admin_site.admin_view(self.approve), name="accounts_dependant_approve"),
            path("<int:pk>/reject/", self.admin_site.admin_view(self.reject), name="accounts_dependant_reject"),
        ]
        return own + super().get_urls()

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context=None) -> HttpResponse:
        entries = AuditEntry.objects.filter(object_ref=f"{Dependant._meta.label_lower}:{object_id}")[:20]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "entries": entries})

    def approve(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.decide(
            request,
            pk,
            title=_("Approve"),
            label=_("Proof that you have seen"),
            help_text=_("Which document, of which day, by whom. The representative does not read this."),
            act=lambda person, proof: services.approve_dependant(
                dependant=person, proof_seen=proof, actor=request.user
            ),
            done=_("Approved. The representative is told."),
        )

    def reject(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.decide(
            request,
            pk,
            title=_("Do not approve"),
            label=_("Reason"),
            help_text=_("The representative reads it, and can correct and ask again."),
            act=lambda person, reason: services.reject_dependant(dependant=person, reason=reason, actor=request.user),
            done=_("Not approved. The representative is told."),
        )


class TextInline(ReadOnlyInline):
    model = TermsText
    fields = readonly_fields = ("language", "changes", "sha256")


@admin.register(TermsVersion)
class TermsVersionAdmin(CareteamAdmin):
    """Versions of the terms: read only. A new one is published by the service, with its texts."""

    list_display = ("kind", "number", "published_at")
    inlines = (TextInline,)


@admin.register(AccountMail)
class AccountMailAdmin(CareteamAdmin):
    """Mails about accounts: that they exist, not what they say."""

    list_display = ("kind", "user", "language", "created_at", "expires_at")
    list_filter = ("kind",)
    list_select_related = ("user",)
    ordering = ("-created_at",)
    fields = ("kind", "user", "language", "created_at", "expires_at")

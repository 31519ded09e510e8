"""Practitioners, places and services of a provider."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from medicaim.common.errors import DomainError
from providers import services as act
from providers.forms import LocationForm, PractitionerForm, ServiceForm
from providers.models import Provider

from ._base import EDITORS, own_provider, workspace_page


@require_GET
def practitioners(request: HttpRequest, public_id: str) -> HttpResponse:
    """Who works there."""
    provider = own_provider(request, public_id, *EDITORS)
    rows = provider.practitioners.select_related("profession").prefetch_related("specialties")
    can_add = provider.is_establishment or not rows
    return workspace_page(request, "practitioners", provider, "practitioners", rows=rows, can_add=can_add)


@require_http_methods(["GET", "POST"])
def practitioner_edit(request: HttpRequest, public_id: str, practitioner_id: str = "") -> HttpResponse:
    """Add a practitioner, or change one."""
    provider = own_provider(request, public_id, *EDITORS)
    row = get_object_or_404(provider.practitioners, public_id=practitioner_id) if practitioner_id else None
    form = PractitionerForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            saved = act.save_practitioner(
                provider=provider, practitioner=_fresh(row), values=form.cleaned_data, actor=request.user
            )
        except DomainError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": saved.name})
            return redirect("providers:practitioners", provider.public_id)
    return _form_page(request, provider, "practitioners", form, row, "providers:practitioners")


@require_GET
def locations(request: HttpRequest, public_id: str) -> HttpResponse:
    """Where patients come."""
    provider = own_provider(request, public_id, *EDITORS)
    return workspace_page(request, "locations", provider, "locations", rows=provider.locations.all())


@require_http_methods(["GET", "POST"])
def location_edit(request: HttpRequest, public_id: str, location_id: str = "") -> HttpResponse:
    """Add a place, or change one."""
    provider = own_provider(request, public_id, *EDITORS)
    row = get_object_or_404(provider.locations, public_id=location_id) if location_id else None
    form = LocationForm(request.POST or None, instance=row, initial={} if row else {"country": provider.country.code})
    if request.method == "POST" and form.is_valid():
        saved = act.save_location(provider=provider, location=_fresh(row), values=form.cleaned_data, actor=request.user)
        messages.success(request, _("%(name)s is saved.") % {"name": saved.name})
        return redirect("providers:locations", provider.public_id)
    return _form_page(request, provider, "locations", form, row, "providers:locations")


@require_GET
def services(request: HttpRequest, public_id: str) -> HttpResponse:
    """What can be requested."""
    provider = own_provider(request, public_id, *EDITORS)
    rows = provider.services.select_related("specialty").prefetch_related("practitioners", "locations")
    return workspace_page(request, "services", provider, "services", rows=rows)


@require_http_methods(["GET", "POST"])
def service_edit(request: HttpRequest, public_id: str, service_id: str = "") -> HttpResponse:
    """Add a service, or change one."""
    provider = own_provider(request, public_id, *EDITORS)
    row = get_object_or_404(provider.services, public_id=service_id) if service_id else None
    form = ServiceForm(request.POST or None, instance=row, provider=provider)
    if request.method == "POST" and form.is_valid():
        saved = act.save_service(provider=provider, service=_fresh(row), values=form.cleaned_data, actor=request.user)
        messages.success(request, _("%(name)s is saved.") % {"name": saved.name})
        return redirect("providers:services", provider.public_id)
    missing = not provider.locations.exists() or not provider.practitioners.exists()
    return _form_page(request, provider, "services", form, row, "providers:services", missing=missing)


def _fresh(row: Any) -> Any:
    """The row as the database has it: a bound ModelForm has already written into the one it was given."""
    return type(row).objects.get(pk=row.pk) if row is not None else None


def _form_page(
    request: HttpRequest, provider: Provider, section: str, form: Any, row: Any, back: str, **context: Any
) -> HttpResponse:
    singular = section.removesuffix("s")
    return workspace_page(
        request,
        f"{singular}_edit",
        provider,
        section,
        status=422 if form.is_bound else 200,
        form=form,
        # The title names what is stored, not what was just typed.
        title=str(_fresh(row)) if row is not None else "",
        back=back,
        **context,
    )

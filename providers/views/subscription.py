"""Becoming a provider, and the first page of the workspace."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from medicaim.common.errors import DomainError
from providers import services
from providers.forms import ApplicationForm
from providers.models import Provider
from providers.progress import steps_of

from ._base import own_provider, workspace_page


@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """Offer care on MEDICAIM: identity, number, contract, undertaking. Rules 3, point 1."""
    form = ApplicationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            provider = services.apply_as_provider(
                kind=data["kind"],
                name=data["name"],
                country=data["country"],
                register=data["register"],
                number=data["number"],
                profession=data["profession"],
                contract_accepted=data["contract"],
                ethics_accepted=data["ethics"],
                actor=request.user,
            )
        except DomainError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("We have your application. You can prepare your page meanwhile."))
            return redirect("providers:overview", provider.public_id)
    status = 422 if form.is_bound else 200
    return render(request, "providers/workspace/apply.html", {"form": form}, status=status)


@require_GET
def contract(request: HttpRequest) -> HttpResponse:
    """The membership contract, readable by anyone."""
    return render(request, "providers/workspace/contract.html")


@require_GET
def workspace(request: HttpRequest) -> HttpResponse:
    """The providers for which the reader works; with one only, its page at once."""
    providers = list(Provider.objects.with_member(request.user))
    if len(providers) == 1:
        return redirect("providers:overview", providers[0].public_id)
    return render(request, "providers/workspace/list.html", {"providers": providers})


@require_GET
def overview(request: HttpRequest, public_id: str) -> HttpResponse:
    """Where the page stands, and the next step first."""
    provider = own_provider(request, public_id)
    steps = steps_of(provider)
    return workspace_page(
        request,
        "overview",
        provider,
        "overview",
        steps=steps,
        next_step=next((step for step in steps if not step.is_done), None),
        registrations=provider.registrations.order_by("pk"),
    )

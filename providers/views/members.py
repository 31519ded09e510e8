"""Who works for a provider, and as what."""

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from medicaim.common.errors import DomainError
from providers import services
from providers.forms import MemberForm, RoleForm
from providers.models import Membership, Provider

from ._base import OWNERS, own_provider, workspace_page

TRIES_PER_DAY = 30
"""How many addresses one person may try a day: the answer says whether an account exists."""


def _members_page(request: HttpRequest, provider: Provider, form: MemberForm, status: int = 200) -> HttpResponse:
    rows = provider.memberships.select_related("user").order_by("role", "pk")
    entries = [(row, RoleForm(initial={"role": row.role}, prefix=row.public_id)) for row in rows]
    return workspace_page(request, "members", provider, "members", status=status, form=form, entries=entries)


@require_http_methods(["GET", "POST"])
def members(request: HttpRequest, public_id: str) -> HttpResponse:
    """The team; an owner adds people by the e-mail address of their account."""
    provider = own_provider(request, public_id, *OWNERS)
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key = f"members-tried:{request.user.pk}"
        cache.add(key, 0, 24 * 3600)
        if cache.incr(key) > TRIES_PER_DAY:
            form.add_error(None, _("That is enough for one day. Please go on tomorrow, or write to our careteam."))
            return _members_page(request, provider, form, 429)
        try:
            added = services.add_member(provider=provider, actor=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error("email", str(error.message))
        else:
            messages.success(request, _("%(name)s is in your team now.") % {"name": added.user})
            return redirect("providers:members", provider.public_id)
    return _members_page(request, provider, form, 422 if form.is_bound else 200)


@require_POST
def member_role(request: HttpRequest, public_id: str, membership_id: str) -> HttpResponse:
    """Give a member another role."""
    provider = own_provider(request, public_id, *OWNERS)
    membership = get_object_or_404(provider.memberships, public_id=membership_id)
    form = RoleForm(request.POST, prefix=membership.public_id)
    if not form.is_valid():
        messages.error(request, _("Choose one of the roles."))
        return redirect("providers:members", provider.public_id)
    try:
        services.change_member_role(
            provider=provider, membership=membership, role=form.cleaned_data["role"], actor=request.user
        )
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The role is changed."))
    if not provider.memberships.filter(user_id=request.user.pk, role__in=OWNERS).exists():
        return redirect("providers:overview", provider.public_id)
    return redirect("providers:members", provider.public_id)


@require_POST
def member_remove(request: HttpRequest, public_id: str, membership_id: str) -> HttpResponse:
    """An owner lets a member go."""
    provider = own_provider(request, public_id, *OWNERS)
    membership = get_object_or_404(provider.memberships, public_id=membership_id)
    return _remove(request, provider, membership)


@require_POST
def leave(request: HttpRequest, public_id: str) -> HttpResponse:
    """A member leaves the team."""
    provider = own_provider(request, public_id)
    return _remove(request, provider, get_object_or_404(provider.memberships, user_id=request.user.pk))


def _remove(request: HttpRequest, provider: Provider, membership: Membership) -> HttpResponse:
    is_self = membership.user_id == request.user.pk
    try:
        services.remove_member(provider=provider, membership=membership, actor=request.user)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("providers:overview", provider.public_id)
    if is_self:
        messages.success(request, _("You have left the team of %(name)s.") % {"name": provider.name})
        return redirect("home")
    messages.success(request, _("This person is no longer in your team."))
    return redirect("providers:members", provider.public_id)

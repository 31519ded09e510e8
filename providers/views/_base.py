"""The one door to a provider for its team, and the frame around every workspace page."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from providers.enums import MemberRole
from providers.models import Membership, Provider

EDITORS = (MemberRole.OWNER, MemberRole.EDITOR)
OWNERS = (MemberRole.OWNER,)
DESK = (MemberRole.OWNER, MemberRole.RECEPTION)


def own_provider(request: HttpRequest, public_id: str, *roles: str) -> Provider:
    """A provider of which the reader is a member. Somebody else's does not exist (404).

    A member whose role may not do this is told so (403): that the provider exists is no news to a member.
    """
    provider = get_object_or_404(Provider.objects.with_member(request.user), public_id=public_id)
    if roles and not provider.memberships.filter(user_id=request.user.pk, role__in=roles).exists():
        raise PermissionDenied("role")
    return provider


def workspace_page(
    request: HttpRequest, template: str, provider: Provider, section: str, status: int = 200, **context: Any
) -> HttpResponse:
    """Draw a workspace page: `section` is the tab that it belongs to."""
    membership = Membership.objects.get(provider=provider, user_id=request.user.pk)
    frame = {
        "provider": provider,
        "section": section,
        "membership": membership,
        "is_editor": membership.role in EDITORS,
        "is_at_desk": membership.role in DESK,
        "is_owner": membership.role in OWNERS,
    }
    return render(request, f"providers/workspace/{template}.html", {**frame, **context}, status=status)

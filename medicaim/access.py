"""Who may use which URL: the one table, and the guard that reads it.

The guard, the system check (`access_check.py`) and the access matrix test read the same table. A URL that
is not declared here is closed to everybody.
"""

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from medicaim.common.access import (
    ANYONE,
    CARETEAM,
    PATIENT,
    PROVIDER,
    PROVIDER_EDITORS,
    PROVIDER_OWNERS,
    SIGNED_IN,
    Role,
    is_allowed,
)
from providers.enums import MemberRole, ProviderState

ACCESS: dict[str, Role] = {
    # The front door
    "home": ANYONE,
    "healthz": ANYONE,
    "readyz": ANYONE,
    "dev:outbox": ANYONE,
    "dev:outbox_message": ANYONE,
    "dev:outbox_part": ANYONE,
    "dev:gallery": ANYONE,
    # Django admin: its own pages check permissions again
    "admin:*": CARETEAM,
    # accounts
    # providers
    # bookings
}

MEMBER_ROLES = {
    MemberRole.OWNER: Role.PROVIDER_OWNER,
    MemberRole.EDITOR: Role.PROVIDER_EDITOR,
    MemberRole.RECEPTION: Role.PROVIDER_RECEPTION,
}


def declared_for(view_name: str) -> Role | None:
    """The roles declared for a URL name, or for its namespace by "<namespace>:*"; None where nothing is."""
    if view_name in ACCESS:
        return ACCESS[view_name]
    namespace = view_name.rpartition(":")[0]
    return ACCESS.get(f"{namespace}:*") if namespace else None


def roles_of(user) -> Role:
    """The roles that a user holds now. Costs at most two queries, and only for signed-in users."""
    if not user.is_authenticated:
        return Role.VISITOR
    roles = Role.USER
    if user.is_patient:
        roles |= Role.PATIENT
    if user.is_coordinator:
        roles |= Role.COORDINATOR
    if user.is_staff:
        roles |= Role.CARETEAM
    if user.is_superuser:
        roles |= Role.SUPERUSER
    for role in user.provider_memberships.exclude(provider__state=ProviderState.ENDED).values_list("role", flat=True):
        roles |= MEMBER_ROLES[MemberRole(role)]
    return roles


class AccessMiddleware:
    """The guard: asks the table before any view runs. Closed unless declared."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view_func, view_args, view_kwargs) -> HttpResponse | None:
        match = request.resolver_match
        asked = declared_for(match.view_name) if match and match.view_name else None
        if asked is None:
            raise PermissionDenied(f"undeclared URL {match.route if match else request.path}")
        if asked == ANYONE:
            return None
        if not request.user.is_authenticated:
            if match.namespace == "admin" and match.url_name == "login":
                return None
            return redirect_to_login(request.get_full_path())
        if not is_allowed(asked, roles_of(request.user)):
            raise PermissionDenied("role")
        return None


__all__ = ["ACCESS", "PATIENT", "PROVIDER", "PROVIDER_EDITORS", "PROVIDER_OWNERS", "AccessMiddleware", "roles_of"]

"""Who may use which URL: the one table, and the guard that reads it.

The guard, the system check (`access_check.py`) and the access matrix test read the same table. A URL that
is not declared here is closed to everybody.
"""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.kept import forget, keep
from medicaim.common.access import (
    ANYONE,
    CARETEAM,
    PATIENT,
    PROVIDER,
    PROVIDER_DESK,
    PROVIDER_EDITORS,
    PROVIDER_OWNERS,
    SIGNED_IN,
    Role,
    is_allowed,
)
from medicaim.common.net import page_before
from providers.enums import MemberRole, ProviderState

ACCESS: dict[str, Role] = {
    # The front door
    "home": ANYONE,
    "how_it_works": ANYONE,
    "result_order": ANYONE,
    "search": ANYONE,
    "contact": ANYONE,
    "time_zone": ANYONE,
    "care_directory": ANYONE,
    "care_specialty": ANYONE,
    "care_area": ANYONE,
    "care_card": ANYONE,
    "social_card": ANYONE,
    "robots": ANYONE,
    "sitemap_index": ANYONE,
    "sitemap": ANYONE,
    "offline": ANYONE,
    "service_worker": ANYONE,
    "healthz": ANYONE,
    "readyz": ANYONE,
    "dev:outbox": ANYONE,
    "dev:outbox_message": ANYONE,
    "dev:outbox_part": ANYONE,
    "dev:gallery": ANYONE,
    "dev:specimen": ANYONE,
    # Django admin: its own pages check permissions again
    "admin:*": CARETEAM,
    # accounts
    "account_login": ANYONE,
    "account_logout": ANYONE,
    "account_inactive": ANYONE,
    "account_signup": ANYONE,
    "account_email_verification_sent": ANYONE,
    "account_reset_password": ANYONE,
    "account_reset_password_done": ANYONE,
    "account_reset_password_from_key": ANYONE,
    "account_reset_password_from_key_done": ANYONE,
    "account_confirm_login_code": ANYONE,
    "mfa_authenticate": ANYONE,
    "mfa_login_webauthn": ANYONE,
    "accounts:access_refused": ANYONE,
    "accounts:alarm": ANYONE,
    "accounts:alarm_answer": ANYONE,
    "accounts:alarm_done": ANYONE,
    "accounts:alarm_sent": ANYONE,
    "accounts:closed": ANYONE,
    "accounts:privacy": ANYONE,
    "accounts:reset_required": ANYONE,
    "accounts:terms": ANYONE,
    "accounts:terms_version": ANYONE,
    "accounts:terms_versions": ANYONE,
    "account_change_password": SIGNED_IN,
    "account_email": SIGNED_IN,
    "account_reauthenticate": SIGNED_IN,
    "account_set_password": SIGNED_IN,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_add_webauthn": SIGNED_IN,
    "mfa_deactivate_totp": SIGNED_IN,
    "mfa_download_recovery_codes": SIGNED_IN,
    "mfa_edit_webauthn": SIGNED_IN,
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_index": SIGNED_IN,
    "mfa_list_webauthn": SIGNED_IN,
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_reauthenticate_webauthn": SIGNED_IN,
    "mfa_remove_webauthn": SIGNED_IN,
    "mfa_view_recovery_codes": SIGNED_IN,
    "usersessions_list": SIGNED_IN,
    "accounts:accept_terms": SIGNED_IN,
    "accounts:close": SIGNED_IN,
    "accounts:dependant_add": SIGNED_IN,
    "accounts:dependant_change": SIGNED_IN,
    "accounts:dependants": SIGNED_IN,
    "accounts:profile": SIGNED_IN,
    "accounts:raise_alarm": SIGNED_IN,
    "accounts:security": SIGNED_IN,
    "accounts:sign_out_everywhere": SIGNED_IN,
    "accounts:unsent": SIGNED_IN,
    # providers
    "providers:page": ANYONE,
    "providers:card": ANYONE,
    "providers:photo_file": ANYONE,
    "providers:contract": ANYONE,
    "providers:apply": SIGNED_IN,
    "providers:workspace": PROVIDER,
    "providers:overview": PROVIDER,
    "providers:leave": PROVIDER,
    "providers:edit_page": PROVIDER_EDITORS,
    "providers:preview": PROVIDER_EDITORS,
    "providers:publish": PROVIDER_EDITORS,
    "providers:unpublish": PROVIDER_EDITORS,
    "providers:photo": PROVIDER_EDITORS,
    "providers:photo_remove": PROVIDER_EDITORS,
    "providers:practitioners": PROVIDER_EDITORS,
    "providers:practitioner_add": PROVIDER_EDITORS,
    "providers:practitioner_edit": PROVIDER_EDITORS,
    "providers:locations": PROVIDER_EDITORS,
    "providers:location_add": PROVIDER_EDITORS,
    "providers:location_edit": PROVIDER_EDITORS,
    "providers:services": PROVIDER_EDITORS,
    "providers:service_add": PROVIDER_EDITORS,
    "providers:service_edit": PROVIDER_EDITORS,
    "providers:hours": PROVIDER_EDITORS,
    "providers:week_edit": PROVIDER_EDITORS,
    "providers:week_remove": PROVIDER_EDITORS,
    "providers:closure_add": PROVIDER_EDITORS,
    "providers:closure_remove": PROVIDER_EDITORS,
    "providers:opening_add": PROVIDER_EDITORS,
    "providers:opening_remove": PROVIDER_EDITORS,
    "providers:calendar_add": PROVIDER_EDITORS,
    "providers:calendar_remove": PROVIDER_EDITORS,
    "providers:calendar_refresh": PROVIDER_EDITORS,
    "providers:members": PROVIDER_OWNERS,
    "providers:member_role": PROVIDER_OWNERS,
    "providers:member_remove": PROVIDER_OWNERS,
    "providers:ask_careteam": SIGNED_IN,
    "providers:delete_saved_search": SIGNED_IN,
    "providers:save_search": SIGNED_IN,
    "providers:saved_searches": SIGNED_IN,
    # bookings
    "feeds:calendar": ANYONE,
    "bookings:slots": ANYONE,
    "bookings:request": SIGNED_IN,
    "bookings:my_appointments": PATIENT,
    "bookings:appointment": PATIENT,
    "bookings:withdraw": PATIENT,
    "bookings:move": PATIENT,
    "bookings:cancel": PATIENT,
    "bookings:goes_on": PATIENT,
    "bookings:calendar_entry": PATIENT,
    "bookings:appointment_sheet": PATIENT,
    "bookings:answer_proposal": PATIENT,
    "bookings:my_calendar": PATIENT,
    # an editor looks after the page: appointments are for the owner and the reception
    "bookings:inbox": PROVIDER_DESK,
    "bookings:agenda": PROVIDER_DESK,
    "bookings:provider_calendar": PROVIDER_DESK,
    "bookings:provider_appointment": PROVIDER_DESK,
    "bookings:accept": PROVIDER_DESK,
    "bookings:decline": PROVIDER_DESK,
    "bookings:propose": PROVIDER_DESK,
    "bookings:provider_answer_proposal": PROVIDER_DESK,
    "bookings:provider_cancel": PROVIDER_DESK,
    "bookings:outcome": PROVIDER_DESK,
    "bookings:provider_goes_on": PROVIDER_DESK,
    "bookings:provider_calendar_entry": PROVIDER_DESK,
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
        if match is None or asked is None:
            raise PermissionDenied(f"undeclared URL {request.path}")
        request.is_reserved = asked != ANYONE  # type: ignore[attr-defined]
        if asked == ANYONE:
            return None
        if not request.user.is_authenticated:
            if match.namespace == "admin" and match.url_name == "login":
                return None
            return _sign_in_first(request)
        # Kept for the header, which shows only what the reader may use.
        request.roles = roles_of(request.user)  # type: ignore[attr-defined]
        if not is_allowed(asked, request.roles):  # type: ignore[attr-defined]
            raise PermissionDenied("role")
        if request.method == "POST":
            forget(request, to=request.path)
        return None


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    """To sign in and back. What a form said is kept and waits there; one that said nothing leads back to its page."""
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path())
    if back := keep(request):
        messages.warning(
            request, _("Nothing was sent yet: you are signed out. What you typed is kept: sign in to go on.")
        )
        return redirect_to_login(back)
    messages.warning(request, _("Nothing was sent: you are signed out. Sign in, then send it again."))
    return redirect_to_login(page_before(request) or request.get_full_path())


__all__ = ["ACCESS", "PATIENT", "PROVIDER", "PROVIDER_EDITORS", "PROVIDER_OWNERS", "AccessMiddleware", "roles_of"]

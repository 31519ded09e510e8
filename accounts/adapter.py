"""How django-allauth is told MEDICAIM's ways."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import clean_client_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from medicaim.common.crypto import seal, unseal
from medicaim.common.net import client_address

from . import devices, services
from .models import User
from .queries import user_by_login
from .services.security import reset_link

WRONG_LOGIN = _("The user name or e-mail address and the password do not go together. Check both and try again.")
WRONG_CODE = _("This code is not right. Check it and try again, or take the next one.")
TOO_MANY = _("Too many attempts. Wait a few minutes and try again, or choose a new password.")

KINDS = {
    "account/email/email_confirmation": "email_code",
    "account/email/email_confirmation_signup": "sign_up_code",
    "account/email/account_already_exists": "account_exists",
    "account/email/unknown_account": "unknown_account",
}
"""Which of our mails stands for which of allauth's; every other one tells of a change of the account."""


def address_of(request: HttpRequest) -> str | None:
    """The client's address where it is one."""
    address = client_address(request)
    return clean_client_ip(address) if address else None


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up, sign-in and their messages."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "duplicate_email": _("This is the e-mail address of your account already."),
        "email_password_mismatch": WRONG_LOGIN,
        "username_password_mismatch": WRONG_LOGIN,
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": WRONG_CODE,
        "incorrect_password": _("This is not your password."),
        "invalid_password_reset": _("This link has been used or has run out."),
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
        "username_blacklisted": _("Choose another user name."),
        "username_taken": _("Somebody uses this name already. Choose another user name."),
        "same_as_current": _("The new value must differ from the current one."),
    }

    # --- Where requests come from, and how often --------------------------------------------------

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request) or "0.0.0.0"  # noqa: S104 - a key of its own for requests without an address

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """One count per account, whichever of its names was typed; one of its own for a browser that knows it."""
        login = credentials.get("email") or credentials.get("username") or ""
        user = user_by_login(login)
        if user is None:
            return f"login:{login.strip().lower()}"
        return f"user:{user.pk}:{devices.device_of(request, user.pk)}"

    # --- Who may sign in -----------------------------------------------------------------------------

    @staticmethod
    def _refusal(user: User) -> HttpResponse | None:
        if user.access_refused_at:
            return HttpResponseRedirect(reverse("accounts:access_refused"))
        if user.reset_required_at:
            return HttpResponseRedirect(reverse("accounts:reset_required"))
        return None

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:  # type: ignore[override]
        return self._refusal(user) or super().pre_login(request, user, **kwargs)

    def login(self, request: HttpRequest, user: User) -> None:  # type: ignore[override]
        """The last step, perhaps minutes after the password: what happened meanwhile counts."""
        user.refresh_from_db()
        refusal = self._refusal(user)
        if refusal is None and not user.is_active:
            refusal = self.respond_user_inactive(request, user)
        if refusal is not None:
            raise ImmediateHttpResponse(refusal)
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        response = super().post_login(request, user, **kwargs)
        devices.remember_device(request, response, user.pk)
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Home, in the language of the account."""
        with translation.override(request.user.language):
            return resolve_url("home")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:security")

    # --- What is stored ------------------------------------------------------------------------------

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """As allauth has it; without "@", so that nobody's user name is somebody else's address."""
        if "@" in username:
            raise self.validation_error("username_blacklisted")
        return super().clean_username(username, shallow=shallow)

    def set_password(self, user: User, password: str) -> None:  # type: ignore[override]
        services.set_password(user=user, password=password, address=address_of(self.request))

    def confirm_email(self, request: HttpRequest, email_address) -> bool:
        """As allauth has it; an address under which another account was opened stays with that account."""
        taken = User.objects.filter(email__iexact=email_address.email).exclude(pk=email_address.user_id).exists()
        if taken:
            self.add_message(
                request, 40, "account/messages/email_confirmation_failed.txt", {"email": email_address.email}
            )
            return False
        return super().confirm_email(request, email_address)

    # --- Mails: rows of the outbox, never a connection while somebody waits (pains 39) --------------

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        kind = KINDS.get(template_prefix)
        user = context.get("user")
        if kind is None:
            self._tell_of_change(template_prefix, email, user, context)
            return
        words = {"email": email}
        if "code" in context:
            words["code"] = str(context["code"])
        if kind == "account_exists":
            user = user_by_login(email)
        services.queue_account_mail(
            kind=kind, email=email, context=words, user=user if isinstance(user, User) and user.pk else None
        )

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:  # type: ignore[override]
        services.queue_account_mail(
            kind="password_reset",
            email=email,
            user=user,
            context={"url": reset_link(user), "username": user.username},
        )

    def send_notification_mail(  # type: ignore[override]
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        self._tell_of_change(template_prefix, email or user.email, user, context or {})

    def _tell_of_change(self, template_prefix: str, email: str, user: User | None, context: dict[str, Any]) -> None:
        words = {name: str(context[name]) for name in ("from_email", "to_email", "deleted_email") if name in context}
        words["change"] = template_prefix.rsplit("/", 1)[-1]
        words["address"] = self.get_client_ip(self.request)
        words["browser"] = self.get_http_user_agent(self.request)[:200]
        words["at"] = timezone.now().isoformat()
        services.queue_account_mail(kind="security_change", email=email, user=user, context=words)


class MFAAdapter(DefaultMFAAdapter):
    """Second factors: their secrets are sealed in the database, their names are in our words."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": WRONG_CODE,
        "unverified_email": _("Confirm your e-mail address first."),
    }

    def _get_site_name(self) -> str:
        return "MEDICAIM"

    def encrypt(self, text: str) -> str:
        return seal(text, purpose="accounts.second-factor")

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, purpose="accounts.second-factor")

    def generate_authenticator_name(self, user, type) -> str:  # noqa: A002 - allauth's own name
        from allauth.mfa.models import Authenticator

        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("My passkey") if number == 1 else gettext("Passkey {number}").format(number=number)

"""Who may be signed in."""

from allauth.account.auth_backends import AuthenticationBackend

from .models import User


class AccountBackend(AuthenticationBackend):
    """User name or e-mail address with a password, as allauth does it.

    Somebody whose access was refused, or who must reset the password first, is nobody here: neither a new sign-in
    nor a session that still exists somewhere counts. The adapter explains it after a right password.
    """

    def user_can_authenticate(self, user: User | None) -> bool:  # type: ignore[override]
        return user is not None and user.may_sign_in

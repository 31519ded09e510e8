"""Reads about accounts that more than one place needs."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db.models import Q
from django.utils import timezone

from .enums import TermsKind
from .models import Dependant, DependantQuerySet, TermsText, TermsVersion, User


def has_verified_email(user: User) -> bool:
    """Whether one address of the account has been confirmed."""
    return EmailAddress.objects.filter(user_id=user.pk, verified=True).exists()


def verified_email(user: User) -> str:
    """The confirmed address of the account, else the one it was opened with."""
    address = EmailAddress.objects.filter(user_id=user.pk, verified=True).order_by("-primary", "pk").first()
    return address.email if address else user.email


def user_by_login(login: str) -> User | None:
    """The account behind what people type to sign in: user name or e-mail address, in any case."""
    if not login.strip() or "\x00" in login:
        return None
    return (
        User.objects.filter(Q(username__iexact=login.strip()) | Q(email__iexact=login.strip())).order_by("pk").first()
    )


def bookable_for(user: User) -> DependantQuerySet:
    """The dependants for whom this user may ask for appointments: those whom the careteam approved."""
    return Dependant.objects.visible_to(user).approved()


def terms_to_accept(user: User, now: datetime | None = None) -> list[TermsVersion]:
    """The versions in force that the person has not agreed to, terms first. One query."""
    missing = TermsVersion.objects.in_force(now or timezone.now()).exclude(consents__user_id=user.pk)
    return sorted(missing, key=lambda version: list(TermsKind).index(TermsKind(version.kind)))


def terms_in_force(now: datetime | None = None) -> dict[str, TermsVersion]:
    """The version in force of each kind."""
    return {version.kind: version for version in TermsVersion.objects.in_force(now or timezone.now())}


def text_for(version: TermsVersion, language: str) -> TermsText | None:
    """The words of a version in that language, else in French, which is the language that binds."""
    texts = {text.language: text for text in version.texts.all()}
    return texts.get(language) or texts.get("fr")


def spend_hashing_time() -> None:
    """Take as long as checking a password does, where there is nothing to check."""
    make_password("nothing to check")

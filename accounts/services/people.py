"""Accounts and what they say about a person."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.errors import DependantNotApproved, EmailNotVerified, ProfileMissing
from accounts.models import Dependant, PatientProfile, TermsVersion, User
from accounts.queries import bookable_for, has_verified_email
from medicaim.common import audit

from .terms import accept_terms


def open_account(
    *,
    user: User,
    date_of_birth: date,
    gender: str,
    phone: str,
    sms_agreed: bool,
    language: str,
    time_zone: str,
    versions: Iterable[TermsVersion],
    address: str | None,
) -> User:
    """Complete a user that was just created: profile, language and zone, and the record of what was agreed to.

    Runs inside the transaction of the sign-up (Rules 1, points 1 and 2; the form has checked the age).
    """
    now = timezone.now()
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(language=language, time_zone=time_zone)
        user.language, user.time_zone = language, time_zone
        PatientProfile.objects.create(
            user=user,
            date_of_birth=date_of_birth,
            gender=gender,
            phone=phone,
            sms_agreed_at=now if sms_agreed else None,
        )
        accept_terms(user=user, versions=versions, address=address, language=language, now=now)
        # Nobody is named as the actor: an account whose address is never confirmed can be purged.
        audit.record(action="account.opened", obj=user, address=address or None)
    return user


USER_FIELDS = ("first_name", "last_name", "language", "time_zone")
PROFILE_FIELDS = ("date_of_birth", "gender", "phone")


def change_profile(*, user: User, changes: dict[str, object], sms_agreed: bool, actor: User) -> User:
    """Rectify a person's own data, language, zone and agreement to SMS (Rules 9, points 2 and 6).

    The agreement keeps the time at which it was first given; withdrawing it empties it. Somebody who had no
    patient profile (careteam made by command) gets one.
    """
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(**{name: changes[name] for name in USER_FIELDS if name in changes})
        of_profile = {name: changes[name] for name in PROFILE_FIELDS if name in changes}
        profile = PatientProfile.objects.select_for_update().filter(user=user).first()
        if profile is None:
            profile = PatientProfile(user=user)
        for name, value in of_profile.items():
            setattr(profile, name, value)
        if sms_agreed and profile.sms_agreed_at is None:
            profile.sms_agreed_at = timezone.now()
        elif not sms_agreed:
            profile.sms_agreed_at = None
        profile.save()
        audit.record(action="profile.changed", actor=actor, obj=user)
    user.refresh_from_db()
    return user


ROLE_FLAGS = ("is_active", "is_staff", "is_coordinator", "is_superuser")


def change_roles(*, user: User, flags: dict[str, bool], actor: User) -> User:
    """Give or take roles; only a superuser comes here, and every flag that changes is in the audit log."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        changed = {name: flags[name] for name in ROLE_FLAGS if name in flags and flags[name] != getattr(user, name)}
        if changed:
            for name, value in changed.items():
                setattr(user, name, value)
            if user.is_active:  # one that was closed is open again
                user.closed_at = user.closed_by = None
            user.save(update_fields=[*changed, "closed_at", "closed_by"])
            words = ", ".join(f"{name}={value}" for name, value in sorted(changed.items()))
            audit.record(action="roles.changed", actor=actor, obj=user, reason=words)
    return user


def ensure_can_request(user: User, dependant: Dependant | None = None) -> None:
    """Whether this person may ask for an appointment now, for themselves or for the dependant.

    Raises EmailNotVerified, ProfileMissing or DependantNotApproved (Rules 1, points 1 and 2; pains 40).
    """
    if not has_verified_email(user):
        raise EmailNotVerified
    if not PatientProfile.objects.filter(user=user).exists():
        raise ProfileMissing
    if dependant is not None and not bookable_for(user).filter(pk=dependant.pk).exists():
        raise DependantNotApproved

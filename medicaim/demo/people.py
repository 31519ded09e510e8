"""Demonstration accounts: one for each role, and a few more patients."""

from datetime import date, datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.enums import DependantRelation, DependantState, Gender
from accounts.models import Consent, Dependant, PatientProfile, TermsVersion, User
from providers.enums import MemberRole
from providers.models import Membership, Provider

PASSWORD = "calm-river-demo"  # noqa: S105 - fictitious accounts of a development site

#: user name, first name, last name, what the account shows, language, time zone
ROLES = (
    ("patient", "Maya", "Clarke", "patient", "en", "Europe/London"),
    ("patiente", "Louise", "Garnier", "patient (reads French)", "fr", "Indian/Reunion"),
    ("owner", "Claire", "Morel", "provider, owner", "fr", "Europe/Paris"),
    ("editor", "Hugo", "Marin", "provider, editor", "fr", "Europe/Paris"),
    ("reception", "Nadia", "Lambert", "provider, reception", "en", "Europe/Paris"),
    ("coordinator", "Ruth", "Weber", "medical coordinator", "fr", "Europe/Paris"),
    ("careteam", "Iris", "Fontaine", "careteam", "en", "Europe/Paris"),
    ("admin", "Daniel", "Vidal", "superuser", "en", "Europe/Paris"),
)


def accounts() -> list[tuple[str, str, str]]:
    """(role, user name, password) of every demonstration account that one can sign in with."""
    return [(role, username, PASSWORD) for username, _first, _last, role, _language, _zone in ROLES]


@transaction.atomic
def create_people(*, now: datetime) -> dict[str, User]:
    """The accounts by user name. The three of a provider work for the first establishment."""
    password = make_password(PASSWORD)
    users = {}
    for number, (username, first, last, _role, language, zone) in enumerate(ROLES):
        users[username] = _create_user(username, first, last, language, zone, password, number, now)
    for number in range(12):
        username = f"patient{number + 1}"
        users[username] = _create_user(
            username, "Patient", f"Number {number + 1}", "fr" if number % 2 else "en", "Europe/Paris", password,
            100 + number, now,
        )  # fmt: skip
    _give_role(users["coordinator"], "is_coordinator")
    _give_role(users["careteam"], "is_staff")
    _give_role(users["admin"], "is_staff", "is_superuser")
    _create_dependants(users["patient"], users["careteam"], now)
    return users


def join_provider(*, users: dict[str, User], provider: Provider) -> None:
    """Let the three provider accounts work for this provider."""
    for username, role in (
        ("owner", MemberRole.OWNER),
        ("editor", MemberRole.EDITOR),
        ("reception", MemberRole.RECEPTION),
    ):
        Membership.objects.get_or_create(provider=provider, user=users[username], defaults={"role": role})


def _create_user(username, first, last, language, zone, password, number, now) -> User:
    user = User.objects.create(
        username=username,
        email=f"{username}@demo.example.org",
        first_name=first,
        last_name=last,
        language=language,
        time_zone=zone,
        password=password,
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    PatientProfile.objects.create(
        user=user,
        date_of_birth=date(1958 + number * 7 % 40, 1 + number % 12, 1 + number % 28),
        gender=Gender.FEMALE if number % 2 == 0 else Gender.MALE,
        phone=f"+3319900{number:04d}",
        sms_agreed_at=now,
    )
    Consent.objects.bulk_create(
        Consent(user=user, version=version, accepted_at=now, address="192.0.2.1", language=language)
        for version in TermsVersion.objects.in_force(now)
    )
    return user


def _give_role(user: User, *flags: str) -> None:
    for flag in flags:
        setattr(user, flag, True)
    user.save(update_fields=flags)


def _create_dependants(representative: User, careteam: User, now: datetime) -> None:
    common = {"representative": representative, "last_name": "Clarke", "authority": "Parental authority"}
    Dependant.objects.create(
        **common,
        first_name="Leo",
        date_of_birth=date(2017, 5, 9),
        gender=Gender.MALE,
        relation=DependantRelation.CHILD,
        state=DependantState.APPROVED,
        proof_seen="Birth certificate, seen by video call",
        decided_at=now,
        decided_by=careteam,
    )
    Dependant.objects.create(
        **common,
        first_name="Zoe",
        date_of_birth=date(2020, 11, 2),
        gender=Gender.FEMALE,
        relation=DependantRelation.CHILD,
    )

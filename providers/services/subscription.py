"""How a provider comes to MEDICAIM, is let in, is kept out: Rules 3, point 1."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from medicaim.common import audit
from medicaim.common.tasks import enqueue
from medicaim.notifications.services import queue_message
from providers import hooks
from providers.enums import MemberRole, ProviderKind, ProviderState
from providers.errors import ContractMissing, NumberTaken, ProviderError, TooManyApplications, WrongState
from providers.models import Membership, Practitioner, Profession, Provider, Registration, SearchEntry
from providers.registers import parse_number, register_named

from ._base import lock_provider, mark_stale

MAX_WAITING_APPLICATIONS = 3


@transaction.atomic
def apply_as_provider(
    *,
    kind: ProviderKind | str,
    name: str,
    country: str,
    register: str,
    number: str,
    profession: Profession | None,
    contract_accepted: bool,
    ethics_accepted: bool,
    actor,
) -> Provider:
    """Record an application with its professional number, contract and undertaking; the actor becomes the owner.

    The provider waits for careteam in state `applied` and can prepare the page meanwhile. A single practitioner
    also gets the calendar (`Practitioner`) that requests will go to. Raises InvalidNumber, NumberTaken,
    ContractMissing, TooManyApplications. Rules 3, point 1.
    """
    if not (contract_accepted and ethics_accepted):
        raise ContractMissing
    waiting = Provider.objects.filter(memberships__user=actor, state=ProviderState.APPLIED).count()
    if waiting >= MAX_WAITING_APPLICATIONS:
        raise TooManyApplications
    known = register_named(register, country)
    if known is None:
        raise ProviderError
    parsed = parse_number(number, known)
    now = timezone.now()
    provider = Provider.objects.create(
        kind=kind, name=name, country=country, contract_accepted_at=now, ethics_accepted_at=now
    )
    try:
        with transaction.atomic():
            Registration.objects.create(provider=provider, register=known.code, country=country, number=parsed)
    except IntegrityError as error:
        raise NumberTaken from error
    Membership.objects.create(provider=provider, user=actor, role=MemberRole.OWNER)
    if kind == ProviderKind.PRACTITIONER and profession is not None:
        Practitioner.objects.create(provider=provider, name=name, profession=profession)
    audit.record(action="provider.applied", actor=actor, obj=provider)
    queue_message(event="providers.application_received", object_id=provider.pk, address=settings.CARETEAM_EMAIL)
    queue_message(event="providers.application_received", object_id=provider.pk, recipient=actor)
    return provider


def _move(provider: Provider, *, allowed_from: set[ProviderState], to: ProviderState, reason: str, actor) -> Provider:
    locked = lock_provider(provider)
    if locked.state not in allowed_from:
        raise WrongState
    locked.state, locked.state_reason = to, reason[:500]
    locked.save(update_fields=["state", "state_reason"])
    entry = audit.record(action=f"provider.{to}", actor=actor, obj=locked, reason=reason)
    owners = locked.memberships.filter(role=MemberRole.OWNER).select_related("user")
    for membership in owners:
        queue_message(
            event=f"providers.provider_{'activated' if to == ProviderState.ACTIVE else to}",
            object_id=locked.pk,
            recipient=membership.user,
            occurrence=str(entry.pk),
        )
    if to != ProviderState.ACTIVE:
        # Out of the results in the same instant, not with the next refresh.
        SearchEntry.objects.filter(provider=locked).delete()
    mark_stale(locked)
    return locked


@transaction.atomic
def activate_provider(*, provider: Provider, actor) -> Provider:
    """Let an applied or suspended provider be seen and asked. Careteam only. Rules 3, point 1; tells the owners."""
    return _move(
        provider,
        allowed_from={ProviderState.APPLIED, ProviderState.SUSPENDED},
        to=ProviderState.ACTIVE,
        reason="",
        actor=actor,
    )


@transaction.atomic
def suspend_provider(*, provider: Provider, reason: str, actor) -> Provider:
    """Take an active provider off the public pages at once, with a reason that the owners are told.

    Nothing new can be asked for. What was requested or agreed before stays, and the team can still answer it.
    """
    _require_reason(reason)
    return _move(provider, allowed_from={ProviderState.ACTIVE}, to=ProviderState.SUSPENDED, reason=reason, actor=actor)


@transaction.atomic
def end_provider(*, provider: Provider, reason: str, actor) -> Provider:
    """End the membership for good (or refuse an application), with a reason that the owners are told.

    What stands with the provider ends right afterwards, each with its own messages (`hooks.after_ending`).
    """
    _require_reason(reason)
    # A number used by somebody whom we refused must not lock out its true holder.
    provider.registrations.filter(withdrawn_at=None).update(withdrawn_at=timezone.now())
    ended = _move(
        provider,
        allowed_from={ProviderState.APPLIED, ProviderState.ACTIVE, ProviderState.SUSPENDED},
        to=ProviderState.ENDED,
        reason=reason,
        actor=actor,
    )
    for task in hooks.after_ending:
        enqueue(task)
    return ended


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise WrongState


@transaction.atomic
def record_number_check(*, registration: Registration, evidence: str, actor) -> Registration:
    """Record that careteam compared the number with its register: when, who, and what was compared.

    The public page then shows the number as checked, with that date. Rules 2, point 4.
    """
    _require_reason(evidence)
    lock_provider(registration.provider)
    registration.checked_at, registration.checked_by = timezone.now(), actor
    registration.evidence = evidence.strip()[:300]
    registration.save(update_fields=["checked_at", "checked_by", "evidence"])
    audit.record(action="registration.checked", actor=actor, obj=registration)
    return registration


@transaction.atomic
def revoke_number_check(*, registration: Registration, reason: str, actor) -> Registration:
    """Take back a check: the page no longer shows the number as checked."""
    _require_reason(reason)
    lock_provider(registration.provider)
    registration.checked_at = registration.checked_by = None
    registration.save(update_fields=["checked_at", "checked_by"])
    audit.record(action="registration.check_revoked", actor=actor, obj=registration, reason=reason)
    return registration


@transaction.atomic
def set_mediation_fee(*, provider: Provider, basis_points: int, actor) -> Provider:
    """Set the rate that the provider's contract names, in hundredths of a percent. Rules 4, point 5.

    Nothing that ranks results can read it, so search is not refreshed.
    """
    locked = lock_provider(provider)
    locked.mediation_fee_bp = basis_points
    locked.save(update_fields=["mediation_fee_bp"])
    audit.record(action="provider.mediation_fee_set", actor=actor, obj=locked, reason=f"{basis_points} bp")
    return locked

"""Who of an establishment may do what: owner, editor, reception. Rules 3, point 2."""

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from medicaim.common import audit
from medicaim.notifications.services import queue_message
from providers.enums import MemberRole, ProviderState
from providers.errors import AlreadyMember, LastOwner, NoSuchAccount
from providers.models import Membership, Provider

from ._base import lock_provider, require_same_provider


@transaction.atomic
def add_member(*, provider: Provider, email: str, role: MemberRole | str, actor) -> Membership:
    """Let the holder of an account with this e-mail address work for the provider, and tell the person.

    NoSuchAccount, AlreadyMember.
    """
    locked = lock_provider(provider)
    user = get_user_model().objects.filter(email__iexact=email.strip(), is_active=True).first()
    if user is None:
        raise NoSuchAccount
    try:
        with transaction.atomic():
            membership = Membership.objects.create(provider=locked, user=user, role=role)
    except IntegrityError as error:
        raise AlreadyMember from error
    audit.record(action="member.added", actor=actor, obj=membership, reason=str(role))
    queue_message(event="providers.member_added", object_id=membership.pk, recipient=user)
    return membership


def _refuse_last_owner(membership: Membership) -> None:
    others = Membership.objects.filter(provider=membership.provider_id, role=MemberRole.OWNER).exclude(pk=membership.pk)
    if membership.role == MemberRole.OWNER and not others.exists():
        raise LastOwner


@transaction.atomic
def change_member_role(*, provider: Provider, membership: Membership, role: MemberRole | str, actor) -> Membership:
    """Give a member another role. LastOwner where nobody would own the page any more."""
    locked = lock_provider(provider)
    membership = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    require_same_provider(locked, membership)
    if role != MemberRole.OWNER:
        _refuse_last_owner(membership)
    membership.role = role
    membership.save(update_fields=["role"])
    audit.record(action="member.role_changed", actor=actor, obj=membership, reason=str(role))
    return membership


@transaction.atomic
def remove_member(*, provider: Provider, membership: Membership, actor) -> None:
    """End a membership: somebody leaves, or an owner lets somebody go. LastOwner where nobody would own the page."""
    locked = lock_provider(provider)
    membership = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    require_same_provider(locked, membership)
    _refuse_last_owner(membership)
    audit.record(action="member.removed", actor=actor, obj=membership)
    membership.delete()


@transaction.atomic
def leave_all_teams(*, user, actor) -> None:
    """End every membership of a person, except with providers that have ended. LastOwner as above."""
    memberships = Membership.objects.filter(user=user).exclude(provider__state=ProviderState.ENDED)
    for membership in memberships.select_related("provider").order_by("provider_id"):
        remove_member(provider=membership.provider, membership=membership, actor=actor)

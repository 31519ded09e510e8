"""What the messages of this app say, read at the moment of sending."""

from collections.abc import Callable

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import hooks
from accounts.errors import ClosingBlocked
from accounts.models import User
from medicaim.notifications.models import Message
from medicaim.notifications.registry import Content, register

from . import queries, services
from .enums import HandedState, ProviderState
from .errors import LastOwner
from .models import HandedSearch, Membership, Provider


def _link(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def _overview(provider: Provider) -> str:
    return _link(reverse("providers:overview", args=[provider.public_id]))


def application_received(message: Message) -> Content | None:
    """To careteam's mailbox and to the applicant; no longer true once the application is answered."""
    provider = Provider.objects.filter(pk=message.object_id, state=ProviderState.APPLIED).first()
    if provider is None:
        return None
    for_careteam = message.recipient_id is None
    url = _link(reverse("admin:providers_provider_change", args=[provider.pk])) if for_careteam else _overview(provider)
    # No name of the provider: the name of a clinic can be a health word, and the page says it all.
    return Content({"for_careteam": for_careteam, "url": url})


def in_state(state: ProviderState) -> Callable[[Message], Content | None]:
    """A change of state is told while it is still the state, to those who are still members."""

    def build(message: Message) -> Content | None:
        provider = Provider.objects.filter(pk=message.object_id, state=state).first()
        if provider is None or message.recipient_id is None:
            return None
        if not provider.memberships.filter(user_id=message.recipient_id).exists():
            return None
        return Content({"provider": provider, "reason": provider.state_reason, "url": _overview(provider)})

    return build


def member_added(message: Message) -> Content | None:
    """To somebody who was added to a team, while it is so."""
    membership = Membership.objects.filter(pk=message.object_id).select_related("provider").first()
    if membership is None or membership.user_id != message.recipient_id:
        return None
    return Content(
        {
            "provider": membership.provider,
            "role": membership.get_role_display(),
            "url": _overview(membership.provider),
        }
    )


def search_handed(message: Message) -> Content | None:
    """To careteam's mailbox, while nobody has answered. What is looked for can be a health word: the page says it."""
    handed = HandedSearch.objects.filter(pk=message.object_id, state=HandedState.OPEN).first()
    if handed is None:
        return None
    return Content({"url": _link(reverse("admin:providers_handedsearch_change", args=[handed.pk]))})


def search_answered(message: Message) -> Content | None:
    """To the patient: that there is an answer, and where it stands."""
    if not HandedSearch.objects.filter(pk=message.object_id, state=HandedState.ANSWERED).exists():
        return None
    return Content({"url": _link(reverse("providers:saved_searches"))})


def register_builders() -> None:
    """Called once, when the app is ready."""
    register("providers.application_received", application_received)
    register("providers.provider_activated", in_state(ProviderState.ACTIVE))
    register("providers.provider_suspended", in_state(ProviderState.SUSPENDED))
    register("providers.provider_ended", in_state(ProviderState.ENDED))
    register("providers.member_added", member_added)
    register("providers.search_handed", search_handed)
    register("providers.search_answered", search_answered)


def sole_ownerships(user: User) -> list[hooks.Obstacle]:
    """A provider whose only owner closes the account would be nobody's: somebody else must own it first."""
    return [
        hooks.Obstacle(
            _(
                "You are the only owner of %(provider)s. Make somebody else an owner, or ask our careteam to end its"
                " membership."
            )
            % {"provider": provider.name},
            reverse("providers:members", args=[provider.public_id]),
            _("Go to the team"),
        )
        for provider in queries.solely_owned_by(user)
    ]


def leave_teams(user: User, actor: User) -> None:
    """Whoever closes the account works for no provider any more."""
    try:
        services.leave_all_teams(user=user, actor=actor)
    except LastOwner as error:  # the other owner was quicker
        raise ClosingBlocked from error


def register_closing() -> None:
    """Called once, when the app is ready."""
    hooks.closing_obstacles.append(sole_ownerships)
    hooks.on_closing.append(leave_teams)

"""Searches that a patient keeps, to come back to or to hand to the careteam (Rules 2, point 1)."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medicaim.common import audit
from medicaim.common.errors import DomainError
from medicaim.notifications.services import queue_message

from .enums import HandedState
from .models import HandedSearch, Provider, SavedSearch

MAX_SAVED_SEARCHES = 50
MAX_OPEN_SEARCHES = 5


class TooManySavedSearches(DomainError):
    """A bound, so that nobody can fill the disk."""

    message = _("You keep fifty searches already. Delete one that you no longer need, then keep this one.")


class TooManyHandedSearches(DomainError):
    """A bound, so that nobody can bury the careteam."""

    message = _("Our team is already searching for you: wait for an answer before you hand over another search.")


class AlreadyAnswered(DomainError):
    message = _("This search is answered already.")


class AnswerMissing(DomainError):
    message = _("Write an answer or suggest a provider.")


@transaction.atomic
def save_search(*, user, name: str, query: str) -> SavedSearch:
    """Keep a search under a name. The same search again only takes the new name."""
    # The user's row is what two savings at once must wait for: the bound holds.
    get_user_model().objects.select_for_update().get(pk=user.pk)
    saved = SavedSearch.objects.filter(user=user, query=query).first()
    if saved is not None:
        saved.name = name
        saved.save(update_fields=["name"])
        return saved
    if SavedSearch.objects.filter(user=user).count() >= MAX_SAVED_SEARCHES:
        raise TooManySavedSearches
    return SavedSearch.objects.create(user=user, name=name, query=query)


def delete_saved_search(*, saved: SavedSearch, actor) -> None:
    """Forget a search of one's own."""
    SavedSearch.objects.filter(pk=saved.pk, user=actor).delete()


@transaction.atomic
def hand_to_careteam(*, user, name: str, query: str) -> HandedSearch:
    """Ask the careteam to search; it is told by e-mail. The same search is handed over once while it is open."""
    get_user_model().objects.select_for_update().get(pk=user.pk)
    waiting = HandedSearch.objects.filter(user=user, state=HandedState.OPEN)
    handed = waiting.filter(query=query).first()
    if handed is not None:
        return handed
    if waiting.count() >= MAX_OPEN_SEARCHES:
        raise TooManyHandedSearches
    handed = HandedSearch.objects.create(user=user, name=name, query=query)
    queue_message(event="providers.search_handed", object_id=handed.pk, address=settings.CARETEAM_EMAIL)
    return handed


@transaction.atomic
def answer_search(*, handed: HandedSearch, note: str, suggestion: Provider | None, actor) -> HandedSearch:
    """The careteam's answer: some words, a provider, or both. Given once; the patient is told by e-mail."""
    if not note.strip() and suggestion is None:
        raise AnswerMissing
    handed = HandedSearch.objects.select_for_update(of=("self",), no_key=True).get(pk=handed.pk)
    if handed.state != HandedState.OPEN:
        raise AlreadyAnswered
    handed.state, handed.note, handed.suggestion = HandedState.ANSWERED, note.strip(), suggestion
    handed.answered_at, handed.answered_by = timezone.now(), actor
    handed.save(update_fields=["state", "note", "suggestion", "answered_at", "answered_by"])
    audit.record(action="search.answered", actor=actor, obj=handed)
    queue_message(event="providers.search_answered", object_id=handed.pk, recipient=handed.user)
    return handed

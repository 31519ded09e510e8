"""Searches that a patient keeps, to come back to or to hand to the careteam later (Rules 2, point 1)."""

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from medicaim.common.errors import DomainError

from .models import SavedSearch

MAX_SAVED_SEARCHES = 50


class TooManySavedSearches(DomainError):
    """A bound, so that nobody can fill the disk."""

    message = _("You keep fifty searches already. Delete one that you no longer need, then keep this one.")


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

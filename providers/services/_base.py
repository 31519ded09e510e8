"""What every write about a provider begins and ends with."""

from django.utils import timezone

from medicaim.common.tasks import enqueue
from providers.errors import NotOurs
from providers.models import Provider


def lock_provider(provider: Provider) -> Provider:
    """The provider's row, locked until the end of the transaction (docs/locking.md).

    Two people who edit the same page follow one after the other. `no_key`: rows that merely point to the
    provider, such as a request for a time, do not wait for an edit.
    """
    return Provider.objects.select_for_update(no_key=True, of=("self",)).get(pk=provider.pk)


def mark_changed(provider: Provider) -> None:
    """Note that the public page may show something else than before."""
    Provider.objects.filter(pk=provider.pk).update(page_changed_at=timezone.now())


def mark_stale(provider: Provider, *, is_page_changed: bool = True) -> None:
    """Note that what search shows of this provider may have changed, and wake the worker that refreshes it.

    The public page is taken to have changed too, unless only free times did.
    """
    now = timezone.now()
    changed = {"page_changed_at": now} if is_page_changed else {}
    Provider.objects.filter(pk=provider.pk).update(search_stale_since=now, **changed)
    enqueue("bookings.tasks.refresh_availability", provider.pk)


def require_same_provider(provider: Provider, *rows) -> None:
    """Refuse rows of another provider, whatever door they came through."""
    if any(row is not None and row.provider_id != provider.pk for row in rows):
        raise NotOurs

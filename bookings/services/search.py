"""Tell search what is free next."""

from __future__ import annotations

from django.utils import timezone

from bookings.queries import availability_of
from providers.models import Provider, SearchEntry
from providers.search_index import record_availability, refresh_search_entries

BATCH = 50


def refresh_availability(*, provider_id: int) -> None:
    """Write anew what search shows of a provider, with its next free times and free days.

    The mark "stale since" is cleared only if it is still the one that was seen before looking: a change made
    meanwhile is found by the next sweep.
    """
    provider = Provider.objects.filter(pk=provider_id).first()
    if provider is None:
        return
    refresh_search_entries([provider.pk])
    record_availability(provider.pk, availability_of(provider=provider, now=timezone.now()))
    unchanged = Provider.objects.filter(pk=provider.pk, search_stale_since=provider.search_stale_since)
    unchanged.update(search_stale_since=None)


def refresh_stale(*, limit: int = BATCH) -> int:
    """Refresh the providers that changed, longest waiting first, and those whose next free time has passed.

    How many were refreshed.
    """
    now = timezone.now()
    changed = Provider.objects.filter(search_stale_since__isnull=False).order_by("search_stale_since", "pk")
    ids = list(changed.values_list("pk", flat=True)[:limit])
    passed = SearchEntry.objects.filter(next_free_at__lte=now).order_by("next_free_at", "pk")
    ids += [pk for pk in passed.values_list("provider_id", flat=True)[:limit] if pk not in ids]
    for provider_id in dict.fromkeys(ids[:limit]):
        refresh_availability(provider_id=provider_id)
    return len(dict.fromkeys(ids[:limit]))


def mark_all_stale() -> int:
    """Once a day: horizons and the 62 days of search move on even where nobody changes anything."""
    return Provider.objects.public().filter(search_stale_since=None).update(search_stale_since=timezone.now())

"""What search shows of demonstration providers."""

from datetime import datetime, timedelta

from django.db.models import F

from providers.models import SearchEntry
from providers.search_index import refresh_search_entries

_KINDS_OF_DIARY = 20


def fill_search(provider_ids: list[int], *, lean: bool, now: datetime) -> None:
    """Write the search entries. Lean providers, made for measuring, get a made-up next free time as well:
    computing a million diaries takes hours, and the sweep does it for those that matter."""
    refresh_search_entries(provider_ids)
    if not lean:
        return
    entries = SearchEntry.objects.filter(provider__in=provider_ids)
    for kind in range(_KINDS_OF_DIARY):
        days = range(1 + kind, 60, 1 + kind % 5)
        mask = 0
        for day in days:
            mask |= 1 << ((now.toordinal() + day) % 63)
        entries.annotate(kind_of_diary=F("pk") % _KINDS_OF_DIARY).filter(kind_of_diary=kind).update(
            next_free_at=now.replace(minute=0, second=0, microsecond=0) + timedelta(days=1 + kind, hours=kind % 7),
            free_days=mask,
        )

"""Writes and finds `CareArea`: what the pages about a specialty in a country say.

Counting goes through every search entry: a sweep does it each hour, never a request. Pages then read one row.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Min, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import translation
from django.utils.text import slugify
from django_countries import countries

from .enums import ServiceMode
from .models import CareArea, Provider, SearchEntry, Specialty
from .names import country_name

CITIES, LANGUAGES, CURRENCIES = 12, 10, 3
Key = tuple[str, str]
"""(code of the specialty that joins its variants, country)"""
_COUNTED = ("providers", "remote_providers", "fees", "cities", "languages")


def refresh_care_areas(*, now: datetime) -> int:
    """Count everything anew and write what differs; says how many areas there are. Five statements read."""
    counted = {key: row for key, row in _providers().items() if row["providers"] >= settings.CARE_PAGE_MIN_PROVIDERS}
    for name, found in (("fees", _fees(counted)), ("cities", _cities(counted)), ("languages", _languages(counted))):
        for key, row in counted.items():
            row[name] = found.get(key, [])
    with transaction.atomic():
        known = {(row.specialty_id, str(row.country)): row for row in CareArea.objects.select_for_update()}
        CareArea.objects.filter(pk__in=[row.pk for key, row in known.items() if key not in counted]).delete()
        changed = [
            CareArea(specialty_id=key[0], country=key[1], changed_at=now, **row)
            for key, row in counted.items()
            if key not in known or any(getattr(known[key], name) != row[name] for name in _COUNTED)
        ]
        CareArea.objects.bulk_create(
            changed,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["specialty", "country"],
            update_fields=[*_COUNTED, "changed_at"],
        )
    return len(counted)


def _entries() -> Any:
    rows = SearchEntry.objects.exclude(specialty=None).order_by()
    return rows.annotate(joined=Coalesce("specialty__canonical_id", "specialty_id"))


def _providers() -> dict[Key, dict[str, Any]]:
    rows = _entries().values_list("joined", "country")
    remote = Count("provider", filter=Q(mode=ServiceMode.REMOTE), distinct=True)
    return {
        (code, country): {"providers": providers, "remote_providers": from_afar}
        for code, country, providers, from_afar in rows.annotate(Count("provider", distinct=True), remote=remote)
    }


def _fees(keys: Iterable[Key]) -> dict[Key, list[list[Any]]]:
    """The lowest and the highest fee of each currency that is asked for there, the most frequent first."""
    found: dict[Key, list[list[Any]]] = defaultdict(list)
    rows = _entries().values("joined", "country", "service__currency")
    for row in rows.annotate(
        low=Min("service__fee_minor"), high=Max("service__fee_minor"), offers=Count("pk")
    ).iterator():
        key = row["joined"], row["country"]
        if key in keys:
            found[key].append([row["service__currency"], row["low"], row["high"], row["offers"]])
    return {key: sorted(fees, key=lambda fee: (-fee[3], fee[0]))[:CURRENCIES] for key, fees in found.items()}


def _cities(keys: Iterable[Key]) -> dict[Key, list[list[Any]]]:
    found: dict[Key, Counter[str]] = defaultdict(Counter)
    rows = _entries().values_list("joined", "country", "location__city")
    for code, country, city, number in rows.annotate(Count("provider", distinct=True)).iterator():
        if (code, country) in keys:
            found[code, country][city] += number
    return {key: _most_frequent(counts, CITIES) for key, counts in found.items()}


def _languages(keys: Iterable[Key]) -> dict[Key, list[list[Any]]]:
    found: dict[Key, Counter[str]] = defaultdict(Counter)
    rows = _entries().values_list("joined", "country", "languages")
    for code, country, languages, number in rows.annotate(Count("provider", distinct=True)).iterator():
        if (code, country) in keys:
            found[code, country].update(dict.fromkeys(languages.split(), number))
    return {key: _most_frequent(counts, LANGUAGES) for key, counts in found.items()}


def _most_frequent(counts: Counter[str], most: int) -> list[list[Any]]:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [[name, number] for name, number in ordered[:most]]


# --- Addresses ------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def country_slugs() -> dict[str, str]:
    """For each country code its part of an address: the English name, the same in every language."""
    with translation.override("en"):
        return {code: slugify(str(name)) for code, name in countries}


def country_of_slug(slug: str) -> str:
    """The code of a country by its part of an address, or ""."""
    return next((code for code, known in country_slugs().items() if known == slug), "")


def specialties_by_slug() -> dict[str, Specialty]:
    """The specialties (no mere variants of others) by their part of an address: the English label, the same in
    every language; where two have one label, the second says its code too. One small query."""
    found: dict[str, Specialty] = {}
    for row in Specialty.objects.filter(canonical=None).order_by("pk"):
        slug = slugify(row.label_en)
        found[f"{slug}-{slugify(row.pk)}" if slug in found else slug] = row
    return found


def area_path(area: CareArea) -> str:
    """The page about a specialty in a country, in the reader's language. One small query."""
    slug = next(slug for slug, row in specialties_by_slug().items() if row.pk == area.specialty_id)
    return reverse("care_area", args=[slug, country_slugs()[str(area.country)]])


def area_title(area: CareArea) -> str:
    """As "Cardiology – France", in the reader's language."""
    return f"{area.specialty.label} – {country_name(str(area.country))}"


def area_of(provider: Provider) -> CareArea | None:
    """The area to which a provider's page leads back: the one of its specialties there with most providers."""
    codes = (
        SearchEntry.objects.filter(provider=provider)
        .exclude(specialty=None)
        .order_by()
        .values(joined=Coalesce("specialty__canonical_id", "specialty_id"))
    )
    rows = CareArea.objects.filter(specialty__in=codes, country=provider.country).select_related("specialty")
    return rows.order_by("-providers", "pk").first()

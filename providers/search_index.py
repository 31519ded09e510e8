"""Writes `SearchEntry`: the rows that search reads, one for each published service at each location."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django_countries import countries

from medicaim.common.money import Money

from .models import CurrencyRate, Location, Practitioner, Provider, SearchEntry, Service, Specialty
from .reference import arabic_labels
from .search import fold, searchable

BATCH = 1000
#: What `refresh_search_entries` writes over an existing row. What availability says is left as it is.
_DECLARED = (
    "provider",
    "specialty",
    "kind",
    "mode",
    "country",
    "city",
    "latitude",
    "longitude",
    "languages",
    "fee_euro_cents",
    "text",
)


@dataclass(frozen=True, slots=True)
class Labels:
    """Names of what entries refer to by a code, in the site's languages, and the rates; read once for many entries."""

    specialties: Mapping[str, str]
    countries: Mapping[str, str]
    rates: Mapping[str, Decimal]

    @classmethod
    def read(cls) -> "Labels":
        """Two queries, and the country names that the process holds."""
        specialties, arabic = {}, arabic_labels()
        for row in Specialty.objects.select_related("canonical"):
            rows = [row] if row.canonical is None else [row, row.canonical]
            words = [name for each in rows for name in (each.label_fr, each.label_en, arabic.get(each.pk, ""))]
            specialties[row.pk] = " ".join(words)
        rates = dict(CurrencyRate.objects.values_list("currency", "per_euro"))
        return cls(specialties=specialties, countries=country_words(), rates=rates)


def country_words() -> dict[str, str]:
    """For each country code its names in the site's languages."""
    words: dict[str, list[str]] = defaultdict(list)
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for code, name in countries:
                words[code].append(str(name))
    return {code: " ".join(names) for code, names in words.items()}


def fee_in_euro_cents(fee: Money, rates: Mapping[str, Decimal]) -> int | None:
    """A fee as euro cents, to compare and never to charge; None where no rate is known."""
    rate = rates.get(fee.currency)
    if not rate:
        return None
    return int((fee.amount / rate * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def build_entry(
    *,
    provider: Provider,
    service: Service,
    location: Location,
    practitioners: Sequence[Practitioner],
    specialties: Iterable[str],
    labels: Labels,
) -> SearchEntry:
    """The row for a service at a location, from objects in memory: no query.

    `specialties` are the codes whose names make this service findable: its own, or those of its people.
    """
    return SearchEntry(
        provider_id=provider.pk,
        service_id=service.pk,
        location_id=location.pk,
        specialty_id=service.specialty_id,
        kind=provider.kind,
        mode=service.mode,
        country=str(location.country),
        city=fold(location.city),
        latitude=location.latitude,
        longitude=location.longitude,
        languages=f" {' '.join(provider.languages)} ",
        fee_euro_cents=fee_in_euro_cents(service.fee, labels.rates),
        text=searchable(
            service.name_fr,
            service.name_en,
            *(labels.specialties.get(code, "") for code in specialties),
            *(f"{person.profession.label_fr} {person.profession.label_en}" for person in practitioners),
            provider.name,
            *(person.name for person in practitioners),
            location.name,
            location.city,
            labels.countries.get(str(location.country), ""),
        ),
    )


def refresh_search_entries(provider_ids: Iterable[int]) -> int:
    """Write the search entries of these providers anew, and say how many there are now.

    A provider that is not public, a service that cannot be requested, a place that is not in use and a
    service without anybody to do it have none. Availability that was recorded before stays. Running it twice
    changes nothing. The number of queries depends on the number of batches, not of providers.
    """
    ids = sorted(set(provider_ids))
    if not ids:
        return 0
    labels = Labels.read()
    return sum(_refresh_batch(ids[start : start + BATCH], labels) for start in range(0, len(ids), BATCH))


@transaction.atomic
def _refresh_batch(ids: list[int], labels: Labels) -> int:
    # Locked, because a refresh that read "active" before a suspension must not write after it.
    locked = Provider.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    providers = {provider.pk: provider for provider in locked if provider.is_public}
    entries = _entries_of(providers, labels)
    SearchEntry.objects.bulk_create(
        entries,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["service", "location"],
        update_fields=_DECLARED,
    )
    wanted = {(entry.service_id, entry.location_id) for entry in entries}
    stale = [
        pk
        for pk, service_id, location_id in SearchEntry.objects.filter(provider__in=ids)
        .order_by("pk")
        .values_list("pk", "service_id", "location_id")
        if (service_id, location_id) not in wanted
    ]
    if stale:
        SearchEntry.objects.filter(pk__in=stale).delete()
    return len(entries)


def _entries_of(providers: Mapping[int, Provider], labels: Labels) -> list[SearchEntry]:
    people = {
        person.pk: person
        for person in Practitioner.objects.filter(provider__in=providers, is_active=True).select_related("profession")
    }
    specialties_of: dict[int, list[str]] = defaultdict(list)
    for person_id, code in (
        Practitioner.specialties.through.objects.filter(practitioner__provider__in=providers)
        .order_by("pk")
        .values_list("practitioner_id", "specialty_id")
    ):
        specialties_of[person_id].append(code)
    places = {place.pk: place for place in Location.objects.filter(provider__in=providers, is_active=True)}
    people_of: dict[int, list[Practitioner]] = defaultdict(list)
    for service_id, person_id in (
        Service.practitioners.through.objects.filter(service__provider__in=providers)
        .order_by("pk")
        .values_list("service_id", "practitioner_id")
    ):
        if person_id in people:
            people_of[service_id].append(people[person_id])
    places_of: dict[int, list[Location]] = defaultdict(list)
    for service_id, place_id in (
        Service.locations.through.objects.filter(service__provider__in=providers)
        .order_by("pk")
        .values_list("service_id", "location_id")
    ):
        if place_id in places:
            places_of[service_id].append(places[place_id])
    entries = []
    for service in Service.objects.filter(provider__in=providers, is_published=True).order_by("pk"):
        staff = people_of[service.pk]
        if not staff:
            continue
        codes = [service.specialty_id] if service.specialty_id else []
        codes = codes or [code for person in staff for code in specialties_of[person.pk]]
        entries += [
            build_entry(
                provider=providers[service.provider_id],
                service=service,
                location=place,
                practitioners=staff,
                specialties=codes,
                labels=labels,
            )
            for place in places_of[service.pk]
        ]
    return entries


@transaction.atomic
def record_availability(provider_id: int, free: Mapping[tuple[int, int], tuple[datetime | None, int]]) -> int:
    """Write what is free next: for (service, location) the earliest start in UTC and the mask of free days.

    Pairs without an entry are passed over. Says how many rows changed.
    """
    changed = []
    for entry in SearchEntry.objects.filter(provider_id=provider_id).defer("text").order_by("pk"):
        found = free.get((entry.service_id, entry.location_id))
        if found is not None and found != (entry.next_free_at, entry.free_days):
            entry.next_free_at, entry.free_days = found
            changed.append(entry)
    SearchEntry.objects.bulk_update(changed, ["next_free_at", "free_days"], batch_size=500)
    return len(changed)


def refresh_fees() -> int:
    """Convert every fee anew after the rates have changed; says how many rows changed. Goes through all rows."""
    rates = dict(CurrencyRate.objects.values_list("currency", "per_euro"))
    total, last = 0, 0
    while batch := list(
        SearchEntry.objects.filter(pk__gt=last).select_related("service").defer("text").order_by("pk")[:BATCH]
    ):
        changed = []
        for entry in batch:
            cents = fee_in_euro_cents(entry.service.fee, rates)
            if cents != entry.fee_euro_cents:
                entry.fee_euro_cents = cents
                changed.append(entry)
        SearchEntry.objects.bulk_update(changed, ["fee_euro_cents"], batch_size=500)
        total, last = total + len(changed), batch[-1].pk
    return total

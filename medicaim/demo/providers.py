"""Demonstration providers, by the dozen or by the million, in bulk."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction

from medicaim.common.money import Money
from providers.enums import DepositKind, ProviderKind, ProviderState, ServiceMode
from providers.models import (
    Closure,
    Location,
    Practitioner,
    Provider,
    ProviderText,
    Registration,
    Service,
    WeeklyHours,
)

from .catalogue import (
    ACCESS,
    CITIES,
    ESTABLISHMENTS,
    FIRST_NAMES,
    LAST_NAMES,
    OFFERS,
    PRESENTATION,
    RATES,
    STREETS,
    TITLES,
    TITLES_FR,
    City,
)

BATCH = 1000
DAYS = (
    ((1, 2, 3, 4, 5), ((time(9), time(12)), (time(14), time(18)))),
    ((1, 2, 4, 5), ((time(8, 30), time(13)),)),
    ((2, 3, 4), ((time(10), time(17, 30)),)),
    ((1, 3, 5), ((time(8), time(12)), (time(15), time(19)))),
    ((6, 7, 1), ((time(9), time(15)),)),
)


@dataclass(frozen=True, slots=True)
class Size:
    """How rich each provider is. A lean one has one service and one block of hours a day: for measuring."""

    providers: int
    lean: bool


def luhn_key(digits: str) -> str:
    """The check digit that makes `digits` + it pass Luhn's test."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def fictitious_rpps(number: int) -> str:
    """An RPPS number of the range that the register keeps for tests (997…)."""
    body = f"997{number:07d}"
    return body + luhn_key(body)


def fee_in(city: City, euros: int, rng: random.Random) -> int:
    """A fee as a practice there would print it: a round amount, in minor units of the local currency."""
    amount = euros * city.price * RATES[city.currency] * rng.uniform(0.85, 1.25)
    magnitude = 10 ** max(len(str(int(amount))) - 2, 0)
    rounded = max(round(amount / magnitude) * magnitude, 1)
    return rounded * 10 ** Money(0, city.currency).exponent


def create_providers(*, size: Size, seed: int, now: datetime) -> Iterator[list[int]]:
    """Make the providers and yield the ids of each batch as it is committed."""
    rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
    first = Provider.objects.count()
    for start in range(first, first + size.providers, BATCH):
        count = min(BATCH, first + size.providers - start)
        with transaction.atomic():
            yield _create_batch(start, count, size, rng, now)


def _create_batch(start: int, count: int, size: Size, rng: random.Random, now: datetime) -> list[int]:
    plans = [_plan(number, rng) for number in range(start, start + count)]
    providers = Provider.objects.bulk_create(
        Provider(
            kind=plan["kind"],
            name=plan["name"],
            country=plan["city"].country,
            state=ProviderState.ACTIVE,
            published_at=now,
            languages=list(plan["city"].languages),
            contract_accepted_at=now,
            ethics_accepted_at=now,
            search_stale_since=None if size.lean else now,
        )
        for plan in plans
    )
    pairs = list(zip(providers, plans, strict=True))
    if not size.lean:
        ProviderText.objects.bulk_create(
            ProviderText(provider=provider, language=language, presentation=text, draft=text)
            for provider, plan in pairs
            for language, text in PRESENTATION.items()
            if language in plan["city"].languages or language == "en"
        )
    Registration.objects.bulk_create(_registration(provider, plan, now) for provider, plan in pairs)
    practitioners = Practitioner.objects.bulk_create(
        Practitioner(
            provider=provider,
            name=name,
            profession_id=plan["profession"],
            titles=TITLES_FR if "fr" in plan["city"].languages else TITLES,
        )
        for provider, plan in pairs
        for name in plan["people"]
    )
    by_provider: dict[int, list[Practitioner]] = {}
    for practitioner in practitioners:
        by_provider.setdefault(practitioner.provider_id, []).append(practitioner)
    Practitioner.specialties.through.objects.bulk_create(
        Practitioner.specialties.through(practitioner_id=practitioner.pk, specialty_id=plan["specialty"])
        for provider, plan in pairs
        for practitioner in by_provider[provider.pk]
    )
    locations = Location.objects.bulk_create(_location(provider, plan, rng) for provider, plan in pairs)
    _create_services(pairs, by_provider, locations, size, rng)
    _create_hours(pairs, by_provider, locations, size, rng, now.date())
    return [provider.pk for provider in providers]


def _plan(number: int, rng: random.Random) -> dict:
    """Who the provider with this number is. Cities and specialties take turns, so that small sizes have them all."""
    city = CITIES[number % len(CITIES)]
    specialty = list(OFFERS)[(number * 7 + number // len(CITIES)) % len(OFFERS)]
    kind, people = ProviderKind.PRACTITIONER, 1
    if number % 6 == 5:
        kind = list(ESTABLISHMENTS)[number // 6 % len(ESTABLISHMENTS)]
        people = 2 + number % 3
    names = [f"Dr {rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}" for _ in range(people)]
    name = names[0] if people == 1 else rng.choice(ESTABLISHMENTS[kind]).format(city=city.name)
    return {
        "number": number,
        "city": city,
        "specialty": specialty,
        "profession": "40" if specialty.startswith("SCD") else "10",
        "kind": kind,
        "people": names,
        "name": name,
    }


def _registration(provider: Provider, plan: dict, now: datetime) -> Registration:
    country = plan["city"].country
    if country != "FR":
        register, number = f"Demo register {country}", f"DEMO-{plan['number']:07d}"
    elif provider.is_establishment:
        body = f"990{plan['number'] % 100_000:05d}"
        register, number = "FINESS", body + luhn_key(body)
    else:
        register, number = "RPPS", fictitious_rpps(plan["number"])
    return Registration(provider=provider, register=register, country=country, number=number)


def _location(provider: Provider, plan: dict, rng: random.Random) -> Location:
    city: City = plan["city"]
    return Location(
        provider=provider,
        name=provider.name if provider.is_establishment else f"{rng.choice(STREETS)} practice",
        address=f"{rng.randint(1, 180)} {rng.choice(STREETS)}",
        city=city.name,
        country=city.country,
        latitude=round(city.latitude + rng.uniform(-0.09, 0.09), 5),
        longitude=round(city.longitude + rng.uniform(-0.12, 0.12), 5),
        time_zone=city.zone,
        access=ACCESS,
        step_free=rng.random() < 0.7,
    )


def _create_services(pairs, by_provider, locations: list[Location], size: Size, rng: random.Random) -> None:
    services, places = [], []
    for (provider, plan), location in zip(pairs, locations, strict=True):
        offers = OFFERS[plan["specialty"]][: 1 if size.lean else None]
        for place, offer in enumerate(offers):
            fee = fee_in(plan["city"], offer.euros, rng)
            asks_deposit = plan["number"] % 8 == 3 and place == len(offers) - 1
            services.append(
                Service(
                    provider=provider,
                    specialty_id=plan["specialty"],
                    name_en=offer.name_en,
                    name_fr=offer.name_fr,
                    mode=ServiceMode.REMOTE if plan["number"] % 9 == 4 and place == 0 else ServiceMode.ON_SITE,
                    duration=offer.minutes,
                    buffer_after=rng.choice((0, 0, 5, 10)),
                    slot_step=max(offer.minutes, 15),
                    minimum_notice=rng.choice((120, 1440, 2880)),
                    horizon_days=rng.choice((60, 90, 120)),
                    fee_minor=fee,
                    currency=plan["city"].currency,
                    instant_confirmation=plan["number"] % 10 == 6,
                    deposit_kind=DepositKind.DOWN_PAYMENT if asks_deposit else DepositKind.NONE,
                    deposit_minor=max(fee // 5, 1) if asks_deposit else 0,
                )
            )
            places.append(location)
    services = Service.objects.bulk_create(services)
    Service.practitioners.through.objects.bulk_create(
        Service.practitioners.through(service_id=service.pk, practitioner_id=practitioner.pk)
        for service in services
        for practitioner in by_provider[service.provider_id]
    )
    Service.locations.through.objects.bulk_create(
        Service.locations.through(service_id=service.pk, location_id=location.pk)
        for service, location in zip(services, places, strict=True)
    )


def _create_hours(pairs, by_provider, locations: list[Location], size: Size, rng: random.Random, today: date) -> None:
    hours, closures = [], []
    for (provider, _plan), location in zip(pairs, locations, strict=True):
        for practitioner in by_provider[provider.pk]:
            days, blocks = rng.choice(DAYS)
            hours += [
                WeeklyHours(practitioner=practitioner, location=location, weekday=day, starts=starts, ends=ends)
                for day in days
                for starts, ends in (blocks[:1] if size.lean else blocks)
            ]
            if not size.lean and rng.random() < 0.4:
                leave = today + timedelta(days=rng.randint(10, 70))
                closures.append(
                    Closure(
                        practitioner=practitioner,
                        starts_on=leave,
                        ends_on=leave + timedelta(days=rng.randint(2, 12)),
                        label="Leave",
                    )
                )
    WeeklyHours.objects.bulk_create(hours, batch_size=5000)
    Closure.objects.bulk_create(closures)

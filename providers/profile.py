"""What a provider's page shows, for the public and for the preview in the workspace."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property
from itertools import groupby

from django.db.models import Q
from django.utils.translation import get_language

from .enums import DepositKind
from .models import Location, Practitioner, Provider, Registration, Service, WeeklyHours


@dataclass(frozen=True, slots=True)
class DayHours:
    """The hours of one weekday (ISO) at a place, in its local time."""

    weekday: int
    blocks: list[tuple[time, time]]


@dataclass(frozen=True, slots=True)
class Place:
    location: Location
    hours: list[DayHours]


@dataclass(frozen=True, slots=True)
class Offer:
    """A service with the places where it is given; it is `open` where somebody does it at one of them."""

    service: Service
    places: list[Location]
    people: list[Practitioner]

    @property
    def is_open(self) -> bool:
        return bool(self.places and self.people)

    @property
    def has_deposit(self) -> bool:
        return self.service.deposit_kind != DepositKind.NONE

    @property
    def is_card_guarantee(self) -> bool:
        return self.service.deposit_kind == DepositKind.CARD_GUARANTEE


class Profile:
    """The parts of a provider's page. Each is read once, when it is first asked for; six queries in all."""

    def __init__(self, provider: Provider, texts: Mapping[str, str], now: datetime) -> None:
        self.provider = provider
        self.texts = {language: words for language, words in texts.items() if words.strip()}
        self.now = now
        self.today = now.date()

    @property
    def text_language(self) -> str:
        """The language of the presentation that is shown: the reader's, else English, else any."""
        wanted = [(get_language() or "en").split("-")[0], "en", *sorted(self.texts)]
        return next((language for language in wanted if language in self.texts), "")

    @property
    def is_other_language(self) -> bool:
        return bool(self.text_language) and self.text_language != (get_language() or "en").split("-")[0]

    @property
    def presentation(self) -> str:
        return self.texts.get(self.text_language, "")

    @cached_property
    def practitioners(self) -> list[Practitioner]:
        rows = self.provider.practitioners.filter(is_active=True).select_related("profession")
        return list(rows.prefetch_related("specialties"))

    @cached_property
    def registrations(self) -> list[Registration]:
        return list(self.provider.registrations.filter(withdrawn_at=None).order_by("country", "register", "pk"))

    @cached_property
    def _locations(self) -> dict[int, Location]:
        return {place.pk: place for place in self.provider.locations.filter(is_active=True)}

    @cached_property
    def places(self) -> list[Place]:
        """Places in use, with the hours that are in force or still to come."""
        blocks: dict[int, dict[int, set[tuple[time, time]]]] = defaultdict(lambda: defaultdict(set))
        rows = WeeklyHours.objects.filter(
            Q(valid_until=None) | Q(valid_until__gte=self.today),
            Q(valid_from=None) | Q(valid_from__lte=self.today),
            location__in=self._locations,
            practitioner__is_active=True,
        )
        for row in rows:
            blocks[row.location_id][row.weekday].add((row.starts, row.ends))
        return [
            Place(place, [DayHours(day, _merged(hours)) for day, hours in sorted(blocks[pk].items())])
            for pk, place in self._locations.items()
        ]

    @cached_property
    def offers(self) -> list[Offer]:
        people = {person.pk: person for person in self.practitioners}
        rows = self.provider.services.filter(is_published=True).select_related("specialty")
        offers = []
        for service in rows.prefetch_related("locations", "practitioners"):
            places = [place for place in service.locations.all() if place.pk in self._locations]
            staff = [people[person.pk] for person in service.practitioners.all() if person.pk in people]
            offers.append(Offer(service, places, staff))
        return offers

    @property
    def offer_groups(self) -> list[tuple[str, list[Offer]]]:
        """Offers under the recognised specialty that they belong to; those without one come last."""
        named = sorted(self.offers, key=lambda offer: (_specialty(offer) == "", _specialty(offer)))
        return [(label, list(offers)) for label, offers in groupby(named, key=_specialty)]

    @property
    def open_offers(self) -> list[Offer]:
        """What can be requested now."""
        return [offer for offer in self.offers if offer.is_open]

    @property
    def checked_at(self) -> datetime | None:
        """When a professional number of this provider was last checked, if any was."""
        return max((row.checked_at for row in self.registrations if row.checked_at), default=None)

    @property
    def specialties(self) -> list[str]:
        labels = {str(row) for person in self.practitioners for row in person.specialties.all()}
        return sorted(labels | {label for label, _offers in self.offer_groups if label})


def _specialty(offer: Offer) -> str:
    return offer.service.specialty.label if offer.service.specialty else ""


def _merged(blocks: set[tuple[time, time]]) -> list[tuple[time, time]]:
    """Blocks of one day, joined where they touch or overlap. An end of 00:00 is the end of the day."""
    merged: list[tuple[time, time]] = []
    for starts, ends in sorted(blocks):
        if merged and _end(merged[-1][1]) >= starts:
            if _end(ends) > _end(merged[-1][1]):
                merged[-1] = (merged[-1][0], ends)
        else:
            merged.append((starts, ends))
    return merged


def _end(ends: time) -> time:
    return time.max if ends == time(0) else ends


def public_texts(provider: Provider) -> dict[str, str]:
    """The published presentations by language. One query."""
    return dict(provider.texts.exclude(presentation="").values_list("language", "presentation"))

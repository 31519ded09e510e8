"""Search: which entries fit, in which order, and what would fit otherwise.

Every statement reads at most `WINDOW` rows of what fits, in an order that an index gives: the number of
queries and the work of each do not grow with the number of providers. Everything that ranks reads
`SearchEntry` (Rules 2, point 3).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django.db.models import (
    Avg,
    Case,
    Count,
    Exists,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import ASin, Cos, Least, Power, Radians, RowNumber, Sin, Sqrt

from .enums import MemberRole
from .models import CurrencyRate, Membership, Provider, Registration, SearchEntry, Specialty
from .search import (
    DEFAULT_RADIUS_KM,
    EARTH_KM,
    SearchQuery,
    Sort,
    box_around,
    days_mask,
    distance_km,
    fold,
    window_of,
    words_of,
)

PAGE_SIZE = 10
WINDOW = 2000
"""How many of the fitting entries are looked at, best first. What lies beyond is "more": narrow the search."""
SERVICES_PER_CARD = 3
ENOUGH = 100
"""Where a relaxed search would find this many, it says "more than"."""
FACETS = {
    "kind": "kind",
    "mode": "mode",
    "language": "languages",
    "country": "country",
    "specialty": "specialty_id",
}
NOTHING = Q(pk__in=[])
_FACET_COLUMNS = ("provider_id", *FACETS.values())


@dataclass(frozen=True, slots=True)
class Place:
    """A city that search knows: its name as providers write it, and the middle of their places there."""

    city: str
    country: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class Facet:
    """One value of a filter, and how many providers it would leave; `is_least`: at least that many."""

    value: str
    count: int
    is_least: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Relaxation:
    """How many providers the search would find without one of its filters."""

    filter_name: str
    query: SearchQuery
    count: int
    is_least: bool


@dataclass(slots=True)
class Card:
    """One provider in the results, with its services that fit best."""

    provider: Provider
    entries: list[SearchEntry]
    matches: int
    registrations: list[Registration] = field(default_factory=list)
    distance_km: float | None = None

    @property
    def best(self) -> SearchEntry:
        return self.entries[0]

    @property
    def checked(self) -> Registration | None:
        """The professional number that careteam checked, if it did."""
        return next((row for row in self.registrations if row.checked_at), None)

    @property
    def others(self) -> int:
        """How many more offers of this provider fit."""
        return self.matches - len(self.entries)


@dataclass(slots=True)
class Results:
    """One page of a search."""

    query: SearchQuery
    cards: list[Card]
    total: int
    is_least: bool
    page: int
    pages: int
    sort: Sort
    facets: dict[str, list[Facet]]
    place: Place | None
    places: list[Place]
    relaxations: list[Relaxation]


def search(query: SearchQuery, *, now: datetime) -> Results:
    """Run a search (Rules 2). A page beyond the last one shows the last."""
    plan = _Plan(query, now)
    rows = list(plan.ordered().values_list(*_FACET_COLUMNS)[: WINDOW + 1])
    is_least = len(rows) > WINDOW
    found = list(dict.fromkeys(row[0] for row in rows[:WINDOW]))
    pages = max(-(-len(found) // PAGE_SIZE), 1)
    page = min(max(query.page, 1), pages)
    shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Results(
        query=query,
        cards=_cards(plan, shown),
        total=len(found),
        is_least=is_least,
        page=page,
        pages=pages,
        sort=plan.sort,
        facets=_facets(plan, rows),
        place=plan.place,
        places=plan.places,
        relaxations=_relaxations(plan) if not found else [],
    )


def first_cards(query: SearchQuery, *, now: datetime, limit: int) -> list[Card]:
    """The first few providers of a search, without counting what else fits. Three queries and those of the filters."""
    plan = _Plan(query, now)
    rows = plan.ordered().values_list("provider_id", flat=True)[: limit * SERVICES_PER_CARD * 4]
    return _cards(plan, list(dict.fromkeys(rows))[:limit])


class _Plan:
    """The conditions of a search, one for each filter, and its order. Looks up at most three small things."""

    def __init__(self, query: SearchQuery, now: datetime) -> None:
        self.query = query
        self.now = now
        self.places = known_places(query.city, query.country) if query.city else []
        self.place = self.places[0] if self.places else None
        self.canonical = dict(Specialty.objects.exclude(canonical=None).values_list("pk", "canonical_id"))
        self.conditions: dict[str, Q] = {}
        self._build()

    def _build(self) -> None:
        query = self.query
        if words := words_of(query.words):
            self.conditions["words"] = Q(*(Q(text__contains=word.needle) for word in words))
        if query.specialty:
            chosen = self.canonical.get(query.specialty, query.specialty)
            variants = [code for code, joined in self.canonical.items() if joined == chosen]
            self.conditions["specialty"] = Q(specialty__in=[chosen, *variants])
        if query.country:
            self.conditions["country"] = Q(country=query.country)
        if query.city:
            self.conditions["city"] = self._near()
        if query.language:
            self.conditions["language"] = Q(languages__contains=f" {query.language} ")
        if (days := window_of(query, self.now.date())) is not None:
            first, last = days
            # The last day there ends at most 12 hours after the same day in UTC; this lets an index help.
            end = datetime.combine(last, time(), UTC) + timedelta(hours=36)
            self.mask = days_mask(first, last)
            self.conditions["dates"] = Q(free_day__gt=0, next_free_at__lt=end) if self.mask else NOTHING
        if query.budget is not None:
            self.conditions["budget"] = Q(fee_euro_cents__lte=budget_in_euro_cents(query.budget, query.currency))
        if query.mode:
            self.conditions["mode"] = Q(mode=query.mode)
        if query.kind:
            self.conditions["kind"] = Q(kind=query.kind)

    def _near(self) -> Q:
        """In the city, or within the radius around it; nothing where no provider is in a city of that name."""
        place = self.place
        if place is None:
            return NOTHING
        in_city = Q(city=place.city, country=place.country)
        if place.latitude is None or place.longitude is None:
            return in_city
        radius = self.query.radius_km or DEFAULT_RADIUS_KM
        box = box_around(place.latitude, place.longitude, radius)
        across = Q()
        for west, east in box.longitudes:
            across |= Q(longitude__range=(west, east))
        return (in_city & Q(latitude=None)) | (
            Q(latitude__range=(box.south, box.north)) & across & Q(distance__lte=radius)
        )

    def entries(self, *, without: str = "") -> QuerySet[SearchEntry]:
        """What fits, in no order; `without` leaves one filter out."""
        kept = [condition for name, condition in self.conditions.items() if name != without]
        rows = SearchEntry.objects.all()
        if "dates" in self.conditions and without != "dates":
            rows = rows.alias(free_day=F("free_days").bitand(self.mask))
        if self.place is not None and self.place.latitude is not None and self.place.longitude is not None:
            rows = rows.alias(distance=distance_expression(self.place.latitude, self.place.longitude))
        return rows.filter(*kept)

    def ordered(self) -> QuerySet[SearchEntry]:
        rows = self.entries()
        if self.sort == Sort.RELEVANCE:
            rows = rows.alias(closeness=closeness_expression(self.query.words))
        return rows.order_by(*self.order())

    @property
    def sort(self) -> Sort:
        """The order that is possible: without words there is no relevance, without a place no distance."""
        match self.query.sort:
            case Sort.RELEVANCE if "words" not in self.conditions:
                return Sort.EARLIEST
            case Sort.DISTANCE if self.place is None or self.place.latitude is None:
                return Sort.EARLIEST
            case chosen:
                return chosen

    def order(self) -> list:
        """The order of the results, always down to the last tie."""
        earliest = F("next_free_at").asc(nulls_last=True)
        first = {
            Sort.EARLIEST: [earliest],
            Sort.PRICE: [F("fee_euro_cents").asc(nulls_last=True), earliest],
            Sort.DISTANCE: [F("distance").asc(nulls_last=True), earliest],
            Sort.RELEVANCE: [F("closeness").desc(), earliest],
        }
        return [*first[self.sort], "provider_id", "pk"]


def closeness_expression(question: str):
    """How close the words are: 2 for each that stands there as typed, 1 for each that a word there begins with."""
    total: Any = Value(0)
    for word in words_of(question):
        total = total + Case(
            When(text__contains=f" {word.whole} ", then=Value(2)),
            When(text__contains=f" {word.stem}", then=Value(1)),
            default=Value(0),
            output_field=IntegerField(),
        )
    return total


def distance_expression(latitude: float, longitude: float):
    """The great-circle distance of an entry in kilometres, computed by the database; empty without coordinates."""
    number = FloatField()
    south_north = (Radians(F("latitude")) - Radians(Value(latitude, number))) / Value(2.0, number)
    west_east = (Radians(F("longitude")) - Radians(Value(longitude, number))) / Value(2.0, number)
    half = Power(Sin(south_north), Value(2.0, number)) + Cos(Radians(Value(latitude, number))) * Cos(
        Radians(F("latitude"))
    ) * Power(Sin(west_east), Value(2.0, number))
    return Value(2 * EARTH_KM, number) * ASin(Sqrt(Least(half, Value(1.0, number))))


def known_places(city: str, country: str = "") -> list[Place]:
    """The cities of that name where somebody can be found, the one with most offers first."""
    name = fold(city.partition(",")[0])
    if not name:
        return []
    rows = SearchEntry.objects.filter(city=name)
    if country:
        rows = rows.filter(country=country)
    return [
        Place(name, row["country"], row["south_north"], row["west_east"])
        for row in rows.values("country")
        .annotate(offers=Count("pk"), south_north=Avg("latitude"), west_east=Avg("longitude"))
        .order_by("-offers", "country")[:5]
    ]


def budget_in_euro_cents(budget: Decimal, currency: str) -> int:
    """A budget as euro cents, rounded up so that a fee of just that amount fits; -1 in an unknown currency."""
    rate = CurrencyRate.objects.filter(currency=currency).values_list("per_euro", flat=True).first()
    if not rate:
        return -1
    return int((budget / rate * 100).quantize(Decimal(1), rounding=ROUND_CEILING))


def _cards(plan: _Plan, provider_ids: Sequence[int]) -> list[Card]:
    """The providers of one page with their best entries. Asks again whether they are public."""
    if not provider_ids:
        return []
    rows = plan.ordered().filter(provider__in=provider_ids)
    ranked = rows.annotate(
        place_in_card=Window(RowNumber(), partition_by=F("provider_id"), order_by=plan.order()),
        matches=Window(Count("pk"), partition_by=F("provider_id")),
    ).values_list("pk", "provider_id", "matches", "place_in_card")
    chosen: dict[int, list[int]] = defaultdict(list)
    matches: dict[int, int] = {}
    for pk, provider_id, count, _place in ranked.filter(place_in_card__lte=SERVICES_PER_CARD).order_by("place_in_card"):
        chosen[provider_id].append(pk)
        matches[provider_id] = count
    entries = (
        SearchEntry.objects.filter(pk__in=[pk for pks in chosen.values() for pk in pks])
        .select_related("service", "location", "specialty")
        .defer("text")
        .in_bulk()
    )
    numbers = Registration.objects.filter(withdrawn_at=None).order_by("pk")
    public = Provider.objects.public().prefetch_related(Prefetch("registrations", numbers)).in_bulk(provider_ids)
    cards = []
    for provider_id in provider_ids:
        if provider_id not in public or provider_id not in chosen:
            continue  # changed since the index was written
        provider = public[provider_id]
        card = Card(
            provider=provider,
            entries=[entries[pk] for pk in chosen[provider_id]],
            matches=matches[provider_id],
            registrations=list(provider.registrations.all()),
        )
        card.distance_km = _distance(plan.place, card.best)
        cards.append(card)
    return cards


def _distance(place: Place | None, entry: SearchEntry) -> float | None:
    if place is None or place.latitude is None or place.longitude is None:
        return None
    if entry.latitude is None or entry.longitude is None:
        return None
    return distance_km(place.latitude, place.longitude, entry.latitude, entry.longitude)


def _facets(plan: _Plan, rows: Sequence[tuple]) -> dict[str, list[Facet]]:
    """For each filter its values with the number of providers, all other filters kept."""
    facets = {}
    for name in FACETS:
        own = rows
        if name in plan.conditions:
            own = list(plan.entries(without=name).order_by().values_list(*_FACET_COLUMNS)[: WINDOW + 1])
        facets[name] = _count(plan, name, own)
    return facets


def _count(plan: _Plan, name: str, rows: Sequence[tuple]) -> list[Facet]:
    column = _FACET_COLUMNS.index(FACETS[name])
    providers: dict[str, set[int]] = defaultdict(set)
    for row in rows[:WINDOW]:
        for value in _values(plan, name, row[column]):
            providers[value].add(row[0])
    chosen = next(iter(_values(plan, name, getattr(plan.query, name))), "")
    if chosen and chosen not in providers:
        providers[chosen] = set()
    is_least = len(rows) > WINDOW
    facets = [Facet(value, len(found), is_least, value == chosen) for value, found in providers.items()]
    return sorted(facets, key=lambda facet: (-facet.count, facet.value))


def _values(plan: _Plan, name: str, value: str | None) -> Iterable[str]:
    if not value:
        return ()
    if name == "language":
        return value.split()
    if name == "specialty":
        return (plan.canonical.get(value, value),)
    return (value,)


def _relaxations(plan: _Plan) -> list[Relaxation]:
    """For a search that finds nothing: what each single filter hides, the most first."""
    relaxations = []
    for name in plan.conditions:
        ids = plan.entries(without=name).order_by().values_list("provider_id", flat=True).distinct()[: ENOUGH + 1]
        count = len(ids)
        if count:
            relaxed = plan.query.without(name)
            relaxations.append(Relaxation(name, relaxed, min(count, ENOUGH), count > ENOUGH))
    return sorted(relaxations, key=lambda relaxation: -relaxation.count)


def solely_owned_by(user) -> list[Provider]:
    """The providers that nobody else owns, by name; those that have ended do not count."""
    others = Membership.objects.filter(provider=OuterRef("pk"), role=MemberRole.OWNER).exclude(user=user)
    own = Provider.objects.with_member(user, MemberRole.OWNER)
    return list(own.filter(~Exists(others)).order_by("name", "pk"))

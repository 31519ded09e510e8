"""Search against the database, and against a naive search in Python."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from providers.enums import ProviderKind, ProviderState, ServiceMode
from providers.models import Location, Practitioner, Provider, SearchEntry, Service, Specialty
from providers.queries import search
from providers.search import SearchQuery, Sort, days_mask, distance_km, fold
from providers.search_index import record_availability, refresh_search_entries
from tests.support.factories import make_open_provider

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
CITIES = [("Paris", "FR", 48.8566, 2.3522), ("Lyon", "FR", 45.764, 4.8357), ("Genève", "CH", 46.2044, 6.1432)]


def indexed(**kwargs):
    made = make_open_provider(**kwargs)
    refresh_search_entries([made.provider.pk])
    return made


def names(query: SearchQuery) -> list[str]:
    return [card.provider.name for card in search(query, now=NOW).cards]


def free(made, *days: int, hour: int = 10):
    """The provider is free on these days from NOW."""
    starts = [NOW.replace(hour=hour) + timedelta(days=day) for day in days]
    mask = sum(days_mask(start.date(), start.date()) for start in starts)
    record_availability(made.provider.pk, {(made.service.pk, made.location.pk): (min(starts), mask)})


@pytest.fixture
def cardiologist():
    return indexed(
        name="Dr Zoé Lefèvre",
        location={"city": "Lyon", "latitude": 45.764, "longitude": 4.8357},
        service={"specialty_id": "SM04", "name_en": "Heart check", "name_fr": "Bilan cardiaque"},
    )


@pytest.mark.parametrize(
    "words",
    [
        "cardiologue Lyon",
        "CARDIOLOGY",
        "zoe lefevre",
        "bilan cardiaque",
        "heart",
        "médecin france",
        "Lefèv",
        "doctor lyon",
        "طبيب قلب",
    ],
)
def test_plain_words_find_people_services_specialties_and_places(cardiologist, words):
    indexed(name="Dr Other", service={"specialty_id": "SM15", "name_en": "Skin", "name_fr": "Peau"})
    assert names(SearchQuery(words=words))[0] == "Dr Zoé Lefèvre"
    assert "Dr Other" not in names(SearchQuery(words="cardiologue Lyon"))


def test_signs_of_like_are_words_like_others(cardiologist):
    assert names(SearchQuery(words="100%")) == []
    assert names(SearchQuery(words="%%%")) == ["Dr Zoé Lefèvre"]  # no word at all


def test_a_variant_is_found_under_its_canonical_specialty():
    indexed(name="Dr Variant", service={"specialty_id": "SM73"})
    assert names(SearchQuery(specialty="SM04")) == ["Dr Variant"]
    assert names(SearchQuery(specialty="SM73")) == ["Dr Variant"]
    assert names(SearchQuery(words="cardiologue")) == ["Dr Variant"]
    facets = search(SearchQuery(), now=NOW).facets["specialty"]
    assert [(facet.value, facet.count) for facet in facets] == [("SM04", 1)]


@pytest.mark.parametrize("state", [ProviderState.APPLIED, ProviderState.SUSPENDED, ProviderState.ENDED])
def test_a_provider_that_is_not_active_appears_nowhere(client, cardiologist, state):
    """pains 43: an unverified provider has no public page and no place in search, even before the sweep ran."""
    provider = cardiologist.provider
    page = f"/en/providers/dr-zoe-lefevre-{provider.public_id}/"
    assert client.get(page).status_code == 200
    Provider.objects.filter(pk=provider.pk).update(state=state)
    assert names(SearchQuery(words="cardiologue")) == []
    refresh_search_entries([provider.pk])
    assert not SearchEntry.objects.exists()
    assert search(SearchQuery(), now=NOW).total == 0
    assert client.get(page).status_code == 404


def test_an_unpublished_page_is_not_found(cardiologist):
    Provider.objects.filter(pk=cardiologist.provider.pk).update(published_at=None)
    refresh_search_entries([cardiologist.provider.pk])
    assert names(SearchQuery()) == []


def test_refreshing_twice_changes_nothing_and_keeps_availability(cardiologist):
    free(cardiologist, 2)
    before = list(SearchEntry.objects.values())
    refresh_search_entries([cardiologist.provider.pk])
    assert list(SearchEntry.objects.values()) == before


def test_what_cannot_be_requested_leaves_the_index(cardiologist):
    def entries() -> int:
        return refresh_search_entries([cardiologist.provider.pk])

    for model, pk, field in (
        (Service, cardiologist.service.pk, "is_published"),
        (Location, cardiologist.location.pk, "is_active"),
        (Practitioner, cardiologist.practitioner.pk, "is_active"),
    ):
        model.objects.filter(pk=pk).update(**{field: False})
        assert entries() == 0
        assert not SearchEntry.objects.exists()
        model.objects.filter(pk=pk).update(**{field: True})
        assert entries() == 1


def test_orders():
    near = indexed(name="Near", location={"city": "Paris"}, service={"fee_minor": 9000})
    far = indexed(
        name="Far",
        location={"city": "Versailles", "latitude": 48.8049, "longitude": 2.1204},
        service={"fee_minor": 4000},
    )
    never = indexed(name="Never", location={"latitude": None, "longitude": None}, service={"fee_minor": 6000})
    free(near, 5)
    free(far, 2)
    assert names(SearchQuery(sort=Sort.EARLIEST)) == ["Far", "Near", "Never"]
    assert names(SearchQuery(sort=Sort.PRICE)) == ["Far", "Never", "Near"]
    assert names(SearchQuery(sort=Sort.DISTANCE, city="paris", radius_km=50)) == ["Near", "Far", "Never"]
    assert names(SearchQuery(sort=Sort.DISTANCE)) == ["Far", "Near", "Never"]
    assert search(SearchQuery(sort=Sort.DISTANCE), now=NOW).sort == Sort.EARLIEST
    assert never.provider.name == "Never"


def test_relevance_puts_whole_words_first():
    inside = indexed(name="Institut Saint-Lyonnais")
    whole = indexed(name="Centre Lyon")
    free(inside, 1)
    free(whole, 9)
    assert names(SearchQuery(words="lyon")) == ["Centre Lyon", "Institut Saint-Lyonnais"]


def test_money_of_the_contract_never_reaches_the_statements_that_rank(cardiologist):
    """Rules 2, point 3: what finds and orders reads search entries and never the terms of a contract."""
    Provider.objects.update(mediation_fee_bp=5000)
    for sort in Sort:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            search(SearchQuery(words="cardiologue", city="Lyon", sort=sort), now=NOW)
        ranking = [row["sql"] for row in captured if "ORDER BY" in row["sql"] and "searchentry" in row["sql"]]
        assert ranking
        for sql in ranking:
            assert "mediation" not in sql
            assert "contract" not in sql
            assert 'providers_provider"' not in sql


def test_a_date_window_asks_for_local_days(cardiologist):
    free(cardiologist, 3, 20)
    day = NOW.date()
    for first, last, is_found in ((3, 3, True), (4, 19, False), (1, 5, True), (15, 25, True), (21, 60, False)):
        query = SearchQuery(from_day=day + timedelta(days=first), to_day=day + timedelta(days=last))
        assert bool(names(query)) == is_found


def test_a_budget_is_compared_across_currencies():
    indexed(name="Yen", service={"fee_minor": 5000, "currency": "JPY"})
    indexed(name="Euro", service={"fee_minor": 5000, "currency": "EUR"})
    assert set(names(SearchQuery(budget=Decimal(50), currency="EUR"))) == {"Yen", "Euro"}
    assert names(SearchQuery(budget=Decimal(5000), currency="JPY")) == ["Yen"]
    assert names(SearchQuery(budget=Decimal(50), currency="JPY")) == []


def test_a_city_with_accents_and_a_namesake():
    indexed(name="France", location={"city": "Valence", "country": "FR", "latitude": 44.93, "longitude": 4.89})
    indexed(name="Spain", location={"city": "Valencé", "country": "ES", "latitude": 39.47, "longitude": -0.38})
    results = search(SearchQuery(city="VALENCE"), now=NOW)
    assert [card.provider.name for card in results.cards] == ["Spain"]
    assert [place.country for place in results.places] == ["ES", "FR"]
    assert names(SearchQuery(city="valence", country="FR")) == ["France"]


def test_an_empty_result_says_what_to_relax(cardiologist):
    results = search(SearchQuery(words="cardiologue", city="Lyon", language="ja"), now=NOW)
    assert results.total == 0
    assert [(row.filter_name, row.count) for row in results.relaxations] == [("language", 1)]
    assert names(results.relaxations[0].query) == ["Dr Zoé Lefèvre"]


def test_an_unknown_city_is_told_apart(cardiologist):
    results = search(SearchQuery(city="Atlantis"), now=NOW)
    assert (results.total, results.place) == (0, None)
    assert [row.filter_name for row in results.relaxations] == ["city"]


# --- Against a naive search ---------------------------------------------------------------------------


def make_many(count: int, seed: int = 7) -> None:
    """Providers of every sort, written straight into the tables."""
    rng = random.Random(seed)
    now = timezone.now()
    specialties = [*Specialty.objects.filter(canonical=None).order_by("pk").values_list("pk", flat=True)[:4]]
    providers = Provider.objects.bulk_create(
        Provider(
            name=f"Dr {rng.choice(['Ada', 'Éric', 'Inès'])} {number}",
            kind=rng.choice(ProviderKind.values),
            country="FR",
            state=ProviderState.ACTIVE,
            published_at=now,
            contract_accepted_at=now,
            ethics_accepted_at=now,
            languages=rng.sample(["fr", "en", "de", "ar"], rng.randint(1, 3)),
        )
        for number in range(count)
    )
    for provider in providers:
        city, country, latitude, longitude = rng.choice(CITIES)
        person = Practitioner.objects.create(provider=provider, name=provider.name, profession_id="10")
        place = Location.objects.create(
            provider=provider,
            name="Practice",
            address="1 street",
            city=city,
            country=country,
            latitude=latitude + rng.uniform(-0.5, 0.5),
            longitude=longitude + rng.uniform(-0.5, 0.5),
            time_zone="Europe/Paris",
        )
        for _ in range(rng.randint(1, 4)):
            service = Service.objects.create(
                provider=provider,
                name_en=rng.choice(["Consultation", "Operation"]),
                specialty_id=rng.choice(specialties),
                mode=rng.choice(ServiceMode.values),
                duration=30,
                fee_minor=rng.randrange(2000, 20000, 500),
                currency="EUR",
            )
            service.practitioners.add(person)
            service.locations.add(place)
    refresh_search_entries(provider.pk for provider in providers)
    entries = list(SearchEntry.objects.order_by("pk"))
    for entry in entries:
        day = rng.randrange(0, 60)
        if day % 7:
            entry.next_free_at = NOW + timedelta(days=day, minutes=rng.randrange(600))
            entry.free_days = days_mask(entry.next_free_at.date(), entry.next_free_at.date())
    SearchEntry.objects.bulk_update(entries, ["next_free_at", "free_days"])


def fits(entry: SearchEntry, query: SearchQuery, middle) -> bool:
    """The same question, asked of one row in Python."""
    return all(
        (
            not query.words or all(word in entry.text for word in fold(query.words).split()),
            not query.specialty or entry.specialty_id == query.specialty,
            not query.country or entry.country == query.country,
            not query.city or distance_km(*middle, entry.latitude, entry.longitude) <= query.radius_km,
            not query.language or query.language in entry.languages.split(),
            query.from_day is None
            or (entry.next_free_at is not None and query.from_day <= entry.next_free_at.date() <= query.to_day),
            query.budget is None or entry.fee_euro_cents <= query.budget * 100,
            not query.mode or entry.mode == query.mode,
            not query.kind or entry.kind == query.kind,
        )
    )


def random_query(rng: random.Random, specialties: list[str]) -> SearchQuery:
    def maybe(*values):
        return rng.choice(values) if rng.random() < 0.35 else None

    first = NOW.date() + timedelta(days=rng.randrange(40))
    has_days = rng.random() < 0.3
    return SearchQuery(
        words=maybe("ines", "eric", "consultation", "operation ada", "lyon") or "",
        specialty=maybe(*specialties) or "",
        country=maybe("FR", "CH") or "",
        city=maybe("Paris", "Lyon", "geneve") or "",
        radius_km=rng.choice([10, 25, 50, 250]),
        language=maybe("fr", "en", "de", "ar") or "",
        from_day=first if has_days else None,
        to_day=first + timedelta(days=rng.randrange(20)) if has_days else None,
        budget=maybe(Decimal(40), Decimal(90), Decimal(150)),
        mode=maybe(*ServiceMode.values) or "",
        kind=maybe(*ProviderKind.values) or "",
        sort=rng.choice(list(Sort)),
    )


@pytest.mark.slow
def test_filters_and_facets_agree_with_a_naive_search():
    """80 random searches over random providers: the same providers, and the same count behind each filter."""
    make_many(90)
    rng = random.Random(11)
    entries = list(SearchEntry.objects.all())
    specialties = sorted({entry.specialty_id for entry in entries})
    found_something = 0
    for _ in range(80):
        query = random_query(rng, specialties)
        results = search(query, now=NOW)
        middle = (results.place.latitude, results.place.longitude) if results.place else None
        if query.city and query.country and results.place is None:
            assert results.total == 0
            continue
        expected = {entry.provider_id for entry in entries if fits(entry, query, middle)}
        assert results.total == len(expected), query
        found_something += bool(expected)
        for name, values in (("kind", ProviderKind.values), ("mode", ServiceMode.values), ("specialty", specialties)):
            counts = {facet.value: facet.count for facet in results.facets[name] if facet.count}
            without = {
                value: {e.provider_id for e in entries if fits(e, replace(query, **{name: value}), middle)}
                for value in values
            }
            assert counts == {value: len(ids) for value, ids in without.items() if ids}, (name, query)
    assert found_something > 24


@pytest.mark.slow
@pytest.mark.parametrize("sort", list(Sort))
def test_pages_hold_every_provider_once_and_stay_as_they_are(sort):
    make_many(57)
    SearchEntry.objects.update(next_free_at=NOW, fee_euro_cents=5000)  # all equal: only the ties decide
    query = SearchQuery(sort=sort, city="Lyon" if sort == Sort.DISTANCE else "", radius_km=250)
    pages = search(query, now=NOW).pages

    def walk() -> list[int]:
        shown = [search(replace(query, page=page), now=NOW).cards for page in range(1, pages + 1)]
        return [card.provider.pk for cards in shown for card in cards]

    seen = walk()
    assert len(seen) == len(set(seen)) == search(query, now=NOW).total
    assert seen == walk()
    beyond = search(replace(query, page=10_000), now=NOW)
    assert beyond.page == pages


@pytest.mark.slow
def test_the_number_of_queries_does_not_depend_on_the_number_of_providers():
    """pains 33: ten providers or five hundred, the same statements."""

    def count(query: SearchQuery) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert search(query, now=NOW).cards
        return len(captured)

    queries = [
        SearchQuery(),
        SearchQuery(words="consultation", country="FR", mode="on_site", city="Lyon", radius_km=250),
    ]
    make_many(20)
    few = [count(query) for query in queries]
    make_many(480, seed=8)
    assert [count(query) for query in queries] == few
    assert max(few) <= 14

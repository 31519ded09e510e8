"""The search page, a provider's page and kept searches, through HTTP."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings.slots import read_slot_token
from providers.models import ProviderText, Registration, SavedSearch
from providers.search_index import refresh_search_entries
from tests.support.factories import CareteamFactory, PatientFactory, make_open_provider
from tests.support.html import parse

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    made = make_open_provider(
        name="Dr Zoé Lefèvre",
        service={"specialty_id": "SM04", "name_en": "Heart check", "name_fr": "Bilan cardiaque", "fee_minor": 9000},
        location={"city": "Lyon", "name": "Cabinet des Quais"},
    )
    refresh_search_entries([made.provider.pk])
    return made


def text_of(response) -> str:
    return " ".join(" ".join(parse(response.content.decode()).itertext()).split())


def test_a_result_shows_the_four_things(client, made):
    """Rules 2, point 2: services in recognised specialties, place, next free times on both clocks, fees."""
    client.cookies["tz"] = "Asia/Tokyo"
    response = client.get("/en/find-care/", {"q": "cardiologue lyon"})
    text = text_of(response)
    for part in (
        "1 provider",
        "Heart check",
        "Cardiology",
        "Cabinet des Quais, Lyon, France",
        "€90",
        "Paris time",
        "for you",
    ):
        assert part in text
    links = [a.get("href") for a in parse(response.content.decode()).iter("a") if a.get("class") == "free-time"]
    assert len(links) == 3
    slot = read_slot_token(links[0].partition("?slot=")[2].replace("%3D", "="))
    assert (slot.service_id, slot.location_id) == (made.service.pk, made.location.pk)


def test_the_page_in_french(client, made):
    text = text_of(client.get("/fr/find-care/", {"q": "cardiologist"}))
    assert "Bilan cardiaque" in text
    assert "Cardiologie et Maladies vasculaires" in text


def test_a_wrong_value_costs_only_its_own_filter(client, made):
    today = timezone.now().date()
    wrong = {
        "country": "XX",
        "from": "yesterday",
        "budget": "lots",
        "page": "-3",
        "radius": "x",
        "sort": "paid",
        "q": "heart",
    }
    response = client.get("/en/find-care/", wrong)
    assert response.status_code == 200
    assert "1 provider" in text_of(response)
    assert "Enter an amount in figures" in text_of(response)
    late = {"from": (today + timedelta(days=200)).isoformat()}
    assert "choose an earlier day" in text_of(client.get("/en/find-care/", late))


def test_a_budget_is_in_euros_until_another_currency_is_chosen(client, made):
    page = parse(client.get("/en/find-care/").content.decode())
    select = next(control for control in page.iter("select") if control.get("name") == "currency")
    assert next(select.iter("option")).get("value") == "EUR"


def test_htmx_gets_the_results_alone_and_caches_know(client, made):
    full = client.get("/en/find-care/", {"q": "heart"})
    part = client.get("/en/find-care/", {"q": "heart"}, headers={"HX-Request": "true"})
    assert b"<html" in full.content
    assert b"<html" not in part.content
    assert b'id="results"' in part.content
    assert "HX-Request" in part["Vary"]
    back = client.get("/en/find-care/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert b"<html" in back.content


def test_nothing_found_offers_what_to_drop(client, made):
    response = client.get("/en/find-care/", {"q": "cardiologue", "language": "ja"})
    assert "in any language" in text_of(response)
    assert "one provider" in text_of(response)


def test_only_a_number_that_careteam_checked_is_shown_as_checked(client, made):
    """Rules 2, point 4."""
    number = Registration.objects.create(provider=made.provider, register="RPPS", country="FR", number="99700000014")
    page = f"/en/providers/dr-zoe-lefevre-{made.provider.public_id}/"
    assert "Declared by the provider" in text_of(client.get("/en/find-care/"))
    assert "Declared by the provider, not checked" in text_of(client.get(page))
    Registration.objects.filter(pk=number.pk).update(
        checked_at=timezone.now(), checked_by=CareteamFactory(), evidence="the public register"
    )
    assert "Professional number checked on" in text_of(client.get("/en/find-care/"))
    assert "Checked by MEDICAIM on" in text_of(client.get(page))


def test_a_provider_page_tells_what_the_rules_ask(client, made):
    """pains 44: a request is called a request."""
    ProviderText.objects.create(provider=made.provider, language="fr", presentation="Bonjour.", draft="Secret draft")
    response = client.get(f"/en/providers/dr-zoe-lefevre-{made.provider.public_id}/")
    text = text_of(response)
    for part in (
        "declared by the provider and not checked",
        "Bonjour.",
        "Written in: French",
        "09:00–17:00",
        "You send a request",
    ):
        assert part in text
    assert "Emergency?" in text
    assert "Secret draft" not in text
    assert " book " not in text.lower()
    assert f"/en/request/{made.service.public_id}/" in response.content.decode()


def test_an_old_name_in_the_address_leads_to_the_new_one(client, made):
    response = client.get(f"/en/providers/old-name-{made.provider.public_id}/")
    assert (response.status_code, response["Location"]) == (
        301,
        f"/en/providers/dr-zoe-lefevre-{made.provider.public_id}/",
    )


def test_the_page_asks_a_bounded_number_of_queries(client, made):
    """pains 33: twelve more providers on the page cost no more statements."""

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/en/find-care/").status_code == 200
        return len(captured)

    one = count()
    ids = [make_open_provider().provider.pk for _ in range(12)]
    refresh_search_entries(ids)
    assert count() == one


def test_a_search_is_kept_and_forgotten(client, client_of, made):
    patient, other = PatientFactory(), PatientFactory()
    browser = client_of(patient)
    answer = browser.post("/en/saved-searches/save/", {"name": "Heart", "query": "q=heart&evil=1&page=4"})
    assert answer.status_code == 302
    saved = SavedSearch.objects.get()
    assert (saved.user, saved.name, saved.query) == (patient, "Heart", "q=heart")
    browser.post("/en/saved-searches/save/", {"name": "My heart", "query": "q=heart"})
    assert SavedSearch.objects.get().name == "My heart"
    assert "/en/find-care/?q=heart" in browser.get("/en/saved-searches/").content.decode()
    delete = f"/en/saved-searches/{saved.public_id}/delete/"
    assert client_of(other).post(delete).status_code == 404
    assert browser.get(delete).status_code == 405
    assert SavedSearch.objects.count() == 1
    browser.post(delete)
    assert not SavedSearch.objects.exists()


def test_there_is_a_bound_to_kept_searches(client_of):
    patient = PatientFactory()
    SavedSearch.objects.bulk_create(SavedSearch(user=patient, name="x", query=f"q={number}") for number in range(50))
    browser = client_of(get_user_model().objects.get(pk=patient.pk))
    answer = browser.post("/en/saved-searches/save/", {"name": "one more", "query": "q=more"}, follow=True)
    assert "fifty searches" in text_of(answer)
    assert SavedSearch.objects.count() == 50


@pytest.mark.parametrize(
    ("path", "where", "city", "country"),
    [
        ("/en/", "Lyon", "Lyon", ""),
        ("/en/", "france", "", "FR"),
        ("/en/", "Lyon, France", "Lyon", "FR"),
        ("/fr/", "Lyon, allemagne", "Lyon", "DE"),
        ("/fr/", "Germany", "", "DE"),
        ("/en/", "Saint-Denis, La Réunion quarter", "Saint-Denis, La Réunion quarter", ""),
    ],
)
def test_one_box_for_the_place_finds_a_city_a_country_or_both(client, made, path, where, city, country):
    """The first page asks for the place in one box; the results show it in their own fields."""
    page = parse(client.get(f"{path}find-care/", {"where": where}).text)

    assert page.find(".//input[@name='city']").get("value", "") == city
    chosen = page.findall(".//select[@name='country']/option[@selected]")
    assert [option.get("value") for option in chosen] == [country]


def test_the_days_offered_on_the_first_page_are_days_of_the_search(client, made):
    page = parse(client.get("/en/").text)
    days = [option.get("value") for option in page.find(".//select[@name='to']").iter("option")]

    assert days[0] == ""
    for day in days[1:]:
        shown = parse(client.get("/en/find-care/", {"to": day}).text)
        assert shown.find(".//input[@name='to']").get("value") == day
        assert not [part for part in shown.iter("div") if "field--wrong" in part.get("class", "")]

"""The front door: the search in the first screen, light pages, the header of each role, errors that help."""

import gzip
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import override_settings

from tests.support.factories import UserFactory, make_open_provider
from tests.support.html import assert_sound, parse, text_of

pytestmark = pytest.mark.django_db


def header_links(response):
    header = parse(response.text).find(".//nav[@aria-label='Main']")
    return [text_of(link) for link in header.iter("a")]


def test_the_search_stands_on_the_first_page_and_asks_by_get(client):
    form = parse(client.get("/en/").text).find(".//form[@role='search']")

    assert (form.get("method"), form.get("action")) == ("get", "/en/find-care/")
    names = [field.get("name") for field in form.iter() if field.tag in {"input", "select"}]
    assert names == ["q", "where", "to"]


@pytest.mark.parametrize("path", ["", "contact/", "how-it-works/", "terms/"])
def test_the_line_for_an_emergency_stands_once(client, path):
    assert client.get(f"/en/{path}").text.count("<strong>Emergency?</strong>") == 1


def test_the_first_page_weighs_less_than_100_kilobytes(client):
    """A phone on a weak network gets the first page quickly."""
    response = client.get("/en/")
    tree = parse(response.text)
    addresses = [element.get("src") for element in tree.iter() if element.get("src")]
    addresses += [link.get("href") for link in tree.iter("link") if link.get("rel") in {"icon", "stylesheet"}]

    weight = len(gzip.compress(response.content))
    for address in addresses:
        found = finders.find(address.removeprefix(settings.STATIC_URL))
        weight += len(gzip.compress(Path(found).read_bytes()))
    assert weight <= 100_000


def test_a_visitor_is_offered_to_sign_in_and_the_other_languages(client):
    links = header_links(client.get("/en/"))

    assert links == ["Find care", "How it works", "Français", "العربيّة", "Sign in"]


def test_the_header_shows_each_role_only_its_own_links(client_of):
    person = header_links(client_of(UserFactory()).get("/en/"))
    careteam = header_links(client_of(UserFactory(is_staff=True)).get("/en/"))

    assert "Careteam" not in person
    assert "Careteam" in careteam
    assert "Requests" not in person
    assert "Sign in" not in person


@pytest.mark.parametrize(
    ("path", "here"),
    [("workspace/agenda/", "Agenda"), ("workspace/requests/", "Requests"), ("workspace/{provider}/hours/", "My page")],
)
def test_the_header_names_one_page_as_the_current_one(client_of, path, here):
    opened = make_open_provider()
    tree = parse(client_of(opened.owner).get("/en/" + path.format(provider=opened.provider.public_id)).text)
    nav = next(part for part in tree.iter("ul") if part.get("class") == "nav")
    assert [text_of(link) for link in nav.iter("a") if link.get("aria-current")] == [here]


def test_signing_out_is_a_form_not_a_link(client_of):
    page = parse(client_of(UserFactory()).get("/en/").text)
    forms = [form for form in page.iter("form") if form.get("action") == "/en/account/logout/"]

    assert forms
    assert {form.get("method") for form in forms} == {"post"}


def test_a_missing_page_is_said_kindly_without_a_session(client):
    response = client.get("/en/nothing-here/")

    assert response.status_code == 404
    assert_sound(response.text)
    assert "We cannot find this page" in response.text
    assert not response.cookies


def test_a_form_from_elsewhere_is_refused_with_the_reason(client):
    from django.test import Client

    response = Client(enforce_csrf_checks=True).post("/en/time-zone/", {"time_zone": "Asia/Tokyo"})

    assert response.status_code == 403
    assert "Nothing was changed" in response.text


def test_our_own_mistake_shows_a_page_that_needs_no_database(client, django_assert_num_queries, rf):
    from medicaim.views import server_error

    with django_assert_num_queries(0):
        response = server_error(rf.get("/en/"))

    assert response.status_code == 500
    assert_sound(response.text)


def test_the_chosen_time_zone_stays(client):
    response = client.post("/en/time-zone/", {"time_zone": "Asia/Kathmandu", "next": "/en/contact/"})

    assert (response.status_code, response["Location"]) == (302, "/en/contact/")
    assert response.cookies["tz"].value == "Asia/Kathmandu"
    assert response.cookies["tz_chosen"].value == "1"
    page = parse(client.get("/en/time-zone/").text)
    chosen = [option.get("value") for option in page.iter("option") if option.get("selected") is not None]
    assert chosen == ["Asia/Kathmandu"]


@pytest.mark.parametrize("elsewhere", ["https://evil.example.com/", "//evil.example.com", "javascript:x()"])
def test_the_time_zone_form_leads_nowhere_else(client, elsewhere):
    response = client.post("/en/time-zone/", {"time_zone": "Asia/Tokyo", "next": elsewhere})

    assert response["Location"] == "/en/"


def test_a_time_zone_that_does_not_exist_is_refused_beside_the_field(client):
    response = client.post("/en/time-zone/", {"time_zone": "Mars/Olympus"})

    assert response.status_code == 200
    assert "error-summary" in response.text
    assert "tz" not in response.cookies


def test_the_gallery_is_only_for_development():
    import importlib

    from django.urls import clear_url_caches

    import medicaim.urls

    with override_settings(DEV_OUTBOX=False):
        importlib.reload(medicaim.urls)
        routes = [str(pattern.pattern) for pattern in medicaim.urls.urlpatterns]
    importlib.reload(medicaim.urls)
    clear_url_caches()

    assert "dev/" not in routes

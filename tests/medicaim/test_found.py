"""What search engines and shared links get: addresses, languages, structured data, sitemaps, pictures, care pages."""

import io
import json
import xml.etree.ElementTree as ET
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from bookings.services.search import refresh_availability
from medicaim import sitemaps
from medicaim.access import ACCESS
from medicaim.common.access import ANYONE
from medicaim.indexing import INDEXED
from providers import services
from providers.care_areas import refresh_care_areas
from providers.enums import ProviderKind
from providers.links import page_url
from providers.models import CareArea, Provider, ProviderText
from providers.search_index import refresh_search_entries
from tests.support.factories import LocationFactory, ServiceFactory, make_open_provider
from tests.support.html import assert_sound, parse, text_of
from tests.support.schema_org import TYPES, assert_valid, data_of, faults

pytestmark = pytest.mark.django_db
SITEMAP = {"s": sitemaps.NAMESPACE}


def head(response):
    return parse(response.text).find("head")


def metas(response):
    return {tag.get("property") or tag.get("name"): tag.get("content") for tag in head(response).iter("meta")}


def links(response, rel):
    return [tag for tag in head(response).iter("link") if tag.get("rel") == rel]


def make_cardiologists(number=2, country="FR", **changes):
    made = []
    for place in range(number):
        one = make_open_provider(
            service={"specialty_id": "SM04", "fee_minor": 5000 + 3000 * place},
            location={"country": country, "city": ("Paris", "Lyon", "Nice")[place % 3]},
            practitioner={"specialties": ["SM04"]},
            country=country,
            **changes,
        )
        made.append(one)
    refresh_search_entries([one.provider.pk for one in made])
    refresh_care_areas(now=timezone.now())
    return made


# --- Addresses ------------------------------------------------------------------------------------


def test_only_pages_that_anyone_may_read_are_listed():
    assert {name: ACCESS[name] for name in INDEXED} == dict.fromkeys(INDEXED, ANYONE)


def test_a_listed_page_says_where_it_is_in_each_language(client):
    response = client.get("/fr/how-it-works/?utm_source=elsewhere")

    assert [link.get("href") for link in links(response, "canonical")] == [f"{settings.SITE_URL}/fr/how-it-works/"]
    alternates = {link.get("hreflang"): link.get("href") for link in links(response, "alternate")}
    expected = {code: f"{settings.SITE_URL}/{code}/how-it-works/" for code, _name in settings.LANGUAGES}
    assert alternates == {**expected, "x-default": expected[settings.LANGUAGE_CODE]}
    for address in expected.values():
        assert client.get(urlsplit(address).path).status_code == 200
    assert "robots" not in metas(response)
    assert "X-Robots-Tag" not in response.headers


def test_what_is_shared_has_the_words_of_the_page_and_our_picture(client):
    response = client.get("/en/contact/")
    said = metas(response)

    title = text_of(head(response).find("title"))
    assert title == f"{said['og:title']} – MEDICAIM"
    assert said["og:description"] == said["description"]
    assert said["twitter:card"] == "summary_large_image"
    picture = client.get(urlsplit(said["og:image"]).path)
    assert picture["Content-Type"] == "image/png"
    with Image.open(io.BytesIO(picture.content)) as image:
        assert image.size == (int(said["og:image:width"]), int(said["og:image:height"])) == (1200, 630)


@pytest.mark.parametrize("path", ["/en/account/login/", "/en/find-care/?q=knee", "/en/find-care/?page=2"])
def test_forms_and_filtered_searches_are_not_listed(client, path):
    response = client.get(path)

    assert metas(response)["robots"] == "noindex"
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert not links(response, "canonical")
    assert not [name for name in metas(response) if name and name.startswith("og:")]


def test_a_private_page_is_not_listed_and_a_missing_one_neither(client, client_of, patient):
    assert client_of(patient).get("/en/my/appointments/").headers["X-Robots-Tag"] == "noindex"
    assert client.get("/en/nothing-here/").headers["X-Robots-Tag"] == "noindex"


# --- Structured data ------------------------------------------------------------------------------


def test_the_first_page_says_how_the_site_is_searched(client):
    data = data_of(client.get("/fr/").text)

    assert_valid(data)
    site = next(thing for thing in data if thing["@type"] == "WebSite")
    address = site["potentialAction"]["target"]["urlTemplate"].replace("{search_term_string}", "knee")
    assert client.get(address.removeprefix(settings.SITE_URL)).status_code == 200


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (ProviderKind.PRACTITIONER, "Physician"),
        (ProviderKind.PUBLIC, "Hospital"),
        (ProviderKind.PRIVATE_FOR_PROFIT, "MedicalClinic"),
    ],
)
def test_a_provider_is_described_for_machines_as_for_people(client, kind, expected):
    one = make_open_provider(
        kind=kind,
        practitioner={"specialties": ["SM04"]},
        service={"specialty_id": "SM04", "fee_minor": 12050, "currency": "EUR"},
    )
    response = client.get(page_url(one.provider))
    data = data_of(response.text)

    assert_valid(data)
    provider, way = data
    assert provider["@type"] == expected
    assert provider["medicalSpecialty"] == ["https://schema.org/Cardiovascular"]
    assert provider["address"]["addressLocality"] == "Paris"
    offer = provider["makesOffer"][0]
    assert (offer["price"], offer["priceCurrency"]) == ("120.50", "EUR")
    assert client.get(offer["url"].removeprefix(settings.SITE_URL)).status_code == 200
    assert [step["name"] for step in way["itemListElement"]] == ["Find care", one.provider.name]
    assert way["itemListElement"][-1]["item"] == links(response, "canonical")[0].get("href")
    assert_sound(response.text)


def test_words_of_a_provider_cannot_leave_the_data(client):
    evil = "</script><script>alert(1)</script><!-- & \u2028"
    one = make_open_provider(name=evil)
    ProviderText.objects.create(provider=one.provider, language="en", presentation=evil)
    response = client.get(page_url(one.provider))

    assert "<script>alert" not in response.text
    assert_sound(response.text)
    assert data_of(response.text)[0]["name"] == evil
    assert data_of(response.text)[0]["description"] == evil


def test_a_preview_says_nothing_to_machines(client_of):
    one = make_open_provider()
    response = client_of(one.owner).get(reverse("providers:preview", args=[one.provider.public_id]))

    assert response.status_code == 200
    assert data_of(response.text) == []


def test_the_reader_of_structured_data_finds_what_is_wrong():
    wrong = {
        "@type": "Physician",
        "name": "Dr",
        "medicalSpecialty": ["https://schema.org/Magic"],
        "makesOffer": [{"@type": "Offer", "price": "€50", "priceCurrency": "EUR", "itemOffered": {"@id": "#x"}}],
        "price": "5",
    }
    found = "\n".join(faults(wrong, set()))

    for expected in ("url is missing", "address is missing", "Magic", "€50", "#x", "no property price"):
        assert expected in found
    assert "Thing" in TYPES


# --- Specialty and country ------------------------------------------------------------------------


def test_a_care_page_says_who_where_and_for_how_much(client):
    made = make_cardiologists(3)
    refresh_availability(provider_id=made[0].provider.pk)
    response = client.get("/en/care/cardiology/france/")
    words = text_of(parse(response.text).find(".//main"))

    assert response.status_code == 200
    for expected in ("Cardiology – France", "3 providers offer this", "€50 to €110 (3 services)", "Lyon", "French"):
        assert expected in words
    assert made[0].provider.name in words
    data = data_of(response.text)
    assert_valid(data)
    offers = next(thing for thing in data if thing["@type"] == "Service")["offers"]
    assert (offers[0]["lowPrice"], offers[0]["highPrice"], offers[0]["offerCount"]) == ("50.00", "110.00", 3)
    assert_sound(response.text)
    assert client.get(urlsplit(metas(response)["og:image"]).path)["Content-Type"] == "image/png"
    assert client.get("/fr/care/cardiology/france/").status_code == 200


@pytest.mark.slow
def test_the_way_leads_from_search_over_specialty_and_country_to_a_provider(client):
    made = make_cardiologists(2)
    home = client.get("/en/")
    assert "/en/care/" in {link.get("href") for link in parse(home.text).iter("a")}
    for page, onward in (
        ("/en/find-care/", "/en/care/"),
        ("/en/care/", "/en/care/cardiology/"),
        ("/en/care/cardiology/", "/en/care/cardiology/france/"),
        ("/en/care/cardiology/france/", page_url(made[0].provider)),
        (page_url(made[0].provider), "/en/care/cardiology/france/"),
    ):
        response = client.get(page)
        assert onward in {link.get("href") for link in parse(response.text).iter("a")}, page
        if page.startswith("/en/care"):
            assert_valid(data_of(response.text))
            assert_sound(response.text)


def test_where_one_provider_is_all_there_is_no_page_but_the_search(client):
    make_cardiologists(1)
    response = client.get("/en/care/cardiology/france/")

    assert (response.status_code, response["Location"]) == (302, "/en/find-care/?specialty=SM04&country=FR")
    assert client.get("/en/care/cardiology/").status_code == 404
    assert client.get("/en/care/nothing/france/").status_code == 404
    assert client.get("/en/care/cardiology/nowhere/").status_code == 404
    assert "/care/cardiology/" not in client.get("/sitemaps/pages-0.xml").text


def test_counting_again_changes_only_what_differs():
    now = timezone.now()
    make_cardiologists(2)
    make_cardiologists(2, country="PT")
    refresh_care_areas(now=now + timedelta(hours=1))
    assert set(CareArea.objects.filter(changed_at__gte=now + timedelta(minutes=30))) == set()

    gone = Provider.objects.filter(country="PT").first()
    services.unpublish_page(provider=gone, actor=None)
    ServiceFactory(
        provider=(kept := make_cardiologists(1)[0]).provider,
        specialty_id="SM04",
        currency="CHF",
        fee_minor=9900,
        practitioners=[kept.practitioner],
        locations=[LocationFactory(provider=kept.provider, city="Genève", country="FR")],
    )
    refresh_search_entries([kept.provider.pk])
    refresh_care_areas(now=now + timedelta(hours=2))
    area = CareArea.objects.get()
    assert (str(area.country), area.providers, area.changed_at) == ("FR", 3, now + timedelta(hours=2))
    assert ["CHF", 9900, 9900, 1] in area.fees
    assert ["Genève", 1] in area.cities


def test_variants_of_a_specialty_count_as_one():
    """General practice has several entries in the nomenclature; a reader looks for one."""
    for code in ("SM26", "SM54"):
        one = make_open_provider(service={"specialty_id": code})
        refresh_search_entries([one.provider.pk])
    refresh_care_areas(now=timezone.now())

    assert [(area.specialty_id, area.providers) for area in CareArea.objects.all()] == [("SM54", 2)]


# --- Sitemaps -------------------------------------------------------------------------------------


def locations(response):
    return [element.text for element in ET.fromstring(response.content).iterfind(".//s:loc", SITEMAP)]


@pytest.mark.slow
def test_every_address_of_the_sitemaps_is_a_listed_page(client):
    make_cardiologists(2)
    robots = client.get("/robots.txt").text
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in robots
    maps = locations(client.get("/sitemap.xml"))
    assert len(maps) == 3
    pages = [page for address in maps for page in locations(client.get(urlsplit(address).path))]

    assert len(pages) == len(set(pages))
    assert sum("/providers/" in page for page in pages) == 2 * len(settings.LANGUAGES)
    assert sum("/care/cardiology/france/" in page for page in pages) == len(settings.LANGUAGES)
    for page in pages:
        response = client.get(urlsplit(page).path)
        assert response.status_code == 200, page
        assert [link.get("href") for link in links(response, "canonical")] == [page]


def test_the_sitemap_says_when_a_page_changed(client):
    one = make_open_provider()
    Provider.objects.update(page_changed_at=timezone.now() - timedelta(days=9))
    services.mark_stale(one.provider, is_page_changed=False)
    old = client.get("/sitemaps/providers-0.xml").text
    services.mark_stale(one.provider)
    new = client.get("/sitemaps/providers-0.xml").text

    said = [ET.fromstring(text).find(".//s:lastmod", SITEMAP).text[:10] for text in (old, new)]
    assert said == [(timezone.now() - timedelta(days=days)).date().isoformat() for days in (9, 0)]


def test_sitemaps_are_cut_by_key_and_hold_only_what_is_public(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "LIMIT", 2 * len(settings.LANGUAGES))
    made = [make_open_provider() for _ in range(5)]
    services.unpublish_page(provider=made[1].provider, actor=None)
    cache.clear()
    maps = [page for page in locations(client.get("/sitemap.xml")) if "providers-" in page]
    pages = [locations(client.get(urlsplit(address).path)) for address in maps]

    assert all(0 < len(part) <= 2 * len(settings.LANGUAGES) for part in pages)
    listed = {page.rsplit("-", 1)[1].strip("/") for part in pages for page in part}
    assert listed == {one.provider.public_id for one in made} - {made[1].provider.public_id}
    assert client.get("/sitemaps/providers-999999.xml").status_code == 404
    assert client.get("/sitemaps/nothing-0.xml").status_code == 404


@pytest.mark.parametrize("number", [1, 12])
def test_a_sitemap_costs_the_same_queries_whatever_it_lists(client, number):
    for _ in range(number):
        make_open_provider()
    cache.clear()
    for path, most in (("/sitemap.xml", 6), ("/sitemaps/providers-0.xml", 3)):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(path).status_code == 200
        assert len([query for query in queries if "cache_entries" not in query["sql"]]) <= most


# --- Pictures -------------------------------------------------------------------------------------


def test_the_picture_of_a_provider_is_for_the_public_only(client):
    one = make_open_provider()
    address = reverse("providers:card", args=[one.provider.public_id])
    response = client.get(address)

    assert response["Content-Type"] == "image/png"
    assert "public" in response["Cache-Control"]
    assert client.get(address, HTTP_IF_NONE_MATCH=response["ETag"]).status_code == 304
    services.unpublish_page(provider=one.provider, actor=None)
    assert client.get(address).status_code == 404


def test_data_in_a_page_is_one_line_of_json(client):
    text = client.get("/en/").text
    start = text.index('<script type="application/ld+json">') + len('<script type="application/ld+json">')

    assert json.loads(text[start : text.index("</script>", start)])["@graph"]

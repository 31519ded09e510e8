"""What is kept of an answer, and by whom: nothing that was made for one person reaches another."""

import gzip
import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from bookings.queries import next_free_slots
from bookings.services import request_appointment
from medicaim.access import ACCESS
from medicaim.common.access import ANYONE
from providers.links import page_url
from tests.support.factories import PatientFactory, make_open_provider
from tests.support.guards import SiteClient
from tests.support.shared_cache import SharedCache

pytestmark = pytest.mark.django_db
#: What a form carries against forgery: new in each answer.
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken": ?"[^"]*"')


def person(user=None, **cookies):
    """Somebody's browser, and the way from it through a shared cache to the site."""
    browser = SiteClient()
    if user is not None:
        browser.force_login(user)
    for name, value in cookies.items():
        browser.cookies[name] = value

    def headers():
        return {"cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in sorted(browser.cookies.items()))}

    def ask(path, asked):
        return browser.get(path, headers={name: value for name, value in asked.items() if name != "cookie"})

    return lambda cache, path: cache.get(ask, path, headers()), browser.get


def public_pages():
    """The address of every page that anyone may read and that needs no argument."""
    for name, role in sorted(ACCESS.items()):
        if role == ANYONE and not name.startswith(("dev:", "healthz", "readyz")):
            try:
                yield reverse(name)
            except NoReverseMatch:
                continue


@pytest.mark.slow
def test_a_shared_cache_gives_nobody_what_was_made_for_another():
    """Two people and two visitors read every public page through one cache, in this order and again."""
    one = make_open_provider(service={"instant_confirmation": True})
    pages = [*public_pages(), page_url(one.provider), reverse("bookings:slots", args=[one.service.public_id])]
    assert len(pages) > 20
    alice, bob = (PatientFactory(first_name=name, last_name=name) for name in ("Alicealice", "Bobbob"))
    people = {
        "Alicealice": person(alice),
        "visitor": person(),
        "Bobbob": person(bob),
        "Tokyo": person(tz="Asia/Tokyo"),
        "visitor again": person(),
    }
    cache = SharedCache()
    for _round in range(2):
        for page in pages:
            for name, (through_cache, _directly) in people.items():
                answer = through_cache(cache, page)
                words = answer.text if answer.get("Content-Type", "").startswith("text/") else ""
                for other in {"Alicealice", "Bobbob"} - {name}:
                    assert other not in words, (page, name)
    assert cache.kept
    assert cache.confirmed > len(pages) / 2
    for kept in cache.kept.values():
        for _asked, answer in kept:
            assert "Alicealice" not in str(answer.content)
            assert "Bobbob" not in str(answer.content)


@pytest.mark.slow
def test_through_the_cache_each_reads_the_page_as_without_it():
    one = make_open_provider()
    cache = SharedCache()
    people = [person(PatientFactory()), person(tz="Asia/Tokyo"), person(), person(PatientFactory())]
    for page in ["/en/", "/fr/", "/en/find-care/", page_url(one.provider)]:
        for through_cache, directly in people:
            through_cache(cache, page)
            kept, fresh = (TOKEN.sub("", way.text) for way in (through_cache(cache, page), directly(page)))
            assert kept == fresh, page


def test_the_cache_of_this_test_would_leak_what_says_it_may_be_kept():
    """The control: an answer that wrongly says it is for everybody reaches the next one who asks."""
    cache = SharedCache()
    for name in ("Alice", "Bob"):
        answer = cache.get(
            lambda path, headers, name=name: HttpResponse(name, headers={"Cache-Control": "public, max-age=60"}),
            "/",
            {"cookie": name},
        )
        assert answer.text == "Alice"
    assert cache.hits == 1


def test_a_reserved_page_is_kept_by_nobody(client_of, patient):
    response = client_of(patient).get("/en/my/appointments/")

    assert response["Cache-Control"] == "private, no-store"
    assert "ETag" not in response.headers


def test_what_somebody_typed_is_still_there_when_they_come_back(client_of, patient):
    """A page that nobody may keep is asked for again by the back button, empty."""
    one = make_open_provider()
    pair = (one.service.pk, one.location.pk)
    slot = next_free_slots(pairs=[pair], now=timezone.now(), per_pair=1)[pair][0]
    response = client_of(patient).get(reverse("bookings:request"), {"slot": slot.token})

    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-cache"


def test_what_a_team_typed_is_still_there_but_not_what_a_patient_handed_over(client_of, patient):
    made = make_open_provider()
    for name, *parts in (
        ("location_add",), ("location_edit", made.location), ("practitioner_edit", made.practitioner), ("service_add",),
        ("service_edit", made.service),
    ):  # fmt: skip
        address = reverse(f"providers:{name}", args=[made.provider.public_id, *(part.public_id for part in parts)])
        assert client_of(made.owner).get(address)["Cache-Control"] == "private, no-cache", name
    pair = (made.service.pk, made.location.pk)
    slot = next_free_slots(pairs=[pair], now=timezone.now(), per_pair=1)[pair][0]
    visit = request_appointment(slot=slot, patient=patient, actor=patient)
    answer = client_of(made.owner).get(reverse("bookings:decline", args=[visit.public_id]))
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")


def test_a_public_page_read_by_somebody_signed_in_stays_in_their_browser(client_of, patient):
    response = client_of(patient).get("/en/")

    assert response["Cache-Control"] == "private, no-cache"
    assert "Cookie" in response["Vary"]


def test_a_page_that_sets_a_cookie_or_shows_a_message_is_for_one_browser(client):
    form = client.get("/en/time-zone/")
    assert form.cookies
    assert form["Cache-Control"] == "private, no-cache"


def test_a_visitor_s_page_is_confirmed_instead_of_sent_again(client):
    first = client.get("/en/how-it-works/")
    again = client.get("/en/how-it-works/", HTTP_IF_NONE_MATCH=first["ETag"])

    assert first["Cache-Control"] == "public, no-cache"
    assert (again.status_code, again.content) == (304, b"")


def test_an_error_and_an_answer_to_a_form_are_kept_by_nobody(client):
    assert client.get("/en/nothing-here/")["Cache-Control"] == "private, no-store"
    assert client.post("/en/time-zone/", {"time_zone": "Asia/Tokyo"})["Cache-Control"] == "private, no-store"


def test_pages_travel_compressed_and_pictures_as_they_are():
    client = Client()
    page = client.get("/en/", HTTP_ACCEPT_ENCODING="gzip")
    assert page["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page["Vary"]
    assert b"<h1" in gzip.decompress(page.content)
    again = client.get("/en/", HTTP_ACCEPT_ENCODING="gzip", HTTP_IF_NONE_MATCH=page["ETag"])
    assert again.status_code == 304
    assert "Content-Encoding" not in client.get("/en/card.png", HTTP_ACCEPT_ENCODING="gzip").headers

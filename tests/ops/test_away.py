"""When the site is away, or the reader has no connection: what is said, and what still answers."""

import json
import re

import pytest
from django.test import Client, override_settings

from medicaim import health
from tests.support.html import assert_sound, parse


def test_a_site_that_is_looked_after_says_so_without_a_database():
    """No database fixture here: pytest-django would refuse a connection."""
    with override_settings(MAINTENANCE=True, MAINTENANCE_RETRY_SECONDS=900):
        answer = Client().get("/fr/mes-rendez-vous/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "900")
    assert_sound(answer.text)
    assert parse(answer.text).get("lang") == "fr"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not answer.cookies


def test_nothing_is_accepted_while_the_site_is_looked_after():
    with override_settings(MAINTENANCE=True):
        answer = Client(enforce_csrf_checks=True).post("/en/account/login/", {"login": "a", "password": "b"})

    assert answer.status_code == 503


@pytest.mark.django_db(transaction=True)
def test_health_checks_still_answer_while_the_site_is_looked_after():
    health.forget_last_look()
    with override_settings(MAINTENANCE=True):
        client = Client()
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 200
    health.forget_last_look()


@pytest.mark.django_db
def test_the_site_is_open_otherwise():
    assert Client().get("/en/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_without_a_connection_is_the_same_for_everybody(client, client_of, language):
    from tests.support.factories import UserFactory

    visitor = client.get(f"/{language}/offline/")
    person = client_of(UserFactory()).get(f"/{language}/offline/")

    assert_sound(visitor.text)
    assert visitor.content == person.content
    assert visitor.headers["Cache-Control"] == "public, no-cache"
    assert parse(visitor.text).get("lang") == language


@pytest.mark.django_db
def test_the_worker_keeps_that_page_and_what_draws_it(client):
    answer = client.get("/service-worker.js")
    facts = json.loads(re.match(r"const facts = (.*);\n", answer.text).group(1))

    assert answer.headers["Content-Type"].startswith("text/javascript")
    for code, address in facts["pages"].items():
        page = parse(client.get(address).text)
        assert page.get("lang") == code
        needed = {link.get("href") for link in page.iter("link") if link.get("rel") in {"stylesheet", "icon"}}
        assert needed <= set(facts["files"])
        assert not list(page.iter("script"))
    assert not answer.cookies


@pytest.mark.django_db
def test_browsers_can_be_made_to_forget_the_page(client):
    with override_settings(OFFLINE_PAGE=False):
        text = client.get("/service-worker.js").text

    assert "unregister()" in text
    assert "facts" not in text

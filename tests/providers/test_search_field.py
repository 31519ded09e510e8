"""The field for plain words is a search field to the browser: one `type`, and that one."""

import re

import pytest
from django.urls import reverse

from providers.offered import refresh_offered
from providers.search_index import refresh_search_entries
from tests.support.factories import make_open_provider
from tests.support.html import parse


@pytest.mark.django_db
def test_the_field_for_words_has_one_type(client):
    page = client.get(reverse("search")).content.decode()
    (field,) = re.findall(r'<input[^>]*name="q"[^>]*>', page)
    assert re.findall(r'type="(\w+)"', field) == ["search"]


@pytest.mark.django_db
def test_the_lists_offer_what_somebody_stands_for_and_what_is_chosen(client):
    """An address with another country is understood all the same."""
    refresh_search_entries([make_open_provider().provider.pk])
    refresh_offered()
    page = parse(client.get("/en/find-care/?country=JP").text)
    country, language = (
        next(one for one in page.iter("select") if one.get("name") == name) for name in ("country", "language")
    )
    assert {one.get("value") for one in country.iter("option")} == {"", "FR", "JP"}
    assert {one.get("value") for one in language.iter("option")} == {"", "en", "fr"}
    assert [one.get("value") for one in country.iter("option") if one.get("selected") is not None] == ["JP"]
    assert "Remove:" in client.get("/en/find-care/?country=JP").text

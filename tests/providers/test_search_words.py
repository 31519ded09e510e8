"""Words, days and distances as search understands them: pure functions."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.search import (
    MASK_BITS,
    box_around,
    days_mask,
    distance_km,
    searchable,
    stem,
    words_of,
)


def found(question: str, text: str) -> bool:
    return all(word.needle in searchable(text) for word in words_of(question))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("cardiologue", "Cardiologie et Maladies vasculaires"),
        ("Cardiologist", "Cardiology"),
        ("CARDIOLOGUES à lyon", "Cardiologie Lyon"),
        ("pediatre", "Pédiatrie"),
        ("paediatrician", "Pediatrics"),
        ("chirurgien épaule", "Chirurgie de l'Épaule"),
        ("surgeon", "General surgery"),
        ("gynecologist", "Medical gynaecology"),
        ("cœur", "Chirurgie du coeur"),
        ("physio", "Physiotherapist"),
        ("GP", "General practice"),
        ("ophtalmo", "Ophtalmologie"),
        ("dermato", "Dermatologie et Vénéréologie"),
    ],
)
def test_accents_case_and_language_do_not_matter(question, text):
    assert found(question, text)


@pytest.mark.parametrize(("question", "text"), [("cardiologue Lyon", "Cardiologie Paris"), ("dr", "Cardiologie")])
def test_every_telling_word_must_be_there(question, text):
    assert not found(question, text)


def test_small_words_count_only_alone():
    assert [word.whole for word in words_of("un cardiologue à la Rochelle")] == ["cardiologue", "rochelle"]
    assert [word.whole for word in words_of("le")] == ["le"]


def test_a_stem_begins_its_word():
    for word in ("cardiologue", "neurologist", "psychiatre", "orthodontiste", "nancy", "lyon", "hernias"):
        assert word.startswith(stem(word))


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.integers(0, 61), st.integers(0, 61))
def test_a_mask_holds_its_days_and_no_other_of_the_window(today, one, other):
    first, last = today + timedelta(days=min(one, other)), today + timedelta(days=max(one, other))
    mask = days_mask(first, last)
    for offset in range(62):
        day = today + timedelta(days=offset)
        assert bool(mask >> (day.toordinal() % MASK_BITS) & 1) == (first <= day <= last)


@given(st.floats(-89, 89), st.floats(-180, 180), st.floats(1, 500), st.floats(-90, 90), st.floats(-180, 180))
def test_a_box_holds_its_circle(latitude, longitude, radius, other_latitude, other_longitude):
    """Also beside the 180th meridian and around the poles."""
    if distance_km(latitude, longitude, other_latitude, other_longitude) > radius * 0.999:
        return
    box = box_around(latitude, longitude, radius)
    assert box.south <= other_latitude <= box.north
    assert any(west <= other_longitude <= east for west, east in box.longitudes)


def test_the_box_of_fiji_reaches_over_the_180th_meridian():
    box = box_around(-17.0, 179.9, 50)
    assert any(west <= -179.9 <= east for west, east in box.longitudes)
    assert any(west <= 179.5 <= east for west, east in box.longitudes)


def test_distance_of_two_known_cities():
    assert distance_km(48.8566, 2.3522, 45.7640, 4.8357) == pytest.approx(392, abs=2)

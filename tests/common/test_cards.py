"""The picture beside a shared link is drawn with what letters there are, and never with empty boxes."""

import io

import pytest
from PIL import Image

from medicaim.common import cards
from medicaim.common.cards import CardText, draw_card


def inked_rows(png: bytes) -> set[int]:
    """The rows below the sign on which something was drawn."""
    with Image.open(io.BytesIO(png)) as image:
        grey = image.convert("L")
    return {y for y in range(190, 630) if min(grey.crop((0, y, 1200, y + 1)).tobytes()) < 128}


@pytest.fixture
def without_fonts(monkeypatch):
    for name in ("SERIFS", "SANS", "ARABIC"):
        monkeypatch.setattr(cards, name, ("no-such-font.ttf",))
    draw_card.cache_clear()
    yield
    draw_card.cache_clear()


def test_the_words_stand_on_the_card():
    assert inked_rows(draw_card(CardText(title="Cardiology – France", lines=("12 providers",))))


def test_the_same_words_give_the_same_bytes():
    text = CardText(title="Médecine générale – Maroc")
    first = draw_card(text)
    draw_card.cache_clear()
    assert draw_card(text) == first


def test_a_long_title_is_cut_inside_the_card():
    png = draw_card(CardText(title="Otorhinolaryngology " * 20, above="x", lines=("y",) * 3))
    assert max(inked_rows(png)) < 610


def test_a_word_longer_than_the_card_is_cut():
    with Image.open(io.BytesIO(draw_card(CardText(title="W" * 200)))) as image:
        margin = image.convert("L").crop((1140, 190, 1200, 630))
    assert min(margin.tobytes()) > 128


def test_a_system_without_fonts_still_gives_a_card(without_fonts):
    assert inked_rows(draw_card(CardText(title="Cardiology")))


def test_letters_that_no_font_has_are_left_out(without_fonts):
    assert not inked_rows(draw_card(CardText(title="أمراض القلب", is_rtl=True)))

"""Arabic runs from right to left, and what is written in Latin letters keeps its own direction."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from medicaim.common import times
from medicaim.common.money import Money, format_money
from medicaim.common.templatetags.ui import isolate
from tests.support.html import parse, text_of

INSTANT = datetime(2027, 1, 14, 9, tzinfo=UTC)
ISOLATED = "\u2066{}\u2069"


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("fr", None), ("en", None)])
def test_the_page_says_which_way_it_runs(client, language, direction):
    page = parse(client.get(f"/{language}/find-care/").text)
    assert (page.get("lang"), page.get("dir")) == (language, direction)


@pytest.mark.django_db
def test_a_refused_form_speaks_arabic(client):
    page = parse(client.post("/ar/account/login/", {"login": "nobody", "password": "x"}).text)
    assert "اسم المستخدم أو البريد الإلكتروني لا يوافق كلمة المرور" in text_of(page)


def test_times_and_lists_have_the_comma_of_the_language():
    with translation.override("ar"):
        assert times.both_times(INSTANT, "Europe/Paris").place == "الخميس، 14 يناير 2027، 10:00"
        assert times.zone_words(INSTANT, "Europe/Paris") == "توقيت باريس، UTC+1"
    with translation.override("en"):
        assert times.listed("Paris time", "", "UTC+1") == "Paris time, UTC+1"


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "دقيقة واحدة"), (2, "دقيقتان"), (5, "5 دقائق"), (45, "45 دقيقة"), (100, "100 دقيقة")],
)
def test_six_forms_of_the_plural(number, words):
    with translation.override("ar"):
        said = translation.ngettext("%(count)s minute", "%(count)s minutes", number) % {"count": number}
    assert said == words


@pytest.mark.parametrize(
    ("money", "end"),
    [
        (Money(9000, "EUR"), "90\u00a0€"),
        (Money(23050, "USD"), f"230.50\u00a0{ISOLATED.format('US$')}"),
        (Money(1000500, "TND"), "1,000.500\u00a0د.ت.\u200f"),
    ],
)
def test_a_currency_in_latin_letters_keeps_its_way(money, end):
    assert format_money(money, "ar") == f"\u200f{end}"
    assert "\u2066" not in format_money(money, "fr")


def test_plain_text_isolates_an_address_only_where_words_run_the_other_way():
    with translation.override("ar"):
        assert isolate("39 Riverside, Paris") == "\u206839 Riverside, Paris\u2069"
    with translation.override("fr"):
        assert isolate("39 Riverside, Paris") == "39 Riverside, Paris"

"""The tags of the design: both clocks, money, states, ways through the site."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation
from django.utils.formats import date_format

from bookings.enums import AppointmentState
from medicaim.common import times
from medicaim.common.templatetags.ui import STATE_TONES, initials_of, unbroken
from tests.support.html import assert_sound, parse, text_of

START = datetime(2027, 1, 13, 8, 30, tzinfo=UTC)


def draw(source: str, request=None, **context) -> str:
    if request is not None:
        context["request"] = request
    markup = Template(source).render(Context(context))
    assert_sound(markup)
    return markup


def words(source: str, **context) -> str:
    return text_of(parse(draw(source, **context)))


def request_from(zone: str, path: str = "/en/", **cookies):
    request = RequestFactory().get(path)
    request.COOKIES.update(cookies)
    request.reader_zone = ZoneInfo(zone)
    return request


# --- Both clocks


def test_the_places_time_stands_first_and_the_readers_after_it():
    """A time is shown on the clock of the place and on the reader's, each with its zone."""
    shown = words('{% both_times start "Europe/Paris" %}', start=START, request=request_from("Indian/Reunion"))

    assert shown == "Wednesday, 13 January 2027, 09:30 Paris time, UTC+1 12:30 for you (Réunion time, UTC+4)"


def test_the_readers_day_stands_where_it_is_another():
    late = START.replace(hour=18)
    shown = words('{% both_times start "Pacific/Apia" %}', start=late, request=request_from("Europe/Paris"))

    assert shown == (
        "Thursday, 14 January 2027, 07:30 Apia time, UTC+13"
        " Wednesday, 13 January 2027, 19:30 for you (Paris time, UTC+1)"
    )


def test_one_time_where_both_clocks_show_the_same():
    shown = words('{% both_times start "Europe/Paris" %}', start=START, request=request_from("Europe/Brussels"))

    assert shown == "Wednesday, 13 January 2027, 09:30 Paris time, UTC+1"


def test_a_reader_of_whom_nothing_is_known_gets_no_wrong_second_time():
    shown = words('{% both_times start "Europe/Paris" %}', start=START, request=request_from("UTC"))

    assert "for you" not in shown
    assert "for you" in words(
        '{% both_times start "Europe/Paris" %}', start=START, request=request_from("UTC", tz="UTC")
    )


def test_both_clocks_in_a_message_take_the_active_zone():
    with timezone.override("America/Sao_Paulo"):
        shown = words('{% both_times_text start "Asia/Kathmandu" %}', start=START)

    assert shown == (
        "Wednesday, 13 January 2027, 14:15 (Kathmandu time, UTC+5:45); for you 05:30 (Sao Paulo time, UTC−3)"
    )


def test_the_night_that_has_an_hour_twice_is_told_by_its_offset():
    first = times.both_times(datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "Europe/Paris", "Europe/Paris")
    second = times.both_times(datetime(2027, 10, 31, 1, 30, tzinfo=UTC), "Europe/Paris", "Europe/Paris")

    assert first.place == second.place
    assert (first.place_zone, second.place_zone) == ("Paris time, UTC+2", "Paris time, UTC+1")


def test_dates_are_in_the_readers_language():
    with translation.override("fr"):
        assert times.date_words(date(2027, 1, 13)) == "mercredi 13 janvier 2027"
        assert times.weekday_name(1) == "lundi"
    assert times.date_words(date(2027, 1, 13), "short") == "Wed 13 Jan"
    assert times.weekday_name(7) == "Sunday"
    assert times.date_words(date(2027, 1, 13), "month") == "January 2027"


@pytest.mark.parametrize(
    ("language", "within", "across"),
    [
        ("en", "23–29 Nov 2026", "28 Dec 2026 – 3 Jan 2027"),
        ("fr", "23–29 nov. 2026", "28 déc. 2026 – 3 janv. 2027"),
        ("ar", "23–29 نوفمبر 2026", "28 ديسمبر 2026 – 3 يناير 2027"),
    ],
)
def test_days_in_a_row_share_what_is_the_same(language, within, across):
    with translation.override(language):
        words = [
            times.days_words(date(2026, 11, 23), date(2026, 11, 29)),
            times.days_words(date(2026, 12, 28), date(2027, 1, 3)),
        ]
    assert [" ".join(text.replace("\u200f", "").split()) for text in words] == [within, across]


def test_a_stretch_of_time_stays_on_one_line():
    assert unbroken("<b> 13 January, 09:30–10:00") == ('&lt;b&gt; 13 January, <span class="nowrap">09:30–10:00</span>')


def test_a_stretch_of_time_shows_its_end_on_both_clocks():
    shown = words(
        '{% both_times start "Europe/Paris" style="short" end=end %}',
        start=START, end=START.replace(hour=9, minute=30), request=request_from("Asia/Tokyo"),
    )  # fmt: skip

    assert shown.startswith("Wed 13 Jan, 09:30–10:30 Paris time")
    assert "17:30–18:30 for you" in shown


# --- Money, states, portraits


def test_money_is_written_as_the_reader_writes_it():
    assert words('{% money 9050 "EUR" %}') == "€90.50"
    with translation.override("fr"):
        assert words('{% money 9050 "EUR" %}').replace("\u202f", " ").replace("\xa0", " ") == "90,50 €"


@pytest.mark.parametrize("state", AppointmentState)
def test_every_state_of_an_appointment_has_a_sign_and_its_word(state):
    shown = words("{% state_badge state %}", state=state)

    assert state.value in STATE_TONES
    assert str(state.label) in shown
    assert shown != str(state.label)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Dr Ana Costa", "AC"), ("Élodie Pic", "ÉP"), ("Clinique des Lilas", "CL"), ("Bo", "B"), ("", "?"),
        ("Pr. Jean-Luc de la Tour", "JT"), ("123", "?"),
    ],
)  # fmt: skip
def test_initials(name, letters):
    assert initials_of(name) == letters


def test_names_are_escaped_everywhere():
    nasty = "<script>alert(1)</script>"
    markup = draw(
        "{% card title=n %}{{ n }}{% endcard %}{% notice title=n %}{{ n }}{% endnotice %}{% badge n %}"
        '{% button_link "/x" n about=n %}{% post_button "/x" n confirm=n slot=n %}{% breadcrumbs "/x" n %}'
        "{% portrait n %}{% disclosure summary=n %}{{ n }}{% enddisclosure %}{% empty title=n %}{{ n }}{% endempty %}",
        n=nasty,
    )

    assert "<script" not in markup
    assert markup.count("&lt;script&gt;") >= 10


# --- Ways


def test_the_language_switch_leads_to_the_same_page_with_its_query():
    request = RequestFactory().get("/en/contact/?a=1&b=2")

    assert Template('{% language_url "fr" %}').render(Context({"request": request})) == "/fr/contact/?a=1&amp;b=2"


def test_the_language_switch_leads_home_from_a_page_without_language():
    request = RequestFactory().get("/healthz")

    assert Template('{% language_url "fr" %}').render(Context({"request": request})) == "/fr/"


def test_the_pager_keeps_the_rest_of_the_address():
    request = RequestFactory().get("/en/find-care/?q=knee&page=5&lang=fr&lang=en")
    markup = draw("{% pager page %}", request=request, page=Paginator(range(200), 10).page(5))
    links = [a.get("href") for a in parse(markup).iter("a")]

    assert links[0] == "?q=knee&page=4&lang=fr&lang=en"
    assert links[-1] == "?q=knee&page=6&lang=fr&lang=en"
    assert [a.get("aria-current") for a in parse(markup).iter("a")].count("page") == 1


def test_one_page_needs_no_pager():
    assert draw("{% pager page %}", page=Paginator(range(5), 10).page(1)).strip() == ""


def test_slots_are_radio_buttons_under_their_day():
    """pains 34: free times are headings and radio buttons, usable by keyboard and without JavaScript."""
    groups = [("Wednesday, 13 January", [("tok1", "09:30", "13:30"), ("tok2", "10:00", "")])]
    tree = parse(draw('{% slot_radios groups checked="tok2" %}', groups=groups))

    fieldset = tree.find(".//fieldset")
    assert text_of(fieldset.find("legend")) == "Wednesday, 13 January"
    radios = [i for i in fieldset.iter("input") if i.get("type") == "radio"]
    assert [(r.get("name"), r.get("value"), r.get("checked") is not None) for r in radios] == [
        ("slot", "tok1", False),
        ("slot", "tok2", True),
    ]


def test_a_button_that_posts_is_a_form_with_a_token_and_asks_first():
    markup = draw('{% post_button "/x/" "Cancel" confirm="Really?" next="/en/" slot="s" %}', csrf_token="t" * 64)
    tree = parse(markup)

    form = tree.find(".//details//form")
    assert form.get("method") == "post"
    assert {i.get("name"): i.get("value") for i in form.iter("input")} == {
        "csrfmiddlewaretoken": "t" * 64, "next": "/en/", "slot": "s",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", ["24 November 2026", "24 Nov 2026, 21:05"]), ("fr", ["24 novembre 2026", "24/11/2026 21:05"])],
)
def test_the_admin_writes_dates_as_readers_of_the_language_do(language, written):
    moment = datetime(2026, 11, 24, 21, 5, tzinfo=UTC)
    with translation.override(language):
        assert [date_format(moment, name) for name in ("DATE_FORMAT", "SHORT_DATETIME_FORMAT")] == written

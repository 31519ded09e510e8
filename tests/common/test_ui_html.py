"""Sound HTML: the helper finds what it is meant to find, and our pages are sound."""

import pytest
from django.template.loader import render_to_string

from tests.support.html import UnsoundPage, assert_sound, findings, parse, text_of

PAGE = '<!doctype html><html lang="en"><head><title>T</title></head><body>{}</body></html>'


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("<p><div>a</div></p>", "line"),
        ("<a href='/x'><b>a</a></b>", "line"),
        ("<p id='a'>a</p><p id='a'>b</p>", "stands 2 times"),
        ("<p style='color:red'>a</p>", "style attribute"),
        ("<script>x()</script>", "script stands"),
        ("<button onclick='x()'>a</button>", "onclick"),
        ("<a href='javascript:x()'>a</a>", "javascript:"),
        ("<img alt='' src='https://cdn.example.com/a.png'>", "leads to"),
        ("<form action='//evil.example.com/'></form>", "leads to"),
        ("<label for='nothing'>a</label>", "not on the page"),
    ],
)
def test_the_helper_finds_what_is_planted(body, word):
    assert word in "\n".join(findings(PAGE.format(body)))


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("<p><img alt='' src='/static/logo.png'></p>", "an e-mail has <img>"),
        ("<p style='background: url(/static/logo.png)'>a</p>", "loads something"),
        ("<table><tr><td background='/a.png'>a</td></tr></table>", "an e-mail loads <td background>"),
        ("<p onclick='x()'>a</p>", "onclick"),
    ],
)
def test_an_email_loads_nothing_not_even_from_us(body, word):
    assert word in "\n".join(findings(PAGE.format(body), is_email=True))


def test_the_helper_accepts_a_sound_page():
    assert_sound(PAGE.format("<p>a <a href='https://www.has-sante.fr/'>link for people</a></p>"))


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
@pytest.mark.parametrize("path", ["", "how-it-works/", "how-results-are-ordered/", "contact/", "time-zone/"])
@pytest.mark.django_db
def test_the_pages_of_the_front_door_are_sound(client, language, path):
    response = client.get(f"/{language}/{path}")

    assert response.status_code == 200
    assert_sound(response.text)
    tree = parse(response.text)
    assert tree.get("lang") == language
    assert len(list(tree.iter("h1"))) == 1
    assert "112" in text_of(tree.find("body"))


@pytest.mark.django_db
def test_the_gallery_shows_every_component_and_is_sound(client):
    response = client.get("/dev/components/", follow=True)

    assert_sound(response.text)
    for part in ("card", "notice", "empty", "badge", "portrait", "times", "timeline", "steps", "pager", "table",
                 "slots", "filter", "progress", "error-summary", "split-date", "confirm", "disclosure"):  # fmt: skip
        assert f'class="{part}' in response.text, part


@pytest.mark.parametrize("name", ["400", "403", "404", "411", "413", "429", "500", "503", "csrf"])
def test_error_pages_need_no_request_and_are_sound(name):
    markup = render_to_string(f"errors/{name}.html", {"CARETEAM_EMAIL": "careteam@medicaim.example"})

    assert_sound(markup)
    assert "careteam@medicaim.example" in markup


def test_the_base_of_emails_is_sound():
    context = {"LANGUAGE_CODE": "en", "LANGUAGE_BIDI": False, "SITE_URL": "http://testserver", "CARETEAM_PHONE": "",
               "CARETEAM_EMAIL": "careteam@medicaim.example", "alarm_url": "http://testserver/en/alarm/x/"}  # fmt: skip

    markup = render_to_string("email/base.html", context)

    assert_sound(markup, is_email=True)
    assert "This was not me" in markup
    assert "This was not me" in render_to_string("email/base.txt", context)


def test_a_style_in_a_page_is_refused_but_not_in_an_email():
    markup = (
        "<!doctype html><html lang='en'><head><title>T</title><style>p { margin: 0 }</style></head>"
        "<body><p style='margin: 0'>a</p></body></html>"
    )
    assert_sound(markup, is_email=True)
    with pytest.raises(UnsoundPage):
        assert_sound(markup)

"""E-mails: one hand, in the colours of the site, readable where a mail program drops what it does not know."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, engines
from django.template.loader import render_to_string

from medicaim.common.text import laid_out
from tests.common.test_ui_contrast import token_sets
from tests.support.html import assert_sound, parse, text_of

EMAILS = [path for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html") if "email" in path.parts]
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b")
DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{.*?\n\}\n", re.DOTALL)
INSTANT = datetime(2027, 1, 14, 9, tzinfo=UTC)


def drawn(source: str, *, autoescape: bool = True, **values) -> str:
    template = engines["django"].from_string(source).template
    return template.render(Context(values, autoescape=autoescape))


def test_every_colour_of_an_email_is_a_token_of_the_site():
    modes = token_sets()
    base = (Path(settings.BASE_DIR) / "templates/email/base.html").read_text()
    dark = DARK.search(base).group()
    light = "".join(path.read_text() for path in EMAILS).replace(dark, "")

    assert set(COLOUR.findall(dark)) <= set(modes["dark"].values())
    assert set(COLOUR.findall(light)) <= set(modes["light"].values())
    assert len(EMAILS) > 40


def test_every_html_email_comes_from_the_one_base():
    frames = re.compile(r'{% extends "([^"]+)" %}')
    parts = {path for path in EMAILS if {"parts", "includes"} & set(path.parts)}
    bases = {
        frames.match(path.read_text()).group(1) for path in EMAILS if path not in parts and path.name != "base.html"
    }

    assert bases == {"email/base.html", "bookings/email/appointment.html"}


def test_the_next_step_is_a_button_without_any_style_sheet():
    button = parse(drawn("{% email_button url %}Sign in{% endemail_button %}", url="http://testserver/?a=1&b=2"))
    place, link = button.find(".//td"), button.find(".//a")

    assert (link.get("href"), text_of(link)) == ("http://testserver/?a=1&b=2", "Sign in")
    assert "background: #0b5563" in place.get("style")
    assert "color: #ffffff" in link.get("style")


@pytest.mark.parametrize("source", [
    "{% email_fact label %}{{ name }}{% endemail_fact %}",
    "{% email_note %}{{ name }}{% endemail_note %}",
    "{% email_quiet %}{{ name }}{% endemail_quiet %}",
    "{% email_button name %}{{ name }}{% endemail_button %}",
    "{% email_code name %}",
])  # fmt: skip
def test_what_a_person_typed_is_text_and_escaped_once(source):
    markup = drawn(source, label="<b>", name="<img src=x> & Co")

    assert "<img" not in markup
    assert "<b>" not in markup
    assert "&lt;img src=x&gt; &amp; Co" in markup


def test_both_clocks_stand_in_both_parts():
    values = {"at": INSTANT, "reader_zone": "America/New_York"}
    markup = drawn('{% email_times "When" at "Europe/Paris" %}', **values)
    text = drawn('{% text_times "When" at "Europe/Paris" %}', autoescape=False, **values)

    for words in ("Thursday, 14 January 2027, 10:00", "Paris time, UTC+1", "04:00 for you (New York time, UTC−5)"):
        assert words in markup
        assert words in text
    assert text.splitlines()[1].startswith("  Thursday")


def test_the_text_has_short_lines_whole_addresses_and_one_empty_line_at_a_time():
    address = "https://medicaim.example/" + "a" * 90
    text = laid_out("\n\n A title \n\n\n\n  " + "indented words " * 12 + f"\n{address}\n\n\n")

    lines = text.splitlines()
    assert lines[:2] == ["A title", ""]
    assert address in lines
    assert all(len(line) <= 72 for line in lines if line != address)
    assert [line for line in lines if "indented" in line] == [line for line in lines if line.startswith("  ")]
    assert "\n\n\n" not in text


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_the_direction_holds_where_a_mail_program_drops_the_frame_of_the_page(language, direction):
    context = {"LANGUAGE_CODE": language, "LANGUAGE_BIDI": language == "ar", "SITE_URL": "http://testserver",
               "CARETEAM_EMAIL": "careteam@medicaim.example", "CARETEAM_PHONE": "+33 1 99 00 00 00"}  # fmt: skip
    markup = render_to_string("email/base.html", context)

    assert_sound(markup, is_email=True)
    ground = parse(markup).find(".//body/div")
    assert (ground.get("dir"), ground.get("lang")) == (direction, language)
    assert "+33 1 99 00 00 00" in text_of(ground)

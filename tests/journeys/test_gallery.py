"""The gallery looks as it was left: boxes and colours of its parts in four looks, against a stored baseline.

No pictures are compared: another machine's fonts would change every one. Where a part begins and how wide it is
follows from the layout and may differ by a few pixels; heights, and widths that follow the words, by a third; colours
not at all. After a change that was meant, and looked at, renew the baseline (`gallery_layout.json`):

    RENEW_GALLERY=1 bin/test tests/journeys/test_gallery.py
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.live import LiveSite

pytestmark = pytest.mark.timeout(300)

BASELINE = Path(__file__).with_name("gallery_layout.json")
RENEW = os.environ.get("RENEW_GALLERY") == "1"
LOOKS = {
    "phone, light": (360, "?dir=ltr&mode=light"),
    "phone, dark, right to left": (360, "?dir=rtl&mode=dark"),
    "desk, dark": (1280, "?dir=ltr&mode=dark"),
    "desk, light, right to left, more contrast": (1280, "?dir=rtl&mode=light&contrast=more"),
}
#: The first element of each class that stands in the main part, with its box inside its section and its colours.
MEASURE = """
() => {
  const found = {};
  for (const section of document.querySelectorAll("main .section")) {
    const frame = section.getBoundingClientRect();
    for (const part of section.querySelectorAll("[class]")) {
      const name = part.getAttribute("class");
      const box = part.getBoundingClientRect();
      if (name in found || !box.width || part.closest("svg") !== null && part.tagName !== "svg") continue;
      const style = getComputedStyle(part);
      const words = ["inline", "inline-block", "inline-flex", "inline-grid"].includes(style.display)
        || ["flex", "inline-flex"].includes(getComputedStyle(part.parentElement).display);
      found[name] = [
        Math.round(box.left - frame.left), Math.round(box.width), Math.round(box.height), words ? 1 : 0,
        style.color, style.backgroundColor,
      ];
    }
  }
  return found;
}
"""
SMALL_CONTROLS = """
() => [...document.querySelectorAll("button, summary, select, .button, .segmented__part, .slot")]
  .filter((part) => { const box = part.getBoundingClientRect(); return box.width && Math.round(box.height) < 44; })
  .map((part) => part.outerHTML.slice(0, 80))
"""


def differences(then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What a reader would notice between two measures of one look."""
    found = [f"{name}: gone" for name in then.keys() - now.keys()]
    found += [f"{name}: new" for name in now.keys() - then.keys()]
    for name in sorted(then.keys() & now.keys()):
        left, width, height, words, *colours = then[name]
        left_now, width_now, height_now, _words, *colours_now = now[name]
        if colours != colours_now:
            found.append(f"{name}: colours {colours} are {colours_now}")
        if abs(height - height_now) > max(12, height / 3):
            found.append(f"{name}: {height} px high, now {height_now}")
        if words:  # its place and width follow the words around it
            continue
        if abs(left - left_now) > 6 or abs(width - width_now) > max(6, width / 50):
            found.append(f"{name}: at {left}, {width} px wide; now at {left_now}, {width_now}")
    return found


@pytest.fixture(scope="module")
def site(_live_databases) -> Iterator[LiveSite]:
    with LiveSite(worker=False, beat=False) as site:
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


def gallery(browser: Browser, site: LiveSite, look: str) -> Page:
    width, query = LOOKS[look]
    # The system says the contrary of what the address asks for: the address counts.
    scheme = "light" if "dark" in query else "dark"
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{site.url}/en/dev/components/{query}")
    return page


@pytest.mark.parametrize("look", list(LOOKS))
def test_the_parts_stand_where_they_stood(browser, site, look):
    page = gallery(browser, site, look)
    now = page.evaluate(MEASURE)
    is_wider = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    small = page.evaluate(SMALL_CONTROLS)
    page.context.close()

    assert len(now) > 100
    assert not is_wider
    assert small == []
    stored = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    if RENEW:
        lines = {name: dict(sorted(parts.items())) for name, parts in {**stored, look: now}.items()}
        BASELINE.write_text(_one_part_a_line(lines))
        return
    assert differences(stored[look], now) == []


def _one_part_a_line(looks: dict[str, dict[str, Any]]) -> str:
    blocks = []
    for look, parts in sorted(looks.items()):
        rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in parts.items())
        blocks.append(f"{json.dumps(look)}: {{\n{rows}\n}}")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def test_the_comparison_sees_what_a_reader_sees():
    """A part that moved, grew, changed its colour or went away is a difference; another font is none."""
    then = {"card": [0, 500, 200, 0, "rgb(1, 1, 1)", "white"], "button": [20, 120, 47, 1, "red", "white"]}

    assert differences(then, then) == []
    assert differences(then, {**then, "card": [3, 505, 240, 0, "rgb(1, 1, 1)", "white"]}) == []
    assert differences(then, {**then, "button": [90, 160, 50, 1, "red", "white"]}) == []
    for changed in ([40, 500, 200], [0, 440, 200], [0, 500, 320]):
        assert len(differences(then, {**then, "card": [*changed, 0, "rgb(1, 1, 1)", "white"]})) == 1
    assert len(differences(then, {**then, "button": [20, 120, 47, 1, "blue", "white"]})) == 1
    assert len(differences(then, {"card": then["card"]})) == 1


def test_a_dialog_opens_over_the_page_and_without_a_script_in_it(browser, site):
    page = gallery(browser, site, "phone, light")
    page.get_by_role("link", name="What if I cancel?").click()
    dialog = page.get_by_role("dialog", name="If you cancel")
    assert dialog.is_visible()
    assert dialog.evaluate("dialog => dialog.matches(':modal')")
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    page.context.close()

    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}/en/dev/components/")
    page.get_by_role("link", name="What if I cancel?").click()
    assert page.locator("#sample-dialog").is_visible()
    page.locator("#sample-dialog").get_by_role("link", name="Close").click()
    assert not page.locator("#sample-dialog").is_visible()
    context.close()


def test_without_a_connection_the_page_of_ones_language_is_shown(browser, site):
    """And nothing that was read before is in the browser's store."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.url}/fr/")
    # The site registers its worker over TLS only; here the test does it.
    page.evaluate("navigator.serviceWorker.register('/service-worker.js')")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.goto(f"{site.url}/fr/contact/")

    context.set_offline(True)
    page.goto(f"{site.url}/fr/find-care/?q=genou")

    assert page.get_by_role("heading", level=1).inner_text() == "Pas de connexion"
    assert page.evaluate("getComputedStyle(document.querySelector('.footer__emergency')).borderRadius") != "0px"
    kept = page.evaluate(
        "caches.keys().then(async (names) => (await Promise.all(names.map(async (name) =>"
        " (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname)))).flat())"
    )
    pages = sorted(path for path in kept if not path.startswith("/static/"))
    assert pages == sorted(f"/{code}/offline/" for code, _name in settings.LANGUAGES)
    context.set_offline(False)
    context.close()

"""Pages looked at once each in a real browser (pains 34); see tests/support/crawl/__init__.py.

What a database holds is the same on each of them: this runs on SQLite only (marker "once").
"""

import asyncio
import random
from types import ModuleType

import pytest
from django.urls import path
from django.views import View
from playwright.async_api import async_playwright

from medicaim import urls
from tests.support.crawl.checks import LOOKS, Memory, Window
from tests.support.crawl.people import PEOPLE
from tests.support.crawl.run import BROWSER, crawl, not_covered, prepared_site
from tests.support.crawl.steps import answering
from tests.support.crawl.walk import PAGE, Trail, all_names

pytestmark = [pytest.mark.timeout(1800), pytest.mark.once]


@pytest.mark.crawl
def test_every_page_of_everybody():
    with prepared_site() as (site, made):
        trails = crawl(site, made)
    assert [str(finding) for trail in trails for finding in trail.findings] + not_covered(trails) == []


def test_a_page_that_nobody_opened_is_named(settings):
    """A later page is covered by itself, or this says that it is not."""
    trails = [
        Trail(person, outcomes={name: PAGE for name in all_names() if person.may_open(name)}) for person in PEOPLE
    ]
    assert not_covered(trails) == []
    for trail in trails:
        trail.outcomes.pop("bookings:agenda", None)
    assert set(not_covered(trails)) == {
        "owner did not reach bookings:agenda", "reception did not reach bookings:agenda", "nobody saw bookings:agenda",
    }  # fmt: skip
    planted = ModuleType("planted")
    planted.urlpatterns = [*urls.urlpatterns, path("planted/", View.as_view(), name="planted")]
    settings.ROOT_URLCONF = planted
    assert "nobody saw planted" in not_covered(trails)


SOUND = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title></head>
<body><main><h1>A page</h1><p>Words.</p>%s</main></body></html>"""
FAULTS = {
    "axe image-alt": '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="1" height="1">',
    "axe color-contrast": '<p><font color="#999999">Pale</font></p>',
    "axe label": '<input type="text" name="a">',
    "html: id 'a' stands 2 times": '<p id="a">One</p><p id="a">Two</p>',
    "html: line": "<p><div>Inside</div></p>",
    "has 2 h1": "<h1>Another heading</h1>",
    "asks another host": '<img alt="" src="http://elsewhere.invalid/a.png">',
    "scrolls sideways": f"<pre>{'wide' * 100}</pre>",
    "script error": "<script>throw new Error('planted')</script>",
    "weighs": f"<p hidden>{random.Random(1).randbytes(150_000).hex()}</p>",
}


def look_at(pages: dict[str, str]) -> dict[str, list[str]]:
    """What the check says of each of these pages, which a site sends that is none of ours."""

    async def look() -> dict[str, list[str]]:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER)
            window = await Window.open(await browser.new_context(), "http://localhost:9", Memory())
            await window.wear(LOOKS[0])
            said = {}
            for name, body in pages.items():
                await window.page.route("http://localhost:9/en/", answering(200, body))
                said[name] = (await window.look(await window.read(await window.go("/en/")))).findings
                await window.page.unroute("http://localhost:9/en/")
            await browser.close()
            return said

    return asyncio.run(look())


def test_the_check_finds_what_is_planted():
    said = look_at({"": SOUND % "", **{name: SOUND % fault for name, fault in FAULTS.items()}})
    assert said.pop("") == []
    missed = [
        name for name, findings in said.items() if not any(line.startswith(name) or name in line for line in findings)
    ]
    assert missed == []

"""Pages looked at once each in a real browser (pains 34); see tests/support/crawl/__init__.py.

What a database holds is the same on each of them: this runs on SQLite only (marker "once").
"""

import asyncio
import random

import pytest
from playwright.async_api import async_playwright

from tests.support.crawl.checks import LOOKS, Window
from tests.support.crawl.people import PEOPLE
from tests.support.crawl.run import BROWSER, crawl, prepared_site
from tests.support.crawl.steps import answering

pytestmark = [pytest.mark.timeout(600), pytest.mark.once]


def test_every_page_of_a_patient_and_of_an_owner():
    """The other roles: bin/crawl."""
    with prepared_site() as (site, made):
        trails = crawl(site, made, people=[person for person in PEOPLE if person.role in ("patient", "owner")])
    assert [str(finding) for trail in trails for finding in trail.findings] == []
    assert all(trail.pages > 60 for trail in trails)


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
            window = await Window.open(await browser.new_context(), "http://localhost:9")
            await window.wear(LOOKS[0])
            said = {}
            for name, body in pages.items():
                await window.page.route("http://localhost:9/en/", answering(200, body))
                said[name] = (await window.look(await window.go("/en/"))).findings
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

"""The path from the search to the confirmed appointment, walked by people whom a site easily leaves behind.

By the keyboard alone on a narrow phone, at 200 % zoom, right to left, without JavaScript, on a slow line. Everything is
found by role and name, as assistive technology finds it, and every page fits its window.
"""

import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.support.live import LiveSite

pytestmark = [pytest.mark.once, pytest.mark.timeout(240)]

PHRASE = "a long enough phrase 7"
WORDS = "A second look at my knee, please"
PEOPLE = """
    import json
    from tests.support.factories import PatientFactory, UserFactory, make_open_provider
    from bookings import services

    owner = UserFactory(username="desk", password="a long enough phrase 7", language="en", time_zone="Europe/Paris")
    made = make_open_provider(owner=owner, name="Dr Anne-Marie Lefèvre de la Rochefoucauld-Montbéliard",
                              weekdays=range(1, 8), service={"minimum_notice": 0})
    services.refresh_availability(provider_id=made.provider.pk)
    for name in ("keyboard", "zoom", "rtl", "plain", "slow"):
        PatientFactory(username=name, password="a long enough phrase 7", first_name=name.title(), last_name="Exemple",
                       time_zone="America/New_York")
    print(json.dumps({"provider": made.provider.name}))
"""
RIGHT_TO_LEFT = next((code for code, _name in settings.LANGUAGES if code in settings.LANGUAGES_BIDI), "fr")
#: A line of 400 kbit/s on which each answer takes 400 ms longer.
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}


@dataclass(frozen=True)
class Way:
    """How one person uses the site. `seconds`: within how many each step has to be done."""

    name: str
    window: dict = field(default_factory=lambda: {"viewport": {"width": 360, "height": 740}})
    language: str = "en"
    by_keyboard: bool = False
    seconds: float = 30


WAYS = [
    Way("keyboard", by_keyboard=True),
    Way("zoom", {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2}, language="fr"),
    Way("rtl", language=RIGHT_TO_LEFT),
    Way("plain", {"viewport": {"width": 360, "height": 740}, "java_script_enabled": False}),
    Way("slow", seconds=8),
]


class Hands:
    """A mouse or a finger."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        target.click()

    def write(self, target: Locator, text: str) -> None:
        target.fill(text)

    def choose(self, target: Locator) -> None:
        target.check(force=True)  # what is seen and pressed is the label's face


class Keyboard(Hands):
    """Tab, Space, Enter and letters; nothing else."""

    def reach(self, target: Locator) -> None:
        expect(target).to_be_visible()
        for _step in range(150):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {target}")

    def press(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")

    def write(self, target: Locator, text: str) -> None:
        self.reach(target)
        self.page.keyboard.type(text)

    def choose(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Space")


@pytest.fixture(scope="module")
def site(_live_databases) -> Iterator[LiveSite]:
    with LiveSite(beat=False) as site:
        yield site


@pytest.fixture(scope="module")
def provider(site: LiveSite) -> str:
    return site.shell_json(textwrap.dedent(PEOPLE))["provider"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def desk(site: LiveSite, provider: str, browser: Browser) -> Page:
    """The provider's own browser, signed in."""
    page = browser.new_context(base_url=site.url, timezone_id="Europe/Paris").new_page()
    page.goto("/en/workspace/requests/")
    page.get_by_label("User name or e-mail address").fill("desk")
    page.get_by_label("Password").fill(PHRASE)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Requests")
    return page


@contextmanager
def step(way: Way, page: Page, title: str) -> Iterator[None]:
    """One step: it ends on a page with that heading, in time, and the page fits the window."""
    began = time.monotonic()
    yield
    expect(page.get_by_role("heading", level=1)).to_have_text(title, timeout=way.seconds * 1000)
    took = time.monotonic() - began
    assert took <= way.seconds, f"{title}: {took:.1f} s"
    room = page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert room[0] <= room[1], f"{title} is wider than its window: {room}"
    direction = page.locator("html").get_attribute("dir") or "ltr"
    assert (direction == "rtl") == (way.language in settings.LANGUAGES_BIDI)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_from_the_search_to_the_confirmed_appointment(
    site: LiveSite, provider: str, browser: Browser, desk: Page, way: Way
):
    context = browser.new_context(base_url=site.url, timezone_id="America/New_York", **way.window)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    if way.name == "slow":
        context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
    hands = Keyboard(page) if way.by_keyboard else Hands(page)
    with translation.override(way.language):
        ask_for_a_time(way, page, hands, provider)
    accept(desk, f"{way.name.title()} Exemple")
    with translation.override(way.language):
        with step(way, page, _("Your appointment")):
            page.reload()
        expect(page.get_by_text(_("Your appointment is confirmed."))).to_be_visible()
        expect(page.get_by_role("link", name=_("Add to my calendar"))).to_be_visible()
    assert complaints == []
    context.close()


def ask_for_a_time(way: Way, page: Page, hands: Hands, provider: str) -> None:
    """The patient's part, found by role and name in the language of the page."""
    button = lambda name: page.get_by_role("button", name=name, exact=True)  # noqa: E731
    with step(way, page, _("Find care")):
        page.goto(f"/{way.language}/find-care/")
    hands.write(page.get_by_role("searchbox").or_(page.get_by_role("textbox", name=_("What do you need?"))), "Lefèvre")
    with step(way, page, _("Find care")):
        hands.press(button(_("Search")))
        result = page.get_by_role("article", name=provider)
        expect(result).to_be_visible(timeout=way.seconds * 1000)
    with step(way, page, _("Choose a free time")):
        hands.press(result.get_by_role("link", name=_("All free times")))

    # Free times are radio buttons under the name of their day.
    expect(
        page.get_by_role("list", name=_("Step %(current)s of %(total)s") % {"current": 1, "total": 3})
    ).to_be_visible()
    free = page.get_by_role("group").get_by_role("radio").first
    assert any(digit.isdigit() for digit in free.locator("..").inner_text())
    hands.choose(free)
    token = free.get_attribute("value")
    if way.window.get("java_script_enabled", True):
        expect(page.get_by_role("status").filter(has_text=_("You chose:"))).to_be_visible()
    with step(way, page, _("Sign in")):
        hands.press(button(_("Go on with this time")))
    expect(page.get_by_role("group", name=_("The time you chose"))).to_contain_text(provider)
    hands.write(page.get_by_label(_("User name or e-mail address")), way.name)
    hands.write(page.get_by_label(_("Password"), exact=True), PHRASE)
    with step(way, page, _("Send your request")):
        hands.press(button(_("Sign in")))
    assert page.locator("input[name=slot]").get_attribute("value") == token
    subject = page.get_by_role("textbox", name=_("What is it about?"))
    hands.write(subject, WORDS)

    # A step back in the browser and forth, another time, and here again: no word is lost.
    page.go_back()
    page.go_forward()
    expect(subject).to_have_value(WORDS)
    with step(way, page, _("Choose a free time")):
        hands.press(button(_("Choose another time")))
    hands.choose(page.get_by_role("radio").first)
    with step(way, page, _("Send your request")):
        hands.press(button(_("Go on with this time")))
    expect(subject).to_have_value(WORDS)
    with step(way, page, _("Your request is sent")):
        hands.press(button(_("Send the request")))
    to_come = page.get_by_role("list", name=_("From the request to the visit")).get_by_role("listitem")
    expect(to_come).to_have_count(3)
    expect(to_come.nth(1)).to_have_attribute("aria-current", "step")
    expect(page.get_by_text(WORDS)).to_be_visible()


def accept(desk: Page, person: str) -> None:
    """The provider accepts from the list, in one click."""
    desk.goto("/en/workspace/requests/")
    desk.get_by_role("button", name=f"Accept {person}").click()
    expect(desk.get_by_text("Accepted. The patient gets a message now.")).to_be_visible()

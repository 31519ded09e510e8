"""The stand-in as a process of its own, and its pages in a real browser, by keyboard."""

import os
import subprocess
import sys

import pytest
import stripe
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from tests.stripe_stand_in_tests.conftest import SECRET, send
from tests.support.servers import ROOT, free_port, running, wait_for

pytestmark = [pytest.mark.live, pytest.mark.once]
COMMAND = ["-m", "tests.stripe_stand_in"]


def test_process_pays_and_tells(tmp_path, listener):
    port, log = free_port(), tmp_path / "log"
    options = ["--port", str(port), "--webhook", listener.url, "--secret", SECRET]
    with running([*COMMAND, *options], env=dict(os.environ), log=log):
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/_control/clock", log=log)
        client = stripe.StripeClient("sk_test_x", base_addresses={"api": url}, max_network_retries=0)
        intent = client.v1.payment_intents.create(
            {"amount": 500, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True}
        )
        send(f"{url}/_control/webhooks/flush", "{}", method="POST")
    paid = listener.events()[-1]
    assert (paid.type, paid.data.object["id"]) == ("payment_intent.succeeded", intent.id)


@pytest.mark.parametrize(
    "options",
    [
        ["--webhook", "https://medicaim.example/hook", "--secret", "x"],
        ["--webhook", "http://127.0.0.1:1/"],
    ],
)
def test_wrong_options_are_refused(options):
    done = subprocess.run([sys.executable, *COMMAND, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--webhook" in done.stderr


@pytest.fixture
def window():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 360, "height": 740})
        browser.close()


def type_card(page: Page, number: str) -> None:
    """By keyboard alone: from one field to the next, and the button by Enter."""
    page.get_by_label("Email").focus()
    for text in ("payer@example.org", number, "12/34", "123", "A Payer"):
        page.keyboard.press("Control+a")
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Pay 200.00 EUR")).to_be_focused()
    page.keyboard.press("Enter")


def assert_accessible(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_payer_with_a_keyboard(bench, window):
    session = bench.session(success_url=f"{bench.url}/pages.css?session={{CHECKOUT_SESSION_ID}}")
    complaints: list[str] = []
    window.on("pageerror", lambda error: complaints.append(str(error)))
    window.goto(session.url)
    assert_accessible(window)
    type_card(window, "4000 0000 0000 0002")
    expect(window.get_by_role("alert")).to_have_text("Your card was declined.")
    assert_accessible(window)
    type_card(window, "4242 4242 4242 4241")
    expect(window.get_by_label("Card number")).to_have_attribute("aria-invalid", "true")
    type_card(window, "4000 0027 6000 3184")
    expect(window.get_by_role("heading", level=1)).to_have_text("Your bank asks: is it you?")
    assert_accessible(window)
    window.keyboard.press("Tab")
    expect(window.get_by_role("button", name="Complete authentication")).to_be_focused()
    window.keyboard.press("Enter")
    window.wait_for_url(f"**/pages.css?session={session.id}")
    assert bench.api.checkout.sessions.retrieve(session.id).payment_status == "paid"
    assert complaints == []

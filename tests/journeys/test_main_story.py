"""The main job from end to end, in a real browser against live processes, with the mails and SMS that came out.

The same story runs on SQLite with the filesystem broker and on PostgreSQL with Redis: the environment says which.
"""

import re
import textwrap
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from icalendar import Calendar
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.live import LiveSite, wait_until

pytestmark = pytest.mark.timeout(300)

PHRASE = "a long enough phrase 7"
OWNER, OWNER_EMAIL = "drexemple", "drexemple@example.org"
PROVIDER = """
    import json
    from datetime import date
    from tests.support.factories import UserFactory, make_open_provider
    from bookings import services
    from providers.models import Specialty

    owner = UserFactory(username="drexemple", email="drexemple@example.org", password="a long enough phrase 7",
                        language="en", time_zone="Europe/Paris")
    specialty = Specialty.objects.filter(canonical=None, label_en__icontains="cardio").order_by("pk").first()
    made = make_open_provider(owner=owner, weekdays=range(1, 8), service={"specialty": specialty, "minimum_notice": 0})
    made.practitioner.specialties.set([specialty])
    services.refresh_availability(provider_id=made.provider.pk)
    print(json.dumps({"provider": made.provider.name, "service": made.service.public_id, "specialty": specialty.pk}))
"""


@pytest.fixture(scope="module")
def site(_live_databases) -> Iterator[LiveSite]:
    with LiveSite() as site:
        yield site


@pytest.fixture(scope="module")
def made(site) -> dict:
    return site.shell_json(textwrap.dedent(PROVIDER))


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


def window(browser: Browser, site: LiveSite, *, zone: str, complaints: list[str], **options) -> Page:
    """A person's own browser; whatever it complains of is noted. What fades in is there at once: axe measures it."""
    context = browser.new_context(
        base_url=site.url, locale="en-GB", timezone_id=zone, reduced_motion="reduce", **options
    )
    page = context.new_page()
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


def axe(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == [], page.url


def open_account(site: LiveSite, page: Page, name: str) -> None:
    page.get_by_label("First name").fill("Ada")
    page.get_by_label("Last name").fill("Exemple")
    page.get_by_label("Day").fill("27")
    page.get_by_label("Month").fill("3")
    page.get_by_label("Year").fill("1984")
    page.get_by_label("Female").check()
    page.get_by_label("E-mail address").fill(f"{name}@example.org")
    page.get_by_label("Mobile phone").fill("+33 6 39 98 12 34")
    page.get_by_label("Send me important news").check()
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(PHRASE)
    page.get_by_label("Password again").fill(PHRASE)
    for box in ("I accept the general terms", "I agree to the processing", "I give my true identity"):
        page.get_by_label(box).check()
    page.get_by_role("button", name="Open the account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter the code")
    page.get_by_label("Code from the e-mail").fill(site.wait_for_mail(to=f"{name}@example.org")["Subject"].split()[0])
    page.get_by_role("button", name="Confirm").click()


def sign_in(page: Page, name: str, path: str) -> None:
    page.goto(path)
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill(PHRASE)
    page.get_by_role("button", name="Sign in", exact=True).click()


def invitations(site: LiveSite, address: str) -> list:
    """(METHOD, UID, SEQUENCE, STATUS) of every calendar entry that reached the address, oldest first."""
    found = []
    for mail in site.mails(address):
        for part in mail.iter_attachments():
            if part.get_content_type() == "text/calendar":
                calendar = Calendar.from_ical(part.get_payload(decode=True))
                (event,) = calendar.walk("VEVENT")
                assert part.get_param("method") == calendar["METHOD"]
                found.append((str(calendar["METHOD"]), str(event["UID"]), event["SEQUENCE"], str(event["STATUS"])))
    return found


def test_from_the_search_to_a_cancelled_visit(site: LiveSite, made: dict, browser: Browser):
    """Search, free time, account, request, accept, mails and SMS, move, cancel. pains 31 in the mails themselves."""
    complaints: list[str] = []
    patient = window(browser, site, zone="America/New_York", complaints=complaints)
    desk = window(browser, site, zone="Europe/Paris", complaints=complaints)

    # The patient searches by specialty, place, date and price, and chooses a time without an account.
    patient.goto("/en/")  # the browser tells its time zone
    patient.goto(f"/en/find-care/?specialty={made['specialty']}&country=FR&city=Paris&budget=60&currency=EUR")
    result = patient.get_by_role("article", name=made["provider"])
    expect(result).to_be_visible()
    axe(patient)
    result.get_by_role("link", name="All free times").click()
    expect(patient.get_by_role("heading", level=1)).to_have_text("Choose a free time")
    axe(patient)
    before = patient.locator("#week_heading").inner_text()
    patient.get_by_role("link", name="Week after").click()
    expect(patient.locator("#week_heading")).not_to_have_text(before)
    expect(patient.locator("#week_heading")).to_be_focused()
    chosen = patient.get_by_role("radio").nth(3)
    token = chosen.get_attribute("value")
    chosen.check(force=True)
    patient.get_by_role("button", name="Go on with this time").click()

    # The choice survives sign-up and the verification of the address.
    patient.get_by_role("link", name="Open an account").first.click()
    open_account(site, patient, "ada")
    expect(patient.get_by_role("heading", level=1)).to_have_text("Send your request")
    assert patient.locator("input[name=slot]").get_attribute("value") == token
    axe(patient)
    patient.get_by_label("What is it about?").fill("A second look at my results")
    told = len(site.mails(to=OWNER_EMAIL))  # of other tests on this site
    patient.get_by_role("button", name="Send the request").click()
    expect(patient.get_by_role("heading", level=1)).to_have_text("Your request is sent")
    axe(patient)
    appointment_page = patient.url

    # The provider is told, signs in and accepts.
    mail = site.wait_for_mail(to=OWNER_EMAIL, count=told + 1)
    link = re.search(r"https?://\S+/workspace/appointments/\S+", mail.get_body(("plain",)).get_content()).group()
    sign_in(desk, OWNER, link)
    expect(desk.get_by_role("heading", level=1)).to_have_text("Ada Exemple")
    expect(desk.get_by_text("A second look at my results")).to_be_visible()
    axe(desk)
    desk.goto("/en/workspace/requests/")
    axe(desk)
    desk.get_by_role("link", name="Ada Exemple", exact=True).click()
    desk.get_by_role("button", name="Accept the request").click()
    expect(desk.get_by_text("Accepted. The patient gets a message now.")).to_be_visible()
    desk.goto("/en/workspace/agenda/")
    axe(desk)

    # Both have their invitation, the patient an SMS.
    wait_until(lambda: len(invitations(site, "ada@example.org")) == 1, what="the patient's invitation")
    wait_until(lambda: len(invitations(site, OWNER_EMAIL)) == 1, what="the provider's invitation")
    sms = wait_until(lambda: [line for line in site.sms("+33639981234") if "confirmed" in line["body"]], what="the SMS")
    assert "UTC" in sms[0]["body"]
    assert "cardio" not in sms[0]["body"].lower()

    # The patient asks for another time, the provider agrees.
    patient.goto(appointment_page)
    expect(patient.get_by_text("Your appointment is confirmed.")).to_be_visible()
    patient.get_by_role("link", name="Ask for another time").click()
    axe(patient)
    patient.get_by_role("radio").last.check(force=True)
    patient.get_by_role("button", name="Ask for this time").click()
    expect(patient.get_by_text("You asked for another time.")).to_be_visible()
    desk.goto("/en/workspace/requests/")
    desk.get_by_role("link", name="Ada Exemple", exact=True).click()
    desk.get_by_role("button", name="Accept this time").click()
    wait_until(lambda: len(invitations(site, "ada@example.org")) == 2, what="the moved invitation")

    # The patient cancels.
    patient.goto(appointment_page)
    patient.get_by_role("link", name="Cancel the appointment").click()
    expect(patient.get_by_text("No deposit was taken")).to_be_visible()
    axe(patient)
    patient.get_by_role("button", name="Cancel the appointment").click()
    expect(patient.get_by_text("This appointment is cancelled.")).to_be_visible()
    axe(patient)
    for address in ("ada@example.org", OWNER_EMAIL):
        wait_until(lambda address=address: len(invitations(site, address)) == 3, what=f"the end, to {address}")
        methods, uids, sequences, states = zip(*invitations(site, address), strict=True)
        assert methods == ("REQUEST", "REQUEST", "CANCEL")
        assert len(set(uids)) == 1
        assert sequences == (0, 1, 2)
        assert states == ("CONFIRMED", "CONFIRMED", "CANCELLED")
    assert complaints == []


def test_by_keyboard_alone_and_without_javascript(site: LiveSite, made: dict, browser: Browser):
    """pains 34: from the calendar to the request with Tab, arrows, Space and Enter, no script running."""
    complaints: list[str] = []
    site.shell(
        f"from tests.support.factories import PatientFactory; PatientFactory(username='kim', password='{PHRASE}')"
    )
    page = window(browser, site, zone="Europe/Paris", complaints=complaints, java_script_enabled=False)
    page.goto(f"/en/request/{made['service']}/")
    focused = page.locator(":focus")

    def tab_to(name: str) -> None:
        for _step in range(80):
            page.keyboard.press("Tab")
            if not focused.count():
                continue
            marks = [focused.get_attribute("type"), focused.get_attribute("name"), focused.inner_text()]
            if any(name in (mark or "") for mark in marks):
                return
        raise AssertionError(f"the keyboard does not reach {name}")

    tab_to("Week after")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("week="))
    tab_to("radio")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    token = focused.get_attribute("value")
    tab_to("Go on with this time")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert token.rstrip("=") in page.url
    for field, text in (("login", "kim"), ("password", PHRASE)):
        tab_to(field)
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Send your request")
    assert page.locator("input[name=slot]").get_attribute("value") == token
    tab_to("subject")
    page.keyboard.type("A question about my knee")
    tab_to("Send the request")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your request is sent")
    assert complaints == []

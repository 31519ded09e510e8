"""An account in a real browser: sign-up by e-mail code, a passkey, the alarm."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.support.live import LiveSite

pytestmark = [pytest.mark.timeout(300), pytest.mark.once]


@pytest.fixture(scope="module")
def site(_live_databases) -> Iterator[LiveSite]:
    with LiveSite(beat=False) as site:
        yield site


@pytest.fixture
def page(site) -> Iterator[Page]:
    """A page in Chromium; whatever the browser complains of (the content policy, a script) fails the test."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context(base_url=site.url, locale="en-GB", timezone_id="America/Sao_Paulo")
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        browser.close()
        assert complaints == []


def virtual_authenticator(page: Page) -> None:
    """A device that keeps passkeys and says yes to every question."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def open_account(site: LiveSite, page: Page, name: str, *, path: str = "/en/account/signup/") -> None:
    page.goto("/en/")
    page.keyboard.press("Tab")  # at the first touch the browser tells its time zone
    page.goto(path)
    expect(page.get_by_label("Time zone")).to_have_value("America/Sao_Paulo")
    page.get_by_label("First name").fill("Ada")
    page.get_by_label("Last name").fill("Exemple")
    page.get_by_label("Day").fill("27")
    page.get_by_label("Month").fill("3")
    page.get_by_label("Year").fill("1984")
    page.get_by_label("Female").check()
    page.get_by_label("E-mail address").fill(f"{name}@example.org")
    page.get_by_label("Mobile phone").fill("+33 6 39 98 12 34")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill("a long enough phrase 7")
    page.get_by_label("Password again").fill("a long enough phrase 7")
    for box in ("I accept the general terms", "I agree to the processing", "I give my true identity"):
        page.get_by_label(box).check()
    page.get_by_role("button", name="Open the account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter the code")
    mail = site.wait_for_mail(to=f"{name}@example.org")
    page.get_by_label("Code from the e-mail").fill(mail["Subject"].split()[0])
    page.get_by_role("button", name="Confirm").click()


def confirm_password(page: Page) -> None:
    page.get_by_label("Your password").fill("a long enough phrase 7")
    page.get_by_role("button", name="Confirm").click()


def test_sign_up_add_a_passkey_and_sign_in_with_it(site: LiveSite, page: Page):
    virtual_authenticator(page)
    open_account(site, page, "ada", path="/en/account/signup/?next=/en/me/dependants/")
    expect(page.get_by_role("heading", level=1)).to_have_text("People I act for")

    page.goto("/en/account/2fa/webauthn/add/")
    confirm_password(page)
    page.get_by_label("Let me sign in with this passkey alone").check()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    page.goto("/en/account/2fa/webauthn/")
    expect(page.get_by_text("Signs you in without a password.")).to_be_visible()

    page.goto("/en/account/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.goto("/en/me/profile/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My details")

    # The second step after a password, and the question before something that matters.
    page.context.clear_cookies()
    page.goto("/en/account/login/")
    page.get_by_label("User name or e-mail address").fill("ada")
    page.get_by_label("Password", exact=True).fill("a long enough phrase 7")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_have_count(0)
    page.goto("/en/account/2fa/recovery-codes/generate/")
    page.get_by_role("link", name="Use a security key").click()
    page.get_by_role("button", name="Confirm with a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("New recovery codes")


def test_one_click_when_somebody_else_used_the_account(site: LiveSite, page: Page):
    open_account(site, page, "grace")
    page.goto("/en/me/security/")
    page.get_by_role("button", name="Somebody else used my account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account is protected")
    mail = site.wait_for_mail(to="grace@example.org", count=2)
    body = mail.get_body(("plain",)).get_content()
    link = next(line for line in body.splitlines() if "/password/reset/key/" in line)
    page.goto(link.strip())
    page.get_by_label("New password", exact=True).fill("another fine phrase 42")
    page.get_by_label("New password again").fill("another fine phrase 42")
    page.get_by_role("button", name="Save the password").click()
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_label("User name or e-mail address").fill("grace@example.org")
    page.get_by_label("Password", exact=True).fill("another fine phrase 42")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto("/en/me/profile/")
    expect(page.get_by_role("heading", level=1)).to_have_text("My details")

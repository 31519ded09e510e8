"""Fifteen pages as pictures, for docs/screens: a patient's way from the search to the request, and a provider's rooms.

The site is a throw-away one with demonstration data. A picture is at most 120 kB: long pages are cut at the bottom.
"""

import io
import re
import sys
from collections.abc import Callable

import django
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.live import ROOT, LiveSite

FOLDER = ROOT / "docs" / "screens"
MOST_BYTES = 120_000
MOST_HEIGHT = 1800
DESK, PHONE = 1280, 390


def keep(name: str, picture: bytes) -> None:
    """Write a picture as WebP, as good as the size allows."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, MOST_HEIGHT)))
    for quality in range(86, 30, -8):
        buffer = io.BytesIO()
        image.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= MOST_BYTES:
            break
    else:
        raise ValueError(f"{name} does not fit into {MOST_BYTES} bytes")
    (FOLDER / f"{name}.webp").write_bytes(buffer.getvalue())
    sys.stdout.write(f"docs/screens/{name}.webp  {image.width} x {image.height}, {buffer.tell() // 1000} kB\n")


class Camera:
    """Browsers of several people, and the pictures that were asked for."""

    def __init__(self, site: LiveSite, browser: Browser, wanted: set[str]) -> None:
        self.site, self.browser, self.wanted = site, browser, wanted

    def page(self, *, width: int = DESK, scheme: str = "light", sign_in: str = "") -> Page:
        context = self.browser.new_context(
            base_url=self.site.url,
            viewport={"width": width, "height": 844 if width == PHONE else 800},
            color_scheme=scheme,
            locale="en-GB",
            timezone_id="Asia/Dubai",
            reduced_motion="reduce",
        )
        page = context.new_page()
        if sign_in:
            from medicaim.demo.people import PASSWORD

            page.goto("/en/account/login/")
            page.locator("#id_login").fill(sign_in)
            page.locator("#id_password").fill(PASSWORD)
            page.locator("form:has(#id_password) button[type=submit]").first.click()
            page.wait_for_url(lambda address: "/login/" not in address)
        return page

    def take(self, name: str, page: Page, *, whole: bool = True) -> None:
        if self.wanted and name not in self.wanted:
            return
        page.mouse.move(0, 0)
        keep(name, page.screenshot(full_page=whole))


def of_a_visitor(camera: Camera) -> None:
    page = camera.page()
    page.goto("/en/")
    page.reload()  # the browser has told its time zone
    camera.take("home", page)
    page.goto("/en/find-care/?where=France")
    camera.take("results", page)
    page.locator(".result__name a").first.click()
    camera.take("provider", page)
    page = camera.page(width=PHONE)
    page.goto("/en/account/login/")
    camera.take("sign-in", page)
    page = camera.page(scheme="dark")
    page.goto("/en/nothing-here/")
    camera.take("404", page)


def of_a_patient(camera: Camera) -> None:
    page = camera.page(width=PHONE, sign_in="patient")
    page.goto("/en/find-care/?where=France")
    page.get_by_role("link", name="All free times").first.click()
    camera.take("slots", page, whole=False)  # its button stays at the edge of the screen
    page.locator("input[name=slot]").nth(3).check()
    page.locator("form:has(input[name=slot]) button[type=submit]").last.click()
    camera.take("request", page)
    for field in page.locator("main form[method=post] [required]").all():
        if field.get_attribute("type") == "checkbox":
            field.check()
    page.locator("main form[method=post] textarea").first.fill("My right knee hurts when I climb stairs.")
    page.locator("main form[method=post] button[type=submit]").last.click()
    page.wait_for_url("**/my/appointments/**")
    camera.take("request-sent", page)
    page.goto("/en/my/appointments/")
    camera.take("my-appointments", page)
    page = camera.page(sign_in="patient")
    page.goto("/en/my/appointments/")
    page.locator('main a[href*="/my/appointments/apt"], main .card a[href*="/my/appointments/"]').first.click()
    camera.take("appointment", page)


def of_a_provider(camera: Camera) -> None:
    page = camera.page(sign_in="owner")
    page.goto("/en/workspace/requests/")
    camera.take("inbox", page)
    page.goto("/en/workspace/agenda/")
    camera.take("agenda", page)
    page.goto("/en/workspace/")
    if re.search(r"/workspace/$", page.url):
        page.locator("main .card a").first.click()
    room = re.sub(r"(/workspace/[^/]+/).*", r"\1", page.url)
    page.goto(f"{room}hours/")
    camera.take("hours", page)
    page.goto(f"{room}page/")
    camera.take("page-editor", page)


def of_a_message(camera: Camera) -> None:
    mail = camera.site.wait_for_mail(to="patient@demo.example.org")
    body = mail.get_body(("html",))
    page = camera.page(width=620)
    page.set_content(body.get_content())
    camera.take("e-mail", page)


def main() -> int:
    wanted = set(sys.argv[1:])
    FOLDER.mkdir(parents=True, exist_ok=True)
    parts: list[Callable[[Camera], None]] = [of_a_visitor, of_a_patient, of_a_provider, of_a_message]
    with LiveSite(beat=False) as site, sync_playwright() as playwright:
        site.manage("demo", "--providers", "40")
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        camera = Camera(site, browser, wanted)
        for part in parts:
            part(camera)
        browser.close()
    return 0


if __name__ == "__main__":
    django.setup()
    sys.exit(main())

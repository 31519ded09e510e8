"""Pages that no link leads to: a form sent empty, what stands after a post, and the refusals.

Only forms are sent that cannot be accepted, or of accounts made for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from django.urls import reverse
from django.utils import translation
from playwright.async_api import Page, Response, Route

from medicaim.demo.people import PASSWORD

from .checks import LOOKS, Finding, Look, Window
from .people import Person
from .reading import in_language, name_of
from .walk import PAGE, Trail, keep_page

#: Forms with fields that must be filled in, by role; sent empty they come back with what is missing.
EMPTY_FORMS = {
    "visitor": ("account_signup", "account_login", "account_reset_password", "accounts:alarm"),
    "patient": (
        "accounts:profile", "accounts:dependant_add", "account_change_password", "account_reauthenticate",
        "mfa_activate_totp", "bookings:move",
    ),
    "owner": (
        "providers:practitioner_add", "providers:location_add", "providers:service_add", "providers:closure_add",
        "providers:opening_add", "providers:calendar_add", "providers:members", "bookings:decline",
        "bookings:propose", "bookings:provider_cancel",
    ),
    "coordinator": ("providers:apply",),
    "careteam": ("mfa_reauthenticate", "admin:providers_currencyrate_add"),
}  # fmt: skip

#: The first form with something to fill in: emptied, and sent past the browser's own check.
SEND_EMPTY = """() => {
    const fields = "input:not([type=hidden], [type=submit], [type=search]), textarea";
    const form = [...document.querySelectorAll("main form, #content form")].find(
        (one) => one.method === "post" && one.querySelector(fields));
    form.noValidate = true;
    for (const field of form.querySelectorAll(fields)) {
        if (["checkbox", "radio"].includes(field.type)) field.checked = false;
        else field.value = "";
    }
    for (const list of form.querySelectorAll("select")) list.value = "";
    form.requestSubmit();
}"""


def answering(status: int, body: str) -> Callable[[Route], Awaitable[None]]:
    """Answers in the place of the site."""

    async def answer(route: Route) -> None:
        await route.fulfill(status=status, body=body, content_type="text/html; charset=utf-8")

    return answer


class Steps:
    """The steps of one person, after the walk that found where the forms are."""

    def __init__(
        self, window: Window, trail: Trail, *, looks: list[Look] | None, turn: int, refusals: dict, keep: Path | None
    ) -> None:
        self.window, self.trail, self.looks, self.turn = window, trail, looks or LOOKS, turn
        self.refusals, self.keep = refusals, keep

    @property
    def person(self) -> Person:
        return self.trail.person

    async def run(self) -> None:
        for name in EMPTY_FORMS.get(self.person.role, ()):
            await self._send_empty(name)
        if self.person.role == "visitor":
            await self._refusals()
            await self._reset_password()
            await self._sign_up()
            await self._second_factor()

    async def _wear_next(self) -> Look:
        self.turn += 1
        look = self.looks[self.turn % len(self.looks)]
        await self.window.wear(look)
        return look

    async def _see(self, response: Response, what: str, status: tuple[int, ...]) -> None:
        """Look at what stands in the window now."""
        seen = await self.window.look(await self.window.read(response, status=status))
        self.trail.pages += 1
        self.trail.looked_at += 1
        self.trail.outcomes[seen.name] = PAGE
        keep_page(self.keep, self.person, seen)
        look = f"{self.window.current}"
        self.trail.findings += [
            Finding(self.person.role, look, seen.name, f"{seen.path} ({what})", text) for text in seen.findings
        ]

    async def _post(self, act: Callable) -> Response:
        """Do what leads to another page, and return what came."""
        self.window.forget()
        async with self.window.page.expect_navigation() as coming:
            await act()
        response = await coming.value
        assert response is not None
        return response

    async def _send_empty(self, name: str) -> None:
        look = await self._wear_next()
        path = self.trail.paths.get(name)
        if path is None:
            self.trail.findings.append(
                Finding(self.person.role, str(look), name, "", "has a form to send, but was not reached")
            )
            return
        await self.window.go(in_language(path, look.language))
        response = await self._post(lambda: self.window.page.evaluate(SEND_EMPTY))
        if name_of(response.url) != name:
            self.trail.findings.append(
                Finding(self.person.role, str(look), name, path, f"took an empty form: {response.url}")
            )
        await self._see(response, "sent empty", (200, 422))

    async def _refusals(self) -> None:
        """The error pages, as the product renders them."""
        for path, (status, body) in self.refusals.items():
            look = await self._wear_next()
            if not path.startswith(f"/{look.language}/"):
                continue

            await self.window.page.route(self.window.origin + path, answering(status, body))
            await self._see(await self.window.go(path), "an error page", (status,))
            await self.window.page.unroute(self.window.origin + path)

    def _path(self, name: str, look: Look) -> str:
        with translation.override(look.language):
            return reverse(name)

    async def _fill(self, **values: str) -> Page:
        page = self.window.page
        for name, value in values.items():
            field = page.locator(f"main [name={name}]")
            if await field.first.get_attribute("type") in ("radio", "checkbox"):
                await page.locator(f"main [name={name}]" + (f"[value={value}]" if value != "on" else "")).check(
                    force=True
                )
            elif await field.first.evaluate("field => field.tagName") == "SELECT":
                await field.select_option(value)
            else:
                await field.fill(value)
        return page

    async def _submit(self, **values: str) -> Response:
        page = await self._fill(**values)
        form = page.locator("main form").filter(has=page.locator(f"[name={next(iter(values))}]"))
        return await self._post(lambda: form.evaluate("form => form.requestSubmit()"))

    async def _reset_password(self) -> None:
        look = await self._wear_next()
        await self.window.go(self._path("account_reset_password", look))
        await self._see(await self._submit(email="patient6@demo.example.org"), "asked for a link", (200,))

    async def _sign_up(self) -> None:
        look = await self._wear_next()
        await self.window.go(self._path("account_signup", look))
        response = await self._submit(
            first_name="Ada", last_name="Exemple", date_of_birth_day="27", date_of_birth_month="3",
            date_of_birth_year="1984", gender="female", email="crawler@example.org", phone="+33 6 39 98 12 34",
            username="crawler", password1="a long enough phrase 7", password2="a long enough phrase 7",
            agree_terms="on", agree_personal_data="on", true_identity="on",
        )  # fmt: skip
        await self._see(response, "signed up", (200,))
        await self._see(await self._submit(code="000000"), "a wrong code", (200, 422))
        await self.window.page.context.clear_cookies(name="session")

    async def _second_factor(self) -> None:
        look = await self._wear_next()
        await self.window.go(self._path("account_login", look))
        await self._see(await self._submit(login="careteam", password=PASSWORD), "a right password", (200,))
        await self._see(await self._submit(code="000000"), "a wrong code", (200, 422))

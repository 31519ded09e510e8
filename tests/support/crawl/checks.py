"""What a page must be in a browser, and who keeps in mind what was looked at. Each finding is one line."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
from django.conf import settings
from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, Response

from .reading import Seen, name_of

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
MAX_WEIGHT = 100_000
"""Bytes of document, styles and scripts as gzip sends them: a first visit, before images (mission of the face)."""
NARROW, WIDE = 360, 1280

#: Asked in one go: how the page stands in the window, and what axe finds.
QUESTION = """async (axeOptions) => {
    const root = document.scrollingElement || document.documentElement;
    const found = await axe.run(document, axeOptions);
    return {
        lang: document.documentElement.lang,
        dir: getComputedStyle(document.documentElement).direction,
        sideways: root.scrollWidth - root.clientWidth,
        widest: root.scrollWidth <= root.clientWidth ? [] : [...document.querySelectorAll("body *")]
            .filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1)
            .slice(0, 3).map((one) => one.outerHTML.slice(0, 120)),
        violations: found.violations.map((rule) => ({
            id: rule.id, nodes: rule.nodes.map((node) => [node.target.join(" "), node.failureSummary])})),
    };
}"""
#: What axe finds in markup that Django's admin makes and that no template of ours can change: the rule, in which
#: selectors, and why.
NOT_IN_ADMIN = {
    "empty-table-header": ("", "the first and the last column of an inline table; advice, not a rule of WCAG"),
    "aria-prohibited-attr": (".help-tooltip", "a script of Django's builds the help sign of a pair of lists"),
}
AXE_OPTIONS: dict[str, Any] = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},  # of WCAG 2.2, which axe leaves out unless asked
    "resultTypes": ["violations"],
    "iframes": False,  # the e-mail in a frame of the outbox is a page of its own
    "preload": False,  # it would fetch style sheets again, which the content policy refuses
}


@dataclass(frozen=True)
class Look:
    """In which language, mode and width a page is looked at."""

    language: str
    mode: str
    width: int

    def __str__(self) -> str:
        return f"{self.language} {self.mode} {self.width}"


LOOKS = [
    Look(language, mode, width)
    for width in (NARROW, WIDE)
    for mode in ("light", "dark")
    for language in ("en", "fr", "ar")
]


@dataclass(frozen=True)
class Finding:
    """What is wrong, where, and for whom."""

    person: str
    look: str
    name: str
    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.person} [{self.look}] {self.name} {self.path}: {self.text}"


class Memory:
    """What everybody saw so far. A page of which every part was looked at in its direction needs no browser again."""

    def __init__(self, *, looks_at_everything: bool = False) -> None:
        self.looks_at_everything = looks_at_everything
        self.sizes: dict[str, int] = {}
        self._kinds: dict[bool, set[tuple]] = {}

    def is_new(self, seen: Seen, look: Look) -> bool:
        known, kinds = self._kinds.setdefault(look.language in settings.LANGUAGES_BIDI, set()), seen.kinds()
        is_new = not kinds <= known
        known |= kinds
        return is_new or self.looks_at_everything


class Window:
    """A person's browser window, and the eye on it: `go` to a page or let a form lead there, then `look` at it."""

    def __init__(self, page: Page, origin: str, memory: Memory) -> None:
        self.page, self.origin, self.memory = page, origin, memory
        self.current: Look | None = None
        self._complaints: list[tuple[str, str]] = []
        #: Pages asked for so far: the browser complains of a refused one, whose status is looked at anyway.
        self._documents: set[str] = set()
        self._loaded: list[Response] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._complaints.append((f"script error: {error}", "")))
        page.on("request", self._on_request)
        page.on("response", self._on_response)

    @classmethod
    async def open(cls, context: BrowserContext, origin: str, memory: Memory) -> Window:
        await context.add_init_script(path=AXE)
        return cls(await context.new_page(), origin, memory)

    async def wear(self, look: Look) -> None:
        """Change language, mode and width before the next page."""
        if look != self.current:
            await self.page.set_viewport_size({"width": look.width, "height": 800})
            await self.page.emulate_media(color_scheme=look.mode, reduced_motion="reduce")  # type: ignore[arg-type]
            await self.page.context.add_cookies(
                [{"name": "django_language", "value": look.language, "url": self.origin}]
            )
            self.current = look

    def forget(self) -> None:
        """What was complained of and loaded belonged to the page before."""
        self._complaints.clear()
        self._loaded.clear()

    async def go(self, path: str) -> Response:
        self.forget()
        response = await self.page.goto(self.origin + path)
        assert response is not None
        return response

    async def read(self, response: Response, *, status: tuple[int, ...] = (200,)) -> Seen:
        """The page that came with this response, its markup checked."""
        assert self.current is not None
        path = response.url.removeprefix(self.origin)
        seen = Seen(name_of(path), path, response.status, await response.text())
        seen.check(status=status, language=self.current.language)
        return seen

    async def look(self, seen: Seen) -> Seen:
        """Note everything that is wrong with the page as it stands in the window."""
        answers = await self.page.evaluate(QUESTION, AXE_OPTIONS)
        is_admin = seen.name.startswith("admin:")
        found = _axe_findings(answers["violations"], is_admin=is_admin)
        if answers["dir"] != ("rtl" if answers["lang"].startswith("ar") else "ltr"):
            found.append(f"is written {answers['dir']}")
        if answers["sideways"] > 0:
            found.append(f"scrolls sideways by {answers['sideways']} px: {answers['widest']}")
        found += [f"browser: {text}" for text, about in self._complaints if about not in self._documents]
        weight = sum([await self._size(one) for one in list(self._loaded)])
        if weight > MAX_WEIGHT and not is_admin:  # Django's own scripts, for people at work
            found.append(f"weighs {weight} bytes before images")
        seen.findings += found
        return seen

    async def _size(self, response: Response) -> int:
        """What production sends for it: its body in gzip. Nothing for images, and for what was not asked for."""
        if response.request.resource_type not in ("document", "stylesheet", "script", "font", "fetch", "xhr"):
            return 0
        if response.request.frame != self.page.main_frame or response.status != 200:
            return 0
        if response.request.resource_type not in ("stylesheet", "script", "font"):
            return len(gzip.compress(await response.body()))
        if response.url not in self.memory.sizes:
            self.memory.sizes[response.url] = len(gzip.compress(await response.body()))
        return self.memory.sizes[response.url]

    def _on_console(self, line: ConsoleMessage) -> None:
        if line.type == "error" or "Content Security Policy" in line.text:
            self._complaints.append((line.text, line.location["url"] if "Failed to load" in line.text else ""))

    def _on_response(self, response: Response) -> None:
        self._loaded.append(response)

    def _on_request(self, request: Request) -> None:
        if request.is_navigation_request():
            self._documents.add(request.url)
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and not request.url.startswith(self.origin):
            self._complaints.append((f"asks another host: {request.url}", ""))


def _axe_findings(violations: list[dict[str, Any]], *, is_admin: bool) -> list[str]:
    lines = []
    for rule in violations:
        nodes = [node for node in rule["nodes"] if not (is_admin and _is_of_django(rule["id"], node[0]))]
        lines += [f"axe {rule['id']}: {target}: {' '.join(why.split())[:240]}" for target, why in nodes[:4]]
        if len(nodes) > 4:
            lines.append(f"axe {rule['id']}: and {len(nodes) - 4} more places")
    return lines


def _is_of_django(rule: str, selector: str) -> bool:
    return rule in NOT_IN_ADMIN and NOT_IN_ADMIN[rule][0] in selector

"""What every page must be, asked of the page in a browser. Each finding is one line."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
from babel.messages.pofile import read_po
from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils import translation
from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, Response

from tests.support import html

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
MAX_WEIGHT = 100_000
"""Bytes of document, styles and scripts as gzip sends them: a first visit, before images (mission of the face)."""
NARROW, WIDE = 360, 1280

#: Asked in one go: the structure of the page, where it leads, and what axe finds.
QUESTION = """async ({texts, axeOptions}) => {
    const all = (selector) => [...document.querySelectorAll(selector)];
    const root = document.scrollingElement || document.documentElement;
    const found = await axe.run(document, axeOptions);
    const words = [];
    if (texts) {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const text = walker.currentNode.data.trim().replace(/\\s+/g, " ");
            const tag = walker.currentNode.parentElement.tagName;
            if (text && !["SCRIPT", "STYLE", "OPTION"].includes(tag)) words.push(text);
        }
    }
    const choose = (form) => form.querySelectorAll("input[type=radio]:enabled").forEach((radio) => {
        if (!form.querySelector(`input[name="${radio.name}"]:checked`)) radio.checked = true;
    });
    const getForm = (form) => {
        choose(form);
        return `${form.action.split("?")[0]}?${new URLSearchParams(new FormData(form))}`;
    };
    return {
        title: document.title, headings: all("h1").length, lang: document.documentElement.lang,
        dir: getComputedStyle(document.documentElement).direction,
        sideways: root.scrollWidth - root.clientWidth,
        widest: root.scrollWidth <= root.clientWidth ? [] : all("body *")
            .filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1)
            .slice(0, 3).map((one) => one.outerHTML.slice(0, 120)),
        links: all("a[href]").map((link) => link.href),
        forms: all("form").filter((form) => form.method === "get").map(getForm),
        posts: all("form, [formaction]")
            .map((one) => one.formAction || (one.method === "post" ? one.action : "")),
        texts: words,
        violations: found.violations.map((rule) => ({
            id: rule.id, nodes: rule.nodes.map((node) => [node.target.join(" "), node.failureSummary])})),
    };
}"""
#: Rules that Django's own templates cannot meet, by name, with the reason.
NOT_IN_ADMIN: dict[str, str] = {}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]


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


@dataclass
class Seen:
    """A page that was looked at: what is wrong with it, and where it leads."""

    name: str
    path: str
    findings: list[str]
    answers: dict[str, Any] = field(default_factory=dict)
    markup: str = ""


def name_of(path: str) -> str:
    """The URL name of a path (or address) of ours, "" for a static file or where nothing is."""
    path = urlsplit(path).path
    with translation.override(language_in(path) or "en"):
        try:
            return resolve(path).view_name
        except Resolver404:
            return ""


def in_language(path: str, language: str) -> str:
    """The same page in another language, where the language is part of its address."""
    for code, _name in settings.LANGUAGES:
        if path.startswith(f"/{code}/"):
            return f"/{language}/{path[len(code) + 2 :]}"
    return path


def language_in(path: str) -> str:
    return next((code for code, _name in settings.LANGUAGES if path.startswith(f"/{code}/")), "")


class Window:
    """A person's browser window, and the eye on it: `go` to a page or let a form lead there, then `look` at it."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin = page, origin
        self.current: Look | None = None
        self._complaints: list[tuple[str, str]] = []
        #: Pages asked for so far: the browser complains of a refused one, whose status is looked at anyway.
        self._documents: set[str] = set()
        self._loaded: list[Response] = []
        self._sizes: dict[str, int] = {}
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._complaints.append((f"script error: {error}", "")))
        page.on("request", self._on_request)
        page.on("response", self._on_response)

    @classmethod
    async def open(cls, context: BrowserContext, origin: str) -> Window:
        await context.add_init_script(path=AXE)
        return cls(await context.new_page(), origin)

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

    async def look(self, response: Response, *, status: tuple[int, ...] = (200,), name: str = "") -> Seen:
        """Everything that is wrong with the page that stands in the window and came with this response."""
        assert self.current is not None
        path = response.url.removeprefix(self.origin)
        name = name or name_of(path)
        is_mail = name == "dev:outbox_part"
        markup = await response.text()
        answers = await self.page.evaluate(
            QUESTION, {"texts": self.current.language == "fr", "axeOptions": _axe_options(name)}
        )
        found = [] if response.status in status else [f"answers {response.status}, not {status[0]}"]
        found += [f"html: {line}" for line in html.findings(markup, is_email=is_mail)]
        found += _axe_findings(answers["violations"])
        found += self._structure(answers, language_in(path))
        found += [f"browser: {text}" for text, about in self._complaints if about not in self._documents]
        weight = sum([await self._size(one) for one in list(self._loaded)])
        if weight > MAX_WEIGHT:
            found.append(f"weighs {weight} bytes before images")
        if self.current.language == "fr" and not name.startswith("dev:"):
            found += [f"not translated: {text!r}" for text in sorted(set(answers["texts"]) & english_only())]
        return Seen(name, path, found, answers, markup)

    def _structure(self, answers: dict[str, Any], language: str) -> list[str]:
        found = []
        if answers["headings"] != 1:
            found.append(f"has {answers['headings']} h1")
        if not answers["title"].strip():
            found.append("has no title")
        if answers["lang"].split("-")[0] != (language or answers["lang"].split("-")[0] or "?"):
            found.append(f"lang is {answers['lang']!r}, not {language!r}")
        if answers["dir"] != ("rtl" if answers["lang"].startswith("ar") else "ltr"):
            found.append(f"is written {answers['dir']}")
        if answers["sideways"] > 0:
            found.append(f"scrolls sideways by {answers['sideways']} px: {answers['widest']}")
        return found

    async def _size(self, response: Response) -> int:
        """What production sends for it: its body in gzip. Nothing for images, and for what was not asked for."""
        if response.request.resource_type not in ("document", "stylesheet", "script", "font", "fetch", "xhr"):
            return 0
        if response.request.frame != self.page.main_frame or response.status != 200:
            return 0
        if response.request.resource_type not in ("stylesheet", "script", "font"):
            return len(gzip.compress(await response.body()))
        if response.url not in self._sizes:
            self._sizes[response.url] = len(gzip.compress(await response.body()))
        return self._sizes[response.url]

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


def _axe_options(name: str) -> dict[str, Any]:
    rules = {"target-size": {"enabled": True}}  # of WCAG 2.2, which axe leaves out unless asked
    return {
        "runOnly": {"type": "tag", "values": TAGS},
        "resultTypes": ["violations"],
        "rules": rules | {rule: {"enabled": False} for rule in NOT_IN_ADMIN if name.startswith("admin:")},
        "iframes": False,  # the e-mail in a frame of the outbox is a page of its own
    }


def _axe_findings(violations: list[dict[str, Any]]) -> list[str]:
    lines = []
    for rule in violations:
        for target, summary in rule["nodes"][:4]:
            lines.append(f"axe {rule['id']}: {target}: {' '.join(summary.split())[:240]}")
        if len(rule["nodes"]) > 4:
            lines.append(f"axe {rule['id']}: and {len(rule['nodes']) - 4} more places")
    return lines


@cache
def english_only() -> frozenset[str]:
    """Phrases of ours that French pages must not hold: they have another French."""
    found: set[str] = set()
    for path in Path(settings.BASE_DIR).glob("locale/fr/LC_MESSAGES/*.po"):
        with path.open("rb") as file:
            for message in read_po(file):
                if isinstance(message.id, str) and " " in message.id and message.string not in ("", message.id):
                    found.add(" ".join(message.id.split()))
    return frozenset(found)

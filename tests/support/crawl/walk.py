"""One person follows every link, once per URL name."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from zlib import crc32

from django.urls import NoReverseMatch, reverse
from django.utils import translation
from playwright.async_api import APIResponse

from medicaim.access_check import named_urls

from .checks import LOOKS, Finding, Look, Window
from .people import Person
from .reading import Seen, in_language, name_of

VISIT_SECONDS = 60
PAGE, ELSEWHERE, NOT_HTML, POST_ONLY, REFUSED = "page", "leads elsewhere", "not HTML", "post only", "refused"


@dataclass(frozen=True)
class Target:
    """An address to open, and where it was found. A sample is opened although its name was seen already."""

    path: str
    found_on: str
    is_sample: bool = False


@dataclass
class Trail:
    """What one person found: per URL name what it answered, and what was wrong."""

    person: Person
    outcomes: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    pages: int = 0
    looked_at: int = 0


def keep_page(folder: Path | None, person: Person, seen: Seen) -> None:
    """Write the page to a file, for another checker to read."""
    if folder is not None:
        label = f"{person.role}-{seen.name}-{crc32(seen.path.encode()):08x}".replace(":", ".").replace(" ", "-")
        (folder / f"{label}.html").write_text(seen.markup)


def expected_statuses(name: str, table: dict[str, tuple[int, str]]) -> tuple[int, ...]:
    return (200, table[name][0]) if name in table else (200,)


def all_names() -> Iterator[str]:
    """Every URL name of the site, each once."""
    yield from dict.fromkeys(name for name, _route in named_urls() if name)


class Walk:
    """The walk of one person with one choice of looks."""

    def __init__(
        self,
        person: Person,
        window: Window,
        *,
        looks: list[Look] | None = None,
        start: Iterable[str] = (),
        only_path: str = "",
        statuses: dict[str, tuple[int, str]],
        keep: Path | None = None,
        turn: int = 0,
    ) -> None:
        self.person, self.window, self.looks, self.statuses, self.keep, self.turn = (
            person, window, looks or LOOKS, statuses, keep, turn,
        )  # fmt: skip
        self.trail = Trail(person)
        self._asked: set[str] = set()
        self.only_path = only_path
        self._queue = deque([Target(only_path, "the command", is_sample=True)] if only_path else self._beginning(start))

    def _beginning(self, samples: Iterable[str]) -> Iterator[Target]:
        """Home, every name that needs no arguments, then the samples."""
        with translation.override("en"):
            names = self.person.only or ("home", *(name for name in all_names() if self.person.may_open(name)))
            for name in names:
                try:
                    yield Target(reverse(name), "the access table")
                except NoReverseMatch:
                    continue
        for path in samples:
            yield Target(path, "the samples", is_sample=True)

    def look_for(self, key: str) -> Look:
        """Each page of this person has another look than for the person before; over all people every look comes."""
        return self.looks[(crc32(key.encode()) + self.turn) % len(self.looks)]

    async def run(self) -> Trail:
        while self._queue:
            target = self._queue.popleft()
            name = name_of(target.path)
            if not self._is_new(target, name):
                continue
            try:
                await asyncio.wait_for(self._visit(target, name), VISIT_SECONDS)
            except TimeoutError:
                self.trail.findings.append(
                    Finding(self.person.role, "", name, target.path, f"not looked at within {VISIT_SECONDS} s")
                )
        return self.trail

    def _is_new(self, target: Target, name: str) -> bool:
        key = target.path if target.is_sample else name
        if not name:
            # A link of ours that leads nowhere is a finding; a static file is none.
            return not urlsplit(target.path).path.startswith(("/static/", "/media/")) and self._remember(
                key or target.path
            )
        return self._remember(key)

    def _remember(self, key: str) -> bool:
        is_new = key not in self._asked
        self._asked.add(key)
        return is_new

    async def _visit(self, target: Target, name: str) -> None:
        look = self.look_for(target.path if target.is_sample else name)
        path = in_language(target.path, look.language)
        await self.window.wear(look)
        answer = await self.window.page.context.request.get(
            self.window.origin + path,
            max_redirects=0,
            max_retries=2,  # the server closes a connection that was quiet for a while, maybe just now
            headers={"Accept": "text/html"},
        )
        is_html = "html" in answer.headers.get("content-type", "")
        if answer.status == 405:
            self._note(name, POST_ONLY)
        elif 300 <= answer.status < 400:
            self._note(name, ELSEWHERE)
            self._follow(answer, path)
        elif is_html:
            await self._look(target, Seen(name, path, answer.status, await answer.text()), look)
        elif answer.status in expected_statuses(name, self.statuses):
            self._note(name, NOT_HTML)
        else:
            self._found(target, name, path, look, [f"answers {answer.status} without a page"])

    def _follow(self, answer: APIResponse, path: str) -> None:
        leads_to = urljoin(self.window.origin + path, answer.headers.get("location", ""))
        if leads_to.startswith(self.window.origin + "/"):
            self._queue.append(Target(leads_to.removeprefix(self.window.origin).partition("#")[0], path))

    async def _look(self, target: Target, seen: Seen, look: Look) -> None:
        allowed = expected_statuses(seen.name, self.statuses)
        if target.found_on in ("the access table", "the samples") and seen.name.startswith("admin:"):
            allowed += (403,)  # its own pages check permissions again
        seen.check(status=allowed, language=look.language)
        self.trail.pages += 1
        if self.window.memory.is_new(seen, look):
            await self.window.go(seen.path)
            await self.window.look(seen)
            self.trail.looked_at += 1
        self._note(seen.name, PAGE if seen.status == 200 else REFUSED)
        self.trail.paths.setdefault(seen.name, seen.path)
        self._found(target, seen.name, seen.path, look, seen.findings)
        keep_page(self.keep, self.person, seen)
        if seen.status == 200 and not self.person.only and not self.only_path:
            self._queue.extend(self.onwards(seen))

    def onwards(self, seen: Seen) -> Iterator[Target]:
        if seen.name == "dev:outbox_part":
            return  # an e-mail is for somebody else
        for path in dict.fromkeys(seen.links()):
            yield Target(path, seen.path)
        for path in dict.fromkeys(seen.get_forms()):
            if self._remember(f"form to {name_of(path)}"):
                yield Target(path, seen.path, is_sample=True)
        for path in dict.fromkeys(seen.posts()):
            yield Target(path.partition("?")[0], seen.path)

    def _found(self, target: Target, name: str, path: str, look: Look, texts: Iterable[str]) -> None:
        came_from = "" if target.found_on == "the access table" else f" (from {target.found_on})"
        self.trail.findings += [Finding(self.person.role, str(look), name, path + came_from, text) for text in texts]

    def _note(self, name: str, outcome: str) -> None:
        """A page counts more than any other answer of the same name."""
        if self.trail.outcomes.get(name) != PAGE:
            self.trail.outcomes[name] = outcome

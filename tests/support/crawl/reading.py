"""What a page's markup says, without a browser: what is wrong with it, where it leads, what it is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit
from xml.etree.ElementTree import Element

from babel.messages.pofile import read_po
from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils import translation

from tests.support import html

#: Words that nobody reads as text of the page.
SILENT = {"script", "style", "option", "template", "title"}
#: Input types that send nothing by themselves.
MUTE = {"submit", "button", "image", "reset", "file"}
#: Classes of the admin that name what is shown, not how.
NAMES_A_MODEL = re.compile(r"(app|model|field|column|th)-\S+|current-\S+")
#: Attributes whose value changes how a page looks or is understood; of the others it counts that they are there.
TELLING = {"type", "role", "scope", "method", "hidden", "aria-current", "aria-expanded", "aria-invalid", "aria-hidden"}


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


@dataclass
class Seen:
    """A page: its markup, and what is wrong with it."""

    name: str
    path: str
    status: int
    markup: str
    findings: list[str] = field(default_factory=list)

    @cached_property
    def _read(self) -> tuple[Element, list[str]]:
        return html.read(self.markup)

    @property
    def tree(self) -> Element:
        return self._read[0]

    def check(self, *, status: tuple[int, ...], language: str) -> None:
        """Note what is wrong with the answer and its markup."""
        tree, repaired = self._read
        if self.status not in status:
            self.findings.append(f"answers {self.status}, not {status[0]}")
        is_mail = self.name == "dev:outbox_part"
        self.findings += [f"html: {line}" for line in repaired + html.tree_findings(tree, is_email=is_mail)]
        headings = len(list(tree.iter("h1")))
        if headings != 1:
            self.findings.append(f"has {headings} h1")
        if not any(html.text_of(title) for title in tree.iter("title")):
            self.findings.append("has no title")
        spoken = next((one.get("lang", "") for one in tree.iter("html")), "").split("-")[0]
        if spoken != (language_in(self.path) or spoken or "?") and not is_mail:
            self.findings.append(f"lang is {spoken!r}, not {language_in(self.path)!r}")
        if language == "fr" and not self.name.startswith("dev:"):
            left = english_only() & set(texts(tree))
            self.findings += [f"not translated: {text!r}" for text in sorted(left)]

    def links(self) -> Iterator[str]:
        """Paths of ours that links lead to."""
        for link in self.tree.iter("a"):
            yield from self._ours(link.get("href"))

    def get_forms(self) -> Iterator[str]:
        """Paths that GET forms lead to, sent as they stand, with something chosen where one must choose."""
        for form in self.tree.iter("form"):
            if form.get("method", "get").lower() == "get":
                for path in self._ours(form.get("action") or self.path):
                    yield f"{path.partition('?')[0]}?{urlencode(list(form_values(form)))}"

    def posts(self) -> Iterator[str]:
        """Paths that forms are sent to."""
        for form in self.tree.iter("form"):
            if form.get("method", "get").lower() == "post":
                yield from self._ours(form.get("action") or self.path)
        for button in self.tree.iter("button"):
            yield from self._ours(button.get("formaction"))

    def _ours(self, address: str | None) -> Iterator[str]:
        path = urljoin(self.path, address or "").partition("#")[0]
        if address and path.startswith("/") and not path.startswith("//"):
            yield path

    def kinds(self) -> set[tuple]:
        """What the page is made of, whatever it says: each kind of element in the place where it stands.

        Within `main` of our own pages a place is known by the whole way to it and by what stands before it; around
        it, and in the admin, whose pages Django makes of few parts, by the element that it stands in.
        """
        found: set[tuple] = set()
        _add_kinds(self.tree, ("",), found, is_admin=self.name.startswith("admin:"))
        return found


def _add_kinds(element: Element, place: tuple, found: set[tuple], *, is_admin: bool, in_main: bool = False) -> None:
    before = ""
    for child in element:
        if not isinstance(child.tag, str) or child.tag in ("script", "meta", "link", "option"):
            continue
        kind = _kind(child)
        is_deep = (in_main or child.tag == "main") and not is_admin
        here = (*place, kind) if is_deep else (place[-1], kind)
        found.add((here, before) if is_deep else here)
        _add_kinds(child, here, found, is_admin=is_admin, in_main=is_deep)
        before = kind


def _kind(element: Element) -> str:
    attributes = []
    for name, value in sorted(element.attrib.items()):
        if name == "class":
            words = sorted(word for word in value.split() if not NAMES_A_MODEL.fullmatch(word))
            attributes.append(f"class={' '.join(words)}")
        elif name in TELLING:
            attributes.append(f"{name}={value}")
        elif name != "id":
            attributes.append(name if value else f"{name}=")
    has_text = bool((element.text or "").strip())
    return f"{element.tag}[{' '.join(attributes)}]{'…' if has_text else ''}"


def texts(tree: Element) -> Iterator[str]:
    """Each piece of text of a page, with single spaces."""
    for element in tree.iter():
        if isinstance(element.tag, str) and element.tag not in SILENT and element.text:
            yield " ".join(element.text.split())
        if element.tail:
            yield " ".join(element.tail.split())


def form_values(form: Element) -> Iterator[tuple[str, str]]:
    """What a browser sends for the form; of a radio group without a choice the first."""
    chosen = {one.get("name") for one in form.iter("input") if one.get("checked") is not None}
    for field_ in form.iter():
        name = field_.get("name") if isinstance(field_.tag, str) else None
        if not name or field_.get("disabled") is not None:
            continue
        kind = field_.get("type", "text") if field_.tag == "input" else field_.tag
        if kind == "radio" and name not in chosen:
            chosen.add(name)
            yield name, field_.get("value", "on")
        elif kind in ("radio", "checkbox"):
            if field_.get("checked") is not None:
                yield name, field_.get("value", "on")
        elif kind == "select":
            options = list(field_.iter("option"))
            for option in [one for one in options if one.get("selected") is not None] or options[:1]:
                yield name, option.get("value", html.text_of(option))
        elif field_.tag == "textarea":
            yield name, field_.text or ""
        elif field_.tag == "input" and kind not in MUTE:
            yield name, field_.get("value", "")


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

"""Whether a page is sound HTML that the content security policy lets work, and how to read it in a test."""

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from html5lib.constants import E as PARSE_ERRORS

OWN_HOSTS = {"", "testserver", "localhost", "127.0.0.1"}
#: Kinds of script elements that hold data, which no browser runs; the journeys would hear one that complains.
DATA = {"application/json", "application/ld+json"}
LOADING = {"src", "srcset", "action", "formaction", "data", "poster", "background"}


class UnsoundPage(AssertionError):
    """What is wrong with a page, one finding a line."""


def parse(markup: str) -> Element:
    """The tree of a page, tags and attributes without namespace."""
    return html5lib.parse(markup, namespaceHTMLElements=False)


def read(markup: str) -> tuple[Element, list[str]]:
    """The tree of a page or a fragment, and what an HTML parser had to repair, with the place."""
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    is_page = re.match(r"\s*<!doctype", markup, re.IGNORECASE)
    tree = parser.parse(markup) if is_page else parser.parseFragment(markup)
    repaired = []
    for (line, column), code, data in parser.errors:
        near = markup.splitlines()[line - 1][max(column - 80, 0) : column + 20] if line else ""
        repaired.append(f"line {line}: {PARSE_ERRORS.get(code, code) % data} near {near!r}")
    return tree, repaired


def findings(markup: str, *, is_email: bool = False) -> list[str]:
    """Everything that is wrong with a page or a fragment."""
    tree, repaired = read(markup)
    return repaired + tree_findings(tree, is_email=is_email)


def tree_findings(tree: Element, *, is_email: bool = False) -> list[str]:
    """What is wrong although it can be parsed. An e-mail carries its styles itself, and loads nothing at all."""
    found = []
    ids = Counter(element.get("id") for element in tree.iter() if element.get("id"))
    found += [f"id {name!r} stands {times} times" for name, times in ids.items() if times > 1]
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        found += _refused_by_policy(element, is_email)
        found += _loaded_by_an_email(element) if is_email else []
        found += _leads_elsewhere(element)
        found += [
            f"<{element.tag}> names #{name} in {attribute}, which is not on the page"
            for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls")
            for name in (element.get(attribute) or "").split()
            if name not in ids
        ]
    return found


def _refused_by_policy(element: Element, is_email: bool) -> Iterator[str]:
    if element.get("style") is not None and not is_email:
        yield f"<{element.tag}> has a style attribute"
    if element.tag == "script" and not element.get("src") and element.get("type") not in DATA:
        yield "a script stands in the page"
    if element.tag == "style" and not is_email:
        yield "a style stands in the page"
    for name, value in element.attrib.items():
        if str(name).lower().startswith("on"):
            yield f"<{element.tag}> has {name}="
        if str(value).strip().lower().startswith("javascript:"):
            yield f"<{element.tag}> has a javascript: address"


def _loaded_by_an_email(element: Element) -> Iterator[str]:
    """A picture, a font or a style sheet would tell its host who reads the message, and when."""
    if element.tag in {"base", "embed", "iframe", "img", "link", "object", "picture", "video", "audio"}:
        yield f"an e-mail has <{element.tag}>"
    for name in LOADING & set(element.attrib):
        yield f"an e-mail loads <{element.tag} {name}>"
    styles = [element.get("style", ""), *((element.text or "",) if element.tag == "style" else ())]
    if any("url(" in style or "@import" in style for style in styles):
        yield f"the style of <{element.tag}> loads something"


def _leads_elsewhere(element: Element) -> Iterator[str]:
    """Only a link for people may lead to another host; nothing is loaded from one."""
    names = LOADING | ({"href"} if element.tag in {"link", "use"} else set())
    for name in names & set(element.attrib):
        if urlsplit(element.get(name, "")).netloc.split(":")[0] not in OWN_HOSTS:
            yield f"<{element.tag} {name}> leads to {element.get(name)}"


def assert_sound(markup: str, *, is_email: bool = False) -> None:
    """Raises UnsoundPage with everything that is wrong."""
    found = findings(markup, is_email=is_email)
    if found:
        raise UnsoundPage("\n".join(found))


def text_of(element: Element) -> str:
    """What a reader reads in it, with single spaces."""
    return " ".join("".join(element.itertext()).split())

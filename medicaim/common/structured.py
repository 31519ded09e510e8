"""What a page says, once more for machines: JSON-LD in the vocabulary of schema.org.

Only what stands on the page for people is said here, in the reader's language. Addresses are absolute.
"""

import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

CONTEXT = "https://schema.org"
#: What would end the script element or open a comment in it, and the two line ends that only JavaScript knows.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}

Node = dict[str, Any]


def absolute(path: str) -> str:
    """The public address of a path of this site."""
    return f"{settings.SITE_URL}{path}"


def node(kind: str, **properties: Any) -> Node:
    """One thing, without the properties that say nothing."""
    return {"@type": kind, **{name: value for name, value in properties.items() if value not in (None, "", [], {})}}


def script(nodes: Sequence[Node]) -> SafeString:
    """The element that carries them. It is data, which no browser runs and no content security policy refuses."""
    if not nodes:
        return mark_safe("")
    data = {"@context": CONTEXT, "@graph": list(nodes)} if len(nodes) > 1 else {"@context": CONTEXT, **nodes[0]}
    words = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{words}</script>')


def breadcrumb_list(*steps: tuple[str, str]) -> Node:
    """The way to a page, from the top down to the page itself: (name, path) each."""
    return node(
        "BreadcrumbList",
        itemListElement=[
            node("ListItem", position=position, name=name, item=absolute(path))
            for position, (name, path) in enumerate(steps, start=1)
        ],
    )


def item_list(steps: Sequence[tuple[str, str]]) -> Node:
    """A list of pages in their order: (name, path) each."""
    return node(
        "ItemList",
        numberOfItems=len(steps),
        itemListElement=[
            node("ListItem", position=position, name=name, url=absolute(path))
            for position, (name, path) in enumerate(steps, start=1)
        ],
    )


def organization() -> Node:
    """Who runs this site."""
    return node(
        "Organization",
        **{"@id": absolute("/#organization")},
        name="MEDICAIM",
        url=absolute("/"),
        email=settings.CONTACT_EMAIL,
    )


def website(home: str, search: str) -> Node:
    """The site, and how to search it."""
    target = node("EntryPoint", urlTemplate=f"{absolute(search)}?q={{search_term_string}}")
    return node(
        "WebSite",
        **{"@id": absolute(f"{home}#website")},
        name="MEDICAIM",
        url=absolute(home),
        inLanguage=get_language(),
        publisher={"@id": absolute("/#organization")},
        potentialAction={
            **node("SearchAction", target=target),
            "query-input": "required name=search_term_string",
        },
    )

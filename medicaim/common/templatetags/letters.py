"""Template tags of what leaves the site: e-mails and documents. Available in every template without loading.

`email_*` draws a part of the HTML of an e-mail from `templates/email/parts/`, `text_*` the same in its plain text,
`pdf_*` a part of a document from `templates/pdf/parts/`. Mail programs drop what they do not know, so each part of an
e-mail carries its styles itself. `docs/design.md` shows a whole e-mail and a whole document.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Any

from django import template
from django.template import Context, Engine
from django.utils.safestring import SafeString, mark_safe

from medicaim.common.money import Money

from .ui import both_times_words

register = template.Library()


def _draw(name: str, values: dict[str, Any], *, is_text: bool = False) -> SafeString:
    part = Engine.get_default().get_template(f"email/parts/{name}.{'txt' if is_text else 'html'}")
    return mark_safe(part.render(Context(values, autoescape=not is_text)))


def _set(name: str, values: dict[str, Any]) -> SafeString:
    return mark_safe(Engine.get_default().get_template(f"pdf/parts/{name}.html").render(Context(values)))


def _stripped(content: str) -> SafeString:
    """What stands between the two halves of a tag, without the white space around; it was escaped when it was drawn."""
    return mark_safe(content.strip())


# --- E-mails --------------------------------------------------------------------------------------


@register.simple_block_tag
def email_button(content: str, url: str) -> SafeString:
    """`{% email_button url %}Sign in{% endemail_button %}`: the one next step of an e-mail."""
    return _draw("button", {"content": _stripped(content), "url": url})


@register.simple_block_tag
def email_fact(content: str, label: str) -> SafeString:
    """`{% email_fact label %}value{% endemail_fact %}`, inside a plain `<dl>`."""
    return _draw("fact", {"content": _stripped(content), "label": label})


@register.simple_block_tag
def email_note(content: str, kind: str = "info") -> SafeString:
    """`{% email_note "now" %}…{% endemail_note %}`: a box; `now` asks for something."""
    return _draw("note", {"content": _stripped(content), "kind": kind})


@register.simple_block_tag
def email_quiet(content: str) -> SafeString:
    """`{% email_quiet %}…{% endemail_quiet %}`: a sentence of less weight."""
    return _draw("quiet", {"content": _stripped(content)})


@register.simple_tag
def email_code(code: str) -> SafeString:
    """`{% email_code code %}`: what is typed somewhere else, in large letters."""
    return _draw("code", {"code": code})


@register.simple_tag(takes_context=True)
def email_times(
    context: Context, label: str, instant: datetime, zone: tzinfo | str | None, end: datetime | None = None
) -> SafeString:
    """`{% email_times label instant zone end= %}`: the place's clock, then the reader's, as a box of their own."""
    words = both_times_words(context, instant, zone, end=end)
    return _draw("times", {"label": label, "words": words})


# --- Their plain text -----------------------------------------------------------------------------


@register.simple_block_tag
def text_heading(content: str) -> SafeString:
    """`{% text_heading %}…{% endtext_heading %}`: a line with a line under it."""
    title = " ".join(content.split())
    return _draw("heading", {"title": title, "line": "=" * len(title)}, is_text=True) if title else mark_safe("")


@register.simple_block_tag
def text_fact(content: str, label: str) -> SafeString:
    """`{% text_fact label %}value{% endtext_fact %}`: the label, and under it each line of the value, set in."""
    lines = [line.strip() for line in content.strip().splitlines()]
    return _draw("fact", {"label": label, "lines": lines}, is_text=True)


@register.simple_block_tag
def text_link(content: str, url: str) -> SafeString:
    """`{% text_link url %}Sign in{% endtext_link %}`: what it leads to, and the address on a line of its own."""
    return _draw("link", {"content": content.strip().rstrip(": \u00a0\u202f"), "url": url}, is_text=True)


@register.simple_tag(takes_context=True)
def text_times(
    context: Context, label: str, instant: datetime, zone: tzinfo | str | None, end: datetime | None = None
) -> SafeString:
    """`{% text_times label instant zone end= %}`: the two clocks, one under the other."""
    words = both_times_words(context, instant, zone, end=end)
    return _draw("times", {"label": label, "words": words}, is_text=True)


# --- Documents ------------------------------------------------------------------------------------


@register.filter
def written_from(text: str) -> str:
    """`dir="{{ text|written_from }}"`: where the lines of what a person wrote begin, as `dir="auto"` has it."""
    strong = (unicodedata.bidirectional(sign) for sign in text)
    return "rtl" if next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L" else "ltr"


@register.simple_tag
def pdf_parties(parties: Iterable[dict[str, Any]]) -> SafeString:
    """`{% pdf_parties parties %}`: who stands on either side; dicts with label, name and lines."""
    return _set("parties", {"parties": parties})


@register.simple_tag(takes_context=True)
def pdf_times(
    context: Context, label: str, instant: datetime, zone: tzinfo | str | None, end: datetime | None = None
) -> SafeString:
    """`{% pdf_times label instant zone end= %}`: the place's clock, then the reader's."""
    return _set("times", {"label": label, "words": both_times_words(context, instant, zone, end=end)})


@register.simple_block_tag
def pdf_fact(content: str, label: str) -> SafeString:
    """`{% pdf_fact label %}value{% endpdf_fact %}`, inside `<div class="facts">`."""
    return _set("fact", {"content": _stripped(content), "label": label})


@register.simple_tag
def pdf_lines(
    lines: Iterable[dict[str, Any]],
    total: Money,
    caption: str = "",
    totals: Sequence[tuple[str, Money]] = (),
    note: str = "",
) -> SafeString:
    """What something costs, line by line: the lines of `price_lines`, then `totals`, then the total of one payee."""
    return _set("lines", {"lines": lines, "total": total, "caption": caption, "totals": totals, "note": note})


@register.simple_tag
def pdf_checklist(title: str, items: Iterable[str]) -> SafeString:
    """`{% pdf_checklist title items %}`: what to tick with a pen."""
    return _set("checklist", {"title": title, "items": items})


@register.simple_block_tag
def pdf_note(content: str, kind: str = "info", title: str = "") -> SafeString:
    """`{% pdf_note "now" title= %}…{% endpdf_note %}`: a box; `now` asks for something."""
    return _set("note", {"content": _stripped(content), "kind": kind, "title": title})


@register.simple_tag
def pdf_writing(title: str, lines: int = 3) -> SafeString:
    """`{% pdf_writing title lines=3 %}`: lines to write on."""
    return _set("writing", {"title": title, "lines": range(lines)})


@register.simple_tag
def pdf_sign(*labels: str) -> SafeString:
    """`{% pdf_sign "The patient" "The clinic" %}`: a place to sign for each."""
    return _set("sign", {"labels": labels})


@register.simple_tag
def pdf_verify(code: str, url: str) -> SafeString:
    """`{% pdf_verify code url %}`: how anybody can find out whether the paper is real."""
    return _set("verify", {"code": code, "url": url})

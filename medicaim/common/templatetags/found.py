"""What the head of a page says to search engines and to networks where people share it.

Only pages that search engines may list (`medicaim/indexing.py`) say where they are, in which languages they exist and
with which picture they are shared; all others say that they are not to be listed.
"""

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse, translate_url
from django.utils.html import conditional_escape, format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from medicaim.common import structured
from medicaim.common.cards import HEIGHT, WIDTH

register = template.Library()

SITE_NAME = "MEDICAIM"


def _indexed_request(context: Context) -> HttpRequest | None:
    request = context.get("request")
    return request if request is not None and getattr(request, "is_indexed", False) else None


def _words(content: str) -> str:
    """The words of a block, which is HTML, for an attribute."""
    return " ".join(content.split()).replace('"', "&quot;")


@register.simple_block_tag(takes_context=True)
def page_title(context: Context, content: str) -> SafeString:
    """`{% page_title %}words{% endpage_title %}`: the title of the page, and of what is shared."""
    words = _words(content)
    shared = f'\n<meta property="og:title" content="{words}">' if _indexed_request(context) else ""
    return mark_safe(f"<title>{words} – {SITE_NAME}</title>{shared}")


@register.simple_block_tag(takes_context=True)
def page_description(context: Context, content: str) -> SafeString:
    """`{% page_description %}words{% endpage_description %}`: a sentence or two about the page."""
    words = _words(content)
    shared = f'\n<meta property="og:description" content="{words}">' if _indexed_request(context) else ""
    return mark_safe(f'<meta name="description" content="{words}">{shared}')


@register.simple_tag(takes_context=True)
def page_addresses(context: Context) -> SafeString:
    """Where the page is, in which languages, and its picture; or that it is not to be listed."""
    request = _indexed_request(context)
    if request is None:
        return mark_safe('<meta name="robots" content="noindex">')
    language = get_language() or settings.LANGUAGE_CODE
    here = structured.absolute(request.path)
    codes = [code for code, _name in settings.LANGUAGES]
    pages = {code: structured.absolute(translate_url(request.path, code)) for code in codes}
    picture = context.get("social_card") or reverse("social_card")
    lines = [
        format_html('<link rel="canonical" href="{}">', here),
        format_html_join(
            "\n",
            '<link rel="alternate" hreflang="{}" href="{}">',
            [*pages.items(), ("x-default", pages[settings.LANGUAGE_CODE])],
        ),
        format_html_join(
            "\n",
            '<meta property="og:{}" content="{}">',
            [
                ("type", "website"),
                ("site_name", SITE_NAME),
                ("url", here),
                ("locale", language),
                *(("locale:alternate", code) for code in codes if code != language),
                ("image", structured.absolute(picture)),
                ("image:type", "image/png"),
                ("image:width", WIDTH),
                ("image:height", HEIGHT),
                ("image:alt", _("A card with the name of this page on MEDICAIM")),
            ],
        ),
        mark_safe('<meta name="twitter:card" content="summary_large_image">'),
    ]
    return mark_safe("\n".join(lines))


@register.simple_tag(takes_context=True)
def structured_data(context: Context) -> SafeString:
    """What the view says of the page in `structured_data`, for machines; nothing on pages that are not listed."""
    return structured.script(context.get("structured_data") or []) if _indexed_request(context) else mark_safe("")


@register.filter
def one_line(text: str, length: int = 155) -> str:
    """The beginning of a text in one line, cut between words: for a description."""
    words = " ".join(strip_tags(text).split())
    if len(words) <= length:
        return conditional_escape(words)
    return conditional_escape(words[:length].rpartition(" ")[0].rstrip(" ,;:.–-") + "…")

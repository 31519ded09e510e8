"""What the pages of accounts need beside the tags of the design."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()

#: A mark in what a browser says of itself, and its name; the first that is found counts, for they borrow each other's.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrom", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def _found(marks: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for mark, name in marks if mark in text), "")


@register.filter
def browser_name(user_agent: str) -> str:
    """ "Firefox, Windows": what people call it; what the browser says of itself where nobody knows it."""
    parts = [part for part in (_found(BROWSERS, user_agent), _found(SYSTEMS, user_agent)) if part]
    return ", ".join(parts) or user_agent or _("An unknown browser")

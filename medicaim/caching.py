"""Who may keep an answer, and for how long: nothing is kept by two people that was made for one.

Four kinds of answers. A reserved page is kept by nobody. A public page that a signed-in person reads is kept by their
own browser, which asks before it shows it again. A public page that a visitor reads may be kept by anybody, who asks
before showing it again: there are no stale free times. A view that knows better (photos, pictures for social
networks, sitemaps) says so itself in `Cache-Control` and is left alone.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

NOBODY = "private, no-store"
OWN_BROWSER = "private, no-cache"
ANYBODY = "public, no-cache"

#: Reserved pages on which people write: what they typed is still there when they come back with the browser's button.
#: Not those that show a provider's team what a patient handed over: the computer of a desk has many readers.
TYPED_ON = frozenset(
    {
        "accounts:dependant_add",
        "bookings:move",
        "bookings:request",
        "providers:apply",
        "providers:edit_page",
        "providers:location_add",
        "providers:location_edit",
        "providers:practitioner_add",
        "providers:practitioner_edit",
        "providers:service_add",
        "providers:service_edit",
    }
)

TEXT = ("text/", "application/xml", "application/json", "application/javascript", "image/svg+xml")


class CompressionMiddleware(GZipMiddleware):
    """Pages travel compressed; pictures are so already. Static files are compressed when they are collected.

    Django pads each compressed answer by a random length, so that its size does not give away a secret beside
    something that the reader can choose.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.get("Content-Type", "").startswith(TEXT):
            return response
        return super().process_response(request, response)


class CachePolicyMiddleware:
    """Gives every answer without a `Cache-Control` the one that is safe for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.has_header("Cache-Control"):
            return response
        response.headers["Cache-Control"] = policy(request, response)
        # Pages depend on the session, and on the time zone that the browser tells, which is a cookie too.
        patch_vary_headers(response, ["Cookie"])
        return response


def policy(request: HttpRequest, response: HttpResponse) -> str:
    """The `Cache-Control` of an answer whose view says nothing about it. Whatever is not known is private."""
    if response.status_code >= 400 or request.method not in ("GET", "HEAD"):
        return NOBODY
    if getattr(request, "is_reserved", True):
        match = request.resolver_match
        return OWN_BROWSER if match and match.view_name in TYPED_ON else NOBODY
    if response.cookies or request.user.is_authenticated or not request.session.is_empty():
        return OWN_BROWSER
    return ANYBODY

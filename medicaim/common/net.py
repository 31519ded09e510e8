"""What may be believed about where a request comes from."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def client_address(request: HttpRequest) -> str:
    """The address of the client, as seen by the outermost of our own proxies.

    Of X-Forwarded-For only as many entries are read, from the right, as `TRUSTED_PROXIES` stand in front:
    the rest is whatever the client wrote there.
    """
    if settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        if len(hops) >= settings.TRUSTED_PROXIES:
            return hops[-settings.TRUSTED_PROXIES]
    return request.META.get("REMOTE_ADDR", "")


def page_before(request: HttpRequest) -> str:
    """The page of ours on which a form stood, without the host; "" where the browser does not name one."""
    before = request.headers.get("Referer", "")
    host = request.get_host()
    if not url_has_allowed_host_and_scheme(before, {host}) or urlsplit(before).netloc != host:
        return ""
    return urlsplit(before)._replace(scheme="", netloc="", fragment="").geturl()

"""Guards around every request."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone

Handler = Callable[[HttpRequest], HttpResponse]


class BodySizeLimitMiddleware:
    """The first middleware: refuses a body that is larger than its URL allows before anything reads it.

    Django's own limit does not count files: without this guard an anonymous post of 2 GiB to the sign-in
    page is written to the temporary disk before the CSRF check refuses it. A body without a declared
    length is refused as well (411): no browser sends a form that way.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.META.get("HTTP_TRANSFER_ENCODING"):
            return self._refuse(request, 411)
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            return self._refuse(request, 400)
        if length < 0:
            return self._refuse(request, 400)
        if length > min(settings.BODY_LIMITS.values()) and length > self._limit(request):
            return self._refuse(request, 413)
        return self.get_response(request)

    @staticmethod
    def _limit(request: HttpRequest) -> int:
        try:
            name = resolve(request.path_info).view_name
        except Resolver404:
            name = ""
        return settings.BODY_LIMITS.get(name, settings.BODY_LIMITS["default"])

    @staticmethod
    def _refuse(request: HttpRequest, status: int) -> HttpResponse:
        # Imported late: the page needs the apps, this class only the settings.
        from medicaim.error_pages import plain_error

        # The server closes the connection by itself, because the body was not read: an application may not
        # set `Connection` (PEP 3333).
        return plain_error(request, status)


class MaintenanceMiddleware:
    """Where `MAINTENANCE` is set, each page says that the site is away for a moment; health checks still answer."""

    OPEN = ("/healthz", "/readyz")

    def __init__(self, get_response: Handler) -> None:
        if not settings.MAINTENANCE:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in self.OPEN:
            return self.get_response(request)
        # Imported late, as above.
        from medicaim.error_pages import plain_error

        page = plain_error(request, 503)
        page.headers["Retry-After"] = str(settings.MAINTENANCE_RETRY_SECONDS)
        return page


class NulAddressMiddleware:
    """No address has a NUL in its path or query: no row has one, and PostgreSQL fails where one is looked for."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The query is still encoded, the path is not any more.
        if "\0" not in request.path_info and "%00" not in request.META.get("QUERY_STRING", ""):
            return self.get_response(request)
        # Imported late, as above.
        from medicaim.error_pages import plain_error

        return plain_error(request, 404)


class WrongMethodPageMiddleware:
    """A page in words where an address that only forms use is opened: Django answers 405 with nothing at all."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.content:
            return response
        # Imported late, as above.
        from medicaim.error_pages import plain_error

        page = plain_error(request, 405)
        page.headers["Allow"] = response.headers["Allow"]
        return page


class ReadOnlyGetMiddleware:
    """GET and HEAD never change anything: the database refuses a write while such a view runs.

    Sessions, their list and the cache are the framework's own bookkeeping and may be written.
    """

    ALLOWED_TABLES = (
        "django_session",
        "usersessions_usersession",
        "cache_entries",
        "account_emailconfirmation",
        "mfa_authenticator",  # notes that recovery codes were shown
    )
    READING = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "EXPLAIN", "PRAGMA", "SET", "BEGIN", "COMMIT")

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with connection.execute_wrapper(self._refuse_writes):
            return self.get_response(request)

    def _refuse_writes(self, execute, sql, params, many, context):
        statement = str(sql).lstrip("( \n").upper()
        if not statement.startswith(self.READING) and not any(table in str(sql) for table in self.ALLOWED_TABLES):
            raise RuntimeError(f"A GET request tried to write: {str(sql)[:80]}")
        return execute(sql, params, many, context)


class TimeZoneMiddleware:
    """The reader's time zone: that of the account, else of the browser (a cookie it sets), else UTC."""

    COOKIE = "tz"

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.COOKIES.get(self.COOKIE, "")
        if request.user.is_authenticated and request.user.time_zone != "UTC":
            name = request.user.time_zone
        try:
            zone = zoneinfo.ZoneInfo(name or "UTC")
        except (ValueError, zoneinfo.ZoneInfoNotFoundError, OSError):
            zone = zoneinfo.ZoneInfo("UTC")
        request.reader_zone = zone  # type: ignore[attr-defined]
        with timezone.override(zone):
            return self.get_response(request)

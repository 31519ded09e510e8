"""Which pages search engines may list: those that are named here, and no other."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

#: Names of URLs. Each is open to anyone, stands on its own and says the same to everybody.
INDEXED = frozenset(
    {
        "home",
        "how_it_works",
        "result_order",
        "contact",
        "search",
        "care_directory",
        "care_specialty",
        "care_area",
        "accounts:terms",
        "accounts:privacy",
        "providers:page",
        "providers:contract",
    }
)


class IndexingMiddleware:
    """Marks each request as one for a listed page or not, and tells search engines with the answer.

    A view may set `request.is_indexed` to False where this version of its page is not to be listed, such as a
    search with filters. Templates read it (`found` tags); the header also covers what is no HTML.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.is_indexed = False  # type: ignore[attr-defined]
        response = self.get_response(request)
        is_redirect = 300 <= response.status_code < 400
        if not is_redirect and not (request.is_indexed and response.status_code == 200):  # type: ignore[attr-defined]
            response.headers["X-Robots-Tag"] = "noindex"
        return response

    def process_view(self, request: HttpRequest, view_func, view_args, view_kwargs) -> None:
        match = request.resolver_match
        request.is_indexed = match is not None and match.view_name in INDEXED  # type: ignore[attr-defined]

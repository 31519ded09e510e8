"""Error pages that need neither a session nor a database: they must work when those do not."""

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils import translation


def plain_error(request: HttpRequest, status: int) -> HttpResponse:
    """The page `templates/errors/<status>.html` in the language of the address or of the browser."""
    language = translation.get_language_from_request(request, check_path=True)
    with translation.override(language):
        body = loader.render_to_string(f"errors/{status}.html", {"status": status, "LANGUAGE_CODE": language})
    return HttpResponse(body, status=status)

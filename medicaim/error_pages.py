"""Error pages that need neither a session nor a database: they must work when those do not."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils import translation


def plain_error(request: HttpRequest, status: int, name: str = "", **more: object) -> HttpResponse:
    """The page `templates/errors/<name or status>.html` in the language of the address or of the browser."""
    language = translation.get_language_from_request(request, check_path=True)
    with translation.override(language):
        body = loader.render_to_string(
            f"errors/{name or status}.html", {"CARETEAM_EMAIL": settings.CARETEAM_EMAIL, **more}
        )
    response = HttpResponse(body, status=status)
    response.headers["Content-Language"] = language
    return response

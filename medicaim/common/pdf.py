"""Documents as PDF, in the hand of the site: a template in, bytes out.

Tagged for screen readers (PDF/UA). A document opens no file and no connection: its templates may name the few
files of FILES by `static:<name>`, and everything else ends the making of it. The same words give the same bytes.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpResponse
from django.template import Context
from django.template.loader import get_template
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from .errors import DomainError

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher

#: What a document may be made of besides its own words.
FILES = {"css/pdf.css": "text/css", "img/icon.svg": "image/svg+xml"}


class DocumentNotMade(DomainError):
    """The machine lacks what draws documents: the libraries of Pango."""

    message = _("This document cannot be made at the moment. What it says stands on the page. Please try again later.")


def render_pdf(template: str, context: dict[str, Any], *, language: str) -> bytes:
    """The document of a template that extends `pdf/base.html`, in that language."""
    try:
        from weasyprint import HTML  # a second of work, which only those who make a document do
    except OSError as error:
        raise DocumentNotMade from error
    markup = render_markup(template, context, language=language)
    identifier = hashlib.sha256(markup.encode()).hexdigest()[:32].encode()
    document = HTML(string=markup, url_fetcher=_fetcher(), base_url=None, media_type="print")
    written = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identifier)
    assert isinstance(written, bytes)  # noqa: S101 - without a target it returns what it wrote
    return written


def render_markup(template: str, context: dict[str, Any], *, language: str) -> str:
    """The words of a document before they are set on pages."""
    # Django's own template, without the wrapper that would add a request's context.
    source = get_template(template).template  # type: ignore[attr-defined]
    with translation.override(language):
        return source.render(_context(context))


def pdf_response(content: bytes, *, filename: str) -> HttpResponse:
    """The document as a download that nobody on the way keeps. Its name is seen by others: no word of health in it."""
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=filename) or "attachment",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _context(context: dict[str, Any]) -> Context:
    return Context(
        {
            "SITE_URL": settings.SITE_URL,
            "CARETEAM_EMAIL": settings.CARETEAM_EMAIL,
            "CARETEAM_PHONE": settings.CARETEAM_PHONE,
            "LANGUAGE_CODE": translation.get_language(),
            "LANGUAGE_BIDI": translation.get_language_bidi(),
            **context,
        }
    )


@cache
def _fetcher() -> URLFetcher:
    """What WeasyPrint asks for every address that it meets."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class OwnFilesOnly(URLFetcher):
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            scheme, _colon, name = url.partition(":")
            if scheme != "static" or name not in FILES:
                raise FatalURLFetchingError(f"a document may not open {url[:80]}")
            body = (settings.BASE_DIR / "static" / name).read_bytes()
            return URLFetcherResponse(url, body, {"Content-Type": FILES[name]})

    return OwnFilesOnly()

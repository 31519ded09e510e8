"""Development: read what went out, in the browser. These URLs exist only where `DEV_OUTBOX` is set."""

from csp.constants import NONE, SELF
from csp.decorators import csp_replace, csp_update
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from . import outbox

HTML_PART = 0
"""The number of an e-mail's HTML; attachments count from 1."""


@never_cache
@require_safe
def outbox_list(request: HttpRequest) -> HttpResponse:
    """`/dev/outbox/`: e-mails and SMS, newest first."""
    return render(request, "dev/outbox.html", {"entries": outbox.entries()})


@never_cache
@require_safe
@csp_update({"frame-src": [SELF]})
def outbox_message(request: HttpRequest, entry_id: str) -> HttpResponse:
    """One message with its headers, both parts and its attachments."""
    return render(request, "dev/outbox_message.html", {"entry": _entry_or_404(entry_id), "html_part": HTML_PART})


@never_cache
@require_safe
@xframe_options_sameorigin
@csp_replace(
    {
        "default-src": [NONE],
        "script-src": [NONE],
        "style-src": ["'unsafe-inline'"],
        "img-src": ["data:"],
        "connect-src": [NONE],
        "font-src": [NONE],
        "manifest-src": [NONE],
        "form-action": [NONE],
        "frame-ancestors": [SELF],
    }
)
def outbox_part(request: HttpRequest, entry_id: str, number: int) -> HttpResponse:
    """The HTML of an e-mail, for a frame that lets it do nothing; or an attachment, as a download."""
    entry = _entry_or_404(entry_id)
    if number == HTML_PART:
        return HttpResponse(entry.html)
    part = next((part for part in entry.parts if part.number == number), None)
    if part is None:
        raise Http404
    return HttpResponse(
        part.content,
        content_type=part.mime_type,
        headers={"Content-Disposition": content_disposition_header(as_attachment=True, filename=part.filename)},
    )


def _entry_or_404(entry_id: str) -> outbox.Entry:
    entry = outbox.entry(entry_id)
    if entry is None:
        raise Http404
    return entry

"""What a reader sees without a connection: one page, kept by a service worker that keeps nothing else.

The worker (`offline_worker.js`) is asked only when the browser opens a page. It lets the network answer and
steps in where nothing answers. It keeps the page in each language and the files that draw it; no page of a person
ever passes through its store. `OFFLINE_PAGE=0` makes browsers that have it take it out again.
"""

import hashlib
import json
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

WORKER = Path(settings.BASE_DIR) / "medicaim/offline_worker.js"
#: The worker that takes the first one out again, with all that it kept.
LEAVE = """self.skipWaiting();
self.addEventListener("activate", (event) => {
  const leave = async () => {
    for (const name of await caches.keys()) await caches.delete(name);
    await self.registration.unregister();
  };
  event.waitUntil(leave());
});
"""


def kept_addresses() -> dict[str, str]:
    """The page of each language."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found[code] = reverse("offline")
    return found


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The page itself: needs no session, and says the same to everybody."""
    response = render(request, "errors/offline.html", {"CARETEAM_EMAIL": settings.CARETEAM_EMAIL})
    response.headers["Cache-Control"] = "public, no-cache"
    return response


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker, with the addresses that it keeps. Other addresses or another text make another worker."""
    script = LEAVE
    if settings.OFFLINE_PAGE:
        files = [static("css/site.css"), static("img/icon.svg")]
        facts = {"pages": kept_addresses(), "files": files, "fallback": settings.LANGUAGE_CODE}
        facts["version"] = version_of(facts)
        script = f"const facts = {json.dumps(facts, sort_keys=True)};\n{WORKER.read_text()}"
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "public, no-cache"
    return response


def version_of(facts: dict) -> str:
    """Changes with what is kept, so that a browser drops the old."""
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for name in ("css/site.css", "img/icon.svg"):
        if path := finders.find(name):
            digest.update(Path(path).read_bytes())
    digest.update((Path(settings.BASE_DIR) / "templates/errors/offline.html").read_bytes())
    return digest.hexdigest()[:12]

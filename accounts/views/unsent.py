"""A form that could not be received: its words were kept, and can be sent now."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import kept


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsent(request: HttpRequest) -> HttpResponse:
    """Show what was typed, to be sent or dropped. A POST drops it; sending goes to where the form belongs."""
    found = kept.kept(request)
    if request.method == "POST":
        kept.forget(request)
        messages.info(request, _("Dropped. Nothing was sent."))
    if request.method == "POST" or found is None:
        return redirect("home")
    to, fields = found
    return render(request, "accounts/unsent.html", {"to": to, "fields": fields, "words": kept.words_of(fields)})

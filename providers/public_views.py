"""Pages of providers that anyone may read, and a patient's saved searches."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from .links import page_url, slug_of
from .models import Provider, SavedSearch
from .profile import public_texts
from .saved_searches import TooManySavedSearches, delete_saved_search, save_search
from .search_forms import SaveSearchForm


@require_GET
def page(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """A provider's public page. Those that are not active and published do not exist (Rules 3, point 1)."""
    provider = get_object_or_404(Provider.objects.public(), public_id=public_id)
    if slug != slug_of(provider):
        return redirect(page_url(provider), permanent=True)
    context = {"provider": provider, "texts": public_texts(provider), "preview": False}
    return render(request, "providers/page.html", context)


@require_GET
def saved_searches(request: HttpRequest) -> HttpResponse:
    """What the reader kept."""
    return render(request, "providers/saved_searches.html", {"searches": SavedSearch.objects.filter(user=request.user)})


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep a search under a name, and go back to it."""
    form = SaveSearchForm(request.POST)
    if not form.is_valid():
        return render(request, "providers/search_save.html", {"form": form}, status=422)
    try:
        save_search(user=request.user, name=form.cleaned_data["name"], query=form.cleaned_data["query"])
    except TooManySavedSearches as error:
        messages.warning(request, error.message)
        return redirect("providers:saved_searches")
    messages.success(request, _("Your search is kept."))
    return redirect("providers:saved_searches")


@require_POST
def delete(request: HttpRequest, public_id: str) -> HttpResponse:
    """Forget a search."""
    saved = get_object_or_404(SavedSearch.objects.filter(user=request.user), public_id=public_id)
    delete_saved_search(saved=saved, actor=request.user)
    messages.success(request, _("The search is deleted."))
    return redirect("providers:saved_searches")

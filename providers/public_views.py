"""Pages of providers that anyone may read, and a patient's saved searches."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from medicaim.common.cards import CardText, draw_card
from medicaim.common.structured import breadcrumb_list

from .care_areas import area_of, area_path, area_title
from .enums import HandedState
from .links import page_url, slug_of
from .models import HandedSearch, Provider, SavedSearch
from .names import country_name, language_name
from .profile import Place, Profile, public_texts
from .saved_searches import (
    TooManyHandedSearches,
    TooManySavedSearches,
    delete_saved_search,
    hand_to_careteam,
    save_search,
)
from .search_forms import SaveSearchForm
from .structured import provider_data

#: The newest ones are shown; older answers stay with the careteam.
HANDED_SHOWN = 20


@require_GET
def page(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """A provider's public page. Those that are not active and published do not exist (Rules 3, point 1)."""
    provider = get_object_or_404(Provider.objects.public(), public_id=public_id)
    if slug != slug_of(provider):
        return redirect(page_url(provider), permanent=True)
    profile = Profile(provider, public_texts(provider), timezone.now())
    way_up = [(_("Find care"), reverse("search"))]
    if (area := area_of(provider)) is not None:
        way_up.append((area_title(area), area_path(area)))
    context = {
        "provider": provider,
        "profile": profile,
        "preview": False,
        "way_up": way_up,
        "social_card": reverse("providers:card", args=[provider.public_id]),
        "structured_data": [
            provider_data(profile, photo=provider.photo_url),
            breadcrumb_list(*way_up, (provider.name, request.path)),
        ],
    }
    return render(request, "providers/page.html", context)


@require_GET
@cache_control(public=True, max_age=24 * 3600)
def card(request: HttpRequest, public_id: str) -> HttpResponse:
    """The picture beside a link to a provider's page."""
    provider = get_object_or_404(Provider.objects.public(), public_id=public_id)
    profile = Profile(provider, {}, timezone.now())
    text = CardText(
        title=provider.name,
        above=str(provider.get_kind_display()),
        lines=(
            " · ".join(profile.specialties[:2]),
            " · ".join(dict.fromkeys(f"{place.location.city}, {place_country(place)}" for place in profile.places[:2])),
            ", ".join(sorted(language_name(code) for code in provider.languages)),
        ),
        is_rtl=get_language_bidi(),
    )
    return HttpResponse(draw_card(text), content_type="image/png")


def place_country(place: Place) -> str:
    return country_name(str(place.location.country))


@require_GET
def saved_searches(request: HttpRequest) -> HttpResponse:
    """What the reader kept, and what the careteam was asked to search for."""
    # Who is not public any more is not shown: the row then suggests nobody.
    public = Prefetch("suggestion", queryset=Provider.objects.public())
    handed = list(HandedSearch.objects.filter(user=request.user).prefetch_related(public)[:HANDED_SHOWN])
    context = {
        "searches": SavedSearch.objects.filter(user=request.user),
        "handed": handed,
        "open_queries": {row.query for row in handed if row.state == HandedState.OPEN},
    }
    return render(request, "providers/saved_searches.html", context)


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep a search under a name, and go back to it."""
    form = SaveSearchForm(request.POST)
    if not form.is_valid():
        return render(request, "providers/search_save.html", {"form": form, "is_handed": False}, status=422)
    try:
        save_search(user=request.user, name=form.cleaned_data["name"], query=form.cleaned_data["query"])
    except TooManySavedSearches as error:
        messages.warning(request, error.message)
        return redirect("providers:saved_searches")
    messages.success(request, _("Your search is kept."))
    return redirect("providers:saved_searches")


@require_POST
def ask_careteam(request: HttpRequest) -> HttpResponse:
    """Hand a search to the careteam."""
    form = SaveSearchForm(request.POST)
    if not form.is_valid():
        return render(request, "providers/search_save.html", {"form": form, "is_handed": True}, status=422)
    try:
        hand_to_careteam(user=request.user, name=form.cleaned_data["name"], query=form.cleaned_data["query"])
    except TooManyHandedSearches as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, _("Our team has your search. You get an e-mail as soon as there is an answer."))
    return redirect("providers:saved_searches")


@require_POST
def delete(request: HttpRequest, public_id: str) -> HttpResponse:
    """Forget a search."""
    saved = get_object_or_404(SavedSearch.objects.filter(user=request.user), public_id=public_id)
    delete_saved_search(saved=saved, actor=request.user)
    messages.success(request, _("The search is deleted."))
    return redirect("providers:saved_searches")

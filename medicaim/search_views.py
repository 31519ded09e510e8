"""The search page: what `providers` finds, with the free times that `bookings` knows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from bookings.queries import next_free_slots
from bookings.slots import Slot
from medicaim.common import times
from providers.enums import ProviderKind, ServiceMode
from providers.names import country_name, language_name
from providers.queries import PAGE_SIZE, Card, Facet, Results, search
from providers.search import Sort
from providers.search_forms import SaveSearchForm, SearchForm, address_of

SLOTS_PER_CARD = 3
LINKS_PER_FACET = 8


@dataclass(frozen=True, slots=True)
class FreeTime:
    """One free time as a link: the place's day and hour, and the reader's hour where it differs."""

    url: str
    starts_at: datetime
    day: str
    clock: str
    reader: str


@dataclass(frozen=True, slots=True)
class ResultCard:
    """One provider of the page, ready to be drawn."""

    card: Card
    free_times: list[FreeTime]
    zone: str
    all_times_url: str


@require_GET
def search_page(request: HttpRequest) -> HttpResponse:
    """Find care (Rules 2). The address holds the whole search; htmx fetches only the results."""
    now = timezone.now()
    form = SearchForm(request.GET, today=now.date())
    results = search(form.query(), now=now)
    # Search engines list the bare page: there are more searches than anybody could read.
    request.is_indexed = not request.GET
    is_part = bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request
    context = {
        "is_part": is_part,
        "form": form,
        "results": results,
        "result_cards": list(result_cards(results.cards, now, request.reader_zone)),
        "page_obj": Paginator(range(results.pages * PAGE_SIZE), PAGE_SIZE).page(results.page),
        "choices": _choices(results),
        "links": _links(results, form),
        "chips": _chips(results, form),
        "relaxations": [
            {"url": _url(relaxation.query), "relaxation": relaxation, "label": _without(relaxation.filter_name)}
            for relaxation in results.relaxations
        ],
        "other_places": [
            {"url": _url(results.query, country=place.country), "country": country_name(place.country)}
            for place in results.places[1:]
        ],
        "order_words": _order_words(results),
        "save_form": _save_form(request, results),
        "heading": _heading(results),
        "more_is_open": any(form.errors.get(name) for name in ("from", "to", "budget")),
        "filters_are_open": any(results.query.has(name) for name in ("kind", "mode")),
    }
    template = "providers/includes/results.html" if is_part else "providers/search.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def result_cards(cards: Sequence[Card], now: datetime, reader_zone) -> Iterable[ResultCard]:
    """The cards of a page with the next free times of each. Free times of all cards are read at once."""
    pairs = [(card.best.service_id, card.best.location_id) for card in cards]
    free = next_free_slots(pairs=pairs, now=now, per_pair=SLOTS_PER_CARD)
    request_url = reverse("bookings:request")
    for card, pair in zip(cards, pairs, strict=True):
        location = card.best.location
        where = urlencode({"location": location.public_id})
        yield ResultCard(
            card=card,
            free_times=[_free_time(slot, location.time_zone, reader_zone, request_url) for slot in free[pair]],
            zone=times.zone_words(now, location.time_zone),
            all_times_url=f"{reverse('bookings:slots', args=[card.best.service.public_id])}?{where}",
        )


def _free_time(slot: Slot, zone: str, reader_zone, request_url: str) -> FreeTime:
    words = times.both_times(slot.starts_at, zone, reader_zone, style="short")
    return FreeTime(
        url=f"{request_url}?{urlencode({'slot': slot.token})}",
        starts_at=slot.starts_at,
        day=times.date_words(slot.starts_at.astimezone(times.as_zone(zone)).date(), "short"),
        clock=times.clock(slot.starts_at, zone),
        reader=words.reader,
    )


def _url(query, **changes: object) -> str:
    return f"{reverse('search')}?{address_of(query, **changes)}"


def _choices(results: Results) -> dict[str, list[tuple[str, str, str | None, bool]]]:
    """The filters with few values, as radio buttons with counts: kind and mode."""
    groups = {}
    for name, kinds in (("kind", ProviderKind.choices), ("mode", ServiceMode.choices)):
        facets = {facet.value: facet for facet in results.facets[name]}
        chosen = getattr(results.query, name)
        options: list[tuple[str, str, str | None, bool]] = [("", _("Any"), None, not chosen)]
        for value, label in kinds:
            facet = facets.get(value)
            options.append((value, str(label), _count_words(facet), value == chosen))
        groups[name] = options
    return groups


def _count_words(facet: Facet | None) -> str:
    if facet is None:
        return "0"
    return f"{facet.count}+" if facet.is_least else str(facet.count)


def _links(results: Results, form: SearchForm) -> list[dict[str, object]]:
    """The filters with many values, as links to the narrower search: the most frequent ones."""
    names = (
        ("specialty", _("Specialties"), lambda code: form.specialty_labels.get(code, code)),
        ("country", _("Countries"), country_name),
        ("language", _("Languages spoken"), language_name),
    )
    groups: list[dict[str, object]] = []
    for name, title, label_of in names:
        shown = [facet for facet in results.facets[name] if not facet.is_chosen and facet.count][:LINKS_PER_FACET]
        links = [
            {
                "url": _url(results.query, **{name: facet.value}),
                "label": label_of(facet.value),
                "count": _count_words(facet),
            }
            for facet in shown
        ]
        if links:
            groups.append({"title": title, "links": links})
    return groups


def _chips(results: Results, form: SearchForm) -> list[dict[str, str]]:
    """What narrows this search, each with the address of the search without it."""
    query = results.query
    words = {
        "words": lambda: _("“%(words)s”") % {"words": query.words},
        "specialty": lambda: form.specialty_labels.get(query.specialty, query.specialty),
        "country": lambda: country_name(query.country),
        "city": lambda: query.city,
        "language": lambda: language_name(query.language),
        "dates": lambda: _dates_words(query.from_day, query.to_day),
        "budget": lambda: _("up to %(amount)s %(currency)s") % {"amount": query.budget, "currency": query.currency},
        "mode": lambda: str(ServiceMode(query.mode).label),
        "kind": lambda: str(ProviderKind(query.kind).label),
    }
    return [{"label": words[name](), "url": _url(query.without(name))} for name in query.active_filters]


def _dates_words(first: date | None, last: date | None) -> str:
    if first and last:
        return times.days_words(first, last)
    if first:
        return _("from %(day)s") % {"day": times.date_words(first, "short")}
    return _("until %(day)s") % {"day": times.date_words(last, "short")} if last else ""


def _without(filter_name: str) -> str:
    return {
        "words": _("without the words"),
        "specialty": _("in any specialty"),
        "country": _("in any country"),
        "city": _("in any city"),
        "language": _("in any language"),
        "dates": _("on any day"),
        "budget": _("at any fee"),
        "mode": _("on site or remote"),
        "kind": _("of any kind"),
    }[filter_name]


def _order_words(results: Results) -> str:
    """How these results are ordered, in one sentence (Rules 2, point 3)."""
    match results.sort:
        case Sort.RELEVANCE:
            return _("Best match with your words first; then the earliest free time.")
        case Sort.PRICE:
            return _("Lowest fee first, compared in euros; then the earliest free time.")
        case Sort.DISTANCE:
            return _("Nearest to the middle of the city first; then the earliest free time.")
        case _:
            return _("Earliest free time first.")


def _save_form(request: HttpRequest, results: Results) -> SaveSearchForm | None:
    """Signed-in readers can keep a search that asks for something."""
    if not request.user.is_authenticated or not results.query.active_filters:
        return None
    query = results.query
    parts = [query.words, query.city, country_name(query.country) if query.country else ""]
    name = times.listed(*parts) or _("My search")
    return SaveSearchForm(initial={"name": name[:120], "query": address_of(query, page=1)}, auto_id="save_%s")


def _heading(results: Results) -> str:
    """The heading of the results."""
    if results.is_least:
        return _("More than %(count)s providers") % {"count": results.total}
    return ngettext("%(count)s provider", "%(count)s providers", results.total) % {"count": results.total}

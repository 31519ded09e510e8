"""Pages about a specialty in a country: who is there, for how much, and when somebody is free next."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from medicaim.common.cards import CardText, draw_card
from medicaim.common.money import Money, format_money
from medicaim.common.structured import Node, absolute, breadcrumb_list, item_list, node
from medicaim.search_views import result_cards
from providers.care_areas import area_title, country_of_slug, country_slugs, specialties_by_slug
from providers.links import page_url
from providers.models import CareArea, Specialty
from providers.names import country_name, language_name
from providers.queries import Card, first_cards
from providers.search import SearchQuery, Sort

SHOWN = 5
#: Where the health card of the European Union is known and planned care follows its rules: EU, EEA and Switzerland.
EUROPEAN = frozenset(
    "AT BE BG CH CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class FeeRange:
    """What is asked for in one currency."""

    low: str
    high: str
    offers: int


def fee_ranges(area: CareArea) -> list[FeeRange]:
    return [
        FeeRange(format_money(Money(low, currency)), format_money(Money(high, currency)), offers)
        for currency, low, high, offers in area.fees
    ]


def _specialty(slug: str) -> Specialty:
    row = specialties_by_slug().get(slug)
    if row is None:
        raise Http404
    return row


@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    """All specialties that are offered somewhere."""
    counted = {
        row["specialty_id"]: row
        for row in CareArea.objects.order_by()
        .values("specialty_id")
        .annotate(countries=Count("pk"), offered_by=Sum("providers"))
    }
    rows = [
        {"label": row.label, "url": reverse("care_specialty", args=[slug]), **counted[row.pk]}
        for slug, row in specialties_by_slug().items()
        if row.pk in counted
    ]
    rows.sort(key=lambda row: str(row["label"]))
    way_up = [(_("Find care"), reverse("search"))]
    context = {
        "rows": rows,
        "way_up": way_up,
        "structured_data": [
            item_list([(str(row["label"]), str(row["url"])) for row in rows]),
            breadcrumb_list(*way_up, (_("Specialties"), request.path)),
        ],
    }
    return render(request, "pages/care_directory.html", context)


@require_safe
def specialty(request: HttpRequest, specialty: str) -> HttpResponse:
    """The countries in which a specialty is offered."""
    row = _specialty(specialty)
    areas = list(CareArea.objects.filter(specialty=row))
    if not areas:
        raise Http404
    countries = [
        {
            "name": country_name(str(area.country)),
            "url": reverse("care_area", args=[specialty, country_slugs()[str(area.country)]]),
            "providers": area.providers,
            "fees": fee_ranges(area)[:1],
        }
        for area in areas
    ]
    way_up = [(_("Find care"), reverse("search")), (_("Specialties"), reverse("care_directory"))]
    context = {
        "specialty": row,
        "rows": countries,
        "way_up": way_up,
        "structured_data": [
            item_list([(str(country["name"]), str(country["url"])) for country in countries]),
            breadcrumb_list(*way_up, (row.label, request.path)),
        ],
    }
    return render(request, "pages/care_specialty.html", context)


@require_safe
def area(request: HttpRequest, specialty: str, country: str) -> HttpResponse:
    """What there is of a specialty in a country. Where that is too little for a page, the search says it."""
    row, code = _specialty(specialty), country_of_slug(country)
    if not code:
        raise Http404
    search_url = f"{reverse('search')}?{urlencode({'specialty': row.pk, 'country': code})}"
    found = CareArea.objects.filter(specialty=row, country=code).select_related("specialty").first()
    if found is None:
        return redirect(search_url)
    now = timezone.now()
    query = SearchQuery(specialty=row.pk, country=code, sort=Sort.EARLIEST)
    cards = first_cards(query, now=now, limit=SHOWN)
    way_up = [
        (_("Find care"), reverse("search")),
        (_("Specialties"), reverse("care_directory")),
        (row.label, reverse("care_specialty", args=[specialty])),
    ]
    title = area_title(found)
    context = {
        "area": found,
        "title": title,
        "country": country_name(code),
        "fees": fee_ranges(found),
        "cities": [
            {"name": name, "providers": number, "url": f"{search_url}&{urlencode({'city': name})}"}
            for name, number in found.cities
        ],
        "languages": [
            {"name": language_name(language), "providers": number, "url": f"{search_url}&language={language}"}
            for language, number in found.languages
        ],
        "result_cards": list(result_cards(cards, now, request.reader_zone)),  # type: ignore[attr-defined]
        "search_url": search_url,
        "is_european": code in EUROPEAN,
        "way_up": way_up,
        "social_card": reverse("care_card", args=[specialty, country]),
        "structured_data": [
            _area_data(found, title, request.path),
            _listed(cards),
            breadcrumb_list(*way_up, (title, request.path)),
        ],
    }
    return render(request, "pages/care_area.html", context)


def _listed(cards: list[Card]) -> Node:
    return item_list([(card.provider.name, page_url(card.provider)) for card in cards])


def _area_data(found: CareArea, title: str, path: str) -> Node:
    """The range of fees, as one offer of many."""
    return node(
        "Service",
        name=title,
        url=absolute(path),
        serviceType=found.specialty.label,
        areaServed=node("Country", name=country_name(str(found.country))),
        offers=[
            node(
                "AggregateOffer",
                priceCurrency=currency,
                lowPrice=str(Money(low, currency).amount),
                highPrice=str(Money(high, currency).amount),
                offerCount=offers,
            )
            for currency, low, high, offers in found.fees
        ],
    )


@require_safe
@cache_control(public=True, max_age=24 * 3600)
def card(request: HttpRequest, specialty: str, country: str) -> HttpResponse:
    """The picture beside a link to the page."""
    found = CareArea.objects.filter(specialty=_specialty(specialty), country=country_of_slug(country) or "--").first()
    if found is None:
        raise Http404
    words = ngettext("%(count)s provider", "%(count)s providers", found.providers) % {"count": found.providers}
    text = CardText(
        title=area_title(found),
        above=_("Find care abroad"),
        lines=(
            words,
            ", ".join(name for name, _number in found.cities[:4]),
            " · ".join(f"{fee.low} – {fee.high}" for fee in fee_ranges(found)[:1]),
        ),
        is_rtl=get_language_bidi(),
    )
    return HttpResponse(draw_card(text), content_type="image/png")

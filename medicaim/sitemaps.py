"""robots.txt and the sitemaps: which addresses there are, for search engines.

A sitemap may hold 50,000 addresses. Rows are cut by their primary key, so that each part is one range of an index
whatever the size of the table, and the list of parts is one statement that reads an index only.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.core.cache import cache
from django.db.models import F, Max, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from medicaim.common.ids import PUBLIC_ID_LENGTH
from medicaim.common.structured import absolute
from medicaim.indexing import INDEXED
from providers.care_areas import country_slugs, specialties_by_slug
from providers.links import slug_of
from providers.models import CareArea, Provider

LIMIT = 50_000
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
CONTENT_TYPE = "application/xml"
SECONDS = 3600
PARTS_KEPT_SECONDS = 600
#: What nobody finds anything in: forms, private pages, and searches, of which there are endlessly many.
DISALLOWED = ("/*/account/", "/*/careteam/", "/*/find-care/?", "/*/my/", "/*/request/", "/*/workspace/", "/feeds/")

Paths = Callable[[Any], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """Rows that have a page: which, when each last changed, and how to make their addresses."""

    rows: Callable[[], QuerySet[Any, Any]]
    changed: str
    paths: Callable[[], Callable[[Any], str]]


def _area_paths() -> Callable[[CareArea], str]:
    slugs = {row.pk: slug for slug, row in specialties_by_slug().items()}
    return lambda area: reverse("care_area", args=[slugs[area.specialty_id], country_slugs()[str(area.country)]])


def _provider_rows() -> QuerySet[Provider]:
    return Provider.objects.public().only("name", "public_id", "page_changed_at")


def _provider_paths() -> Callable[[Provider], str]:
    """As `page_url`, with the address looked up once: a part has tens of thousands."""
    nobody = "2" * PUBLIC_ID_LENGTH
    before, after = reverse("providers:page", args=["slug", nobody]).split(f"slug-{nobody}")
    return lambda provider: f"{before}{slug_of(provider)}-{provider.public_id}{after}"


SECTIONS = {
    "care": Section(CareArea.objects.all, "changed_at", _area_paths),
    "providers": Section(_provider_rows, "page_changed_at", _provider_paths),
}


def rows_per_part() -> int:
    """How many rows fit into one sitemap: each has a page in every language."""
    return LIMIT // len(settings.LANGUAGES)


def parts_of(section: Section) -> list[tuple[int, datetime]]:
    """The parts that hold something, each with its last change. Empty ranges of keys have none."""
    found = section.rows().order_by().annotate(part=F("pk") / rows_per_part()).values_list("part")
    return list(found.annotate(changed=Max(section.changed)).order_by("part"))


@require_safe
@cache_control(public=True, max_age=SECONDS)
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may read."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in DISALLOWED), "Allow: /", ""]
    lines.append(f"Sitemap: {absolute(reverse('sitemap_index'))}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=SECONDS)
def index(request: HttpRequest) -> HttpResponse:
    """The list of all sitemaps."""
    entries = [_entry("sitemap", reverse("sitemap", args=["pages", 0]))]
    for name, section in SECTIONS.items():
        parts = cache.get(f"sitemap:{name}")
        if parts is None:
            parts = parts_of(section)
            cache.set(f"sitemap:{name}", parts, PARTS_KEPT_SECONDS)
        entries += [_entry("sitemap", reverse("sitemap", args=[name, part]), changed) for part, changed in parts]
    return _document("sitemapindex", entries)


@require_safe
@cache_control(public=True, max_age=SECONDS)
def sitemap(request: HttpRequest, section: str, part: int) -> HttpResponse:
    """One sitemap: the pages that always stand, or a part of those about rows."""
    if section == "pages" and part == 0:
        return _document("urlset", _fixed_pages())
    if section not in SECTIONS:
        raise Http404
    entries = list(_entries(SECTIONS[section], part))
    if not entries:
        raise Http404
    return _document("urlset", entries)


def _fixed_pages() -> list[str]:
    """The pages without arguments, and one for each specialty that somebody offers."""
    counted = set(CareArea.objects.order_by().values_list("specialty_id", flat=True).distinct())
    slugs = [slug for slug, row in specialties_by_slug().items() if row.pk in counted]
    entries = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            paths = [reverse(name) for name in sorted(INDEXED - {"care_specialty", "care_area", "providers:page"})]
            paths += [reverse("care_specialty", args=[slug]) for slug in slugs]
        entries += [_entry("url", path) for path in paths]
    return entries


def _entries(section: Section, part: int) -> Iterator[str]:
    size = rows_per_part()
    rows: list[Model] = list(section.rows().filter(pk__gte=part * size, pk__lt=(part + 1) * size).order_by("pk"))
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            path_of = section.paths()
            for row in rows:
                yield _entry("url", path_of(row), getattr(row, section.changed))


def _entry(kind: str, path: str, changed: datetime | None = None) -> str:
    lastmod = f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" if changed else ""
    return f"<{kind}><loc>{escape(absolute(path))}</loc>{lastmod}</{kind}>"


def _document(root: str, entries: list[str]) -> HttpResponse:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<{root} xmlns="{NAMESPACE}">', *entries, f"</{root}>", ""]
    return HttpResponse("\n".join(lines), content_type=CONTENT_TYPE)

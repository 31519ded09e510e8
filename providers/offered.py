"""Of which countries and languages the search knows a provider: what its lists offer to choose from.

Whoever chooses one of 250 countries mostly finds nobody, and a slow phone takes long to read such a list. Counting goes
through every search entry: a sweep does it each hour, never a request.
"""

from collections.abc import Mapping

from django.core.cache import cache

from .models import SearchEntry

_KEY = "search:offered"


def refresh_offered() -> None:
    """Note the codes of the countries and of the languages that stand in the search now."""
    rows = SearchEntry.objects.order_by()
    languages = {code for codes in rows.values_list("languages", flat=True).distinct() for code in codes.split()}
    countries = set(rows.values_list("country", flat=True).distinct())
    cache.set(_KEY, {"country": countries, "language": languages}, None)


def only_offered(field: str, names: Mapping[str, str], *, chosen: str = "") -> dict[str, str]:
    """Of these names ("country" or "language") those worth choosing, and the one chosen already, in their order.

    All of them as long as nothing was counted.
    """
    codes = cache.get(_KEY, {}).get(field) or names.keys()
    return {code: name for code, name in names.items() if code in codes or code == chosen}

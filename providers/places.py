"""Which time zones a country has, from the IANA table. Pure."""

import zoneinfo
from collections import defaultdict
from functools import cache
from importlib import resources


@cache
def _zones_by_country() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    known = zoneinfo.available_timezones()
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    for line in table.splitlines():
        columns = line.split("\t")
        if not line.startswith("#") and len(columns) > 2 and columns[2] in known:
            found[columns[0]].append(columns[2])
    return {country: tuple(sorted(zones)) for country, zones in found.items()}


def zones_of(country: str) -> tuple[str, ...]:
    """The IANA names of a country (ISO 3166 alpha-2), in alphabetical order; UTC where the table knows none."""
    return _zones_by_country().get(country, ("UTC",))


def zone_label(name: str) -> str:
    """A zone as people read it: "America/Argentina/Salta" is "Salta (America)"."""
    area, _slash, city = name.partition("/")
    return f"{city.rpartition('/')[2].replace('_', ' ')} ({area})" if city else name

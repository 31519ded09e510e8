"""The time zones that a person can choose."""

import zoneinfo
from functools import cache

AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@cache
def known_zones() -> frozenset[str]:
    """The IANA names that are accepted."""
    return frozenset(
        name for name in zoneinfo.available_timezones() if name == "UTC" or name.partition("/")[0] in AREAS
    )


@cache
def zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The zones grouped by area, as a select element shows them."""
    groups: dict[str, list[tuple[str, str]]] = {area: [] for area in AREAS}
    for name in sorted(known_zones() - {"UTC"}):
        area, _slash, city = name.partition("/")
        groups[area].append((name, city.replace("_", " ").replace("/", ", ")))
    return [("UTC", [("UTC", "UTC")]), *groups.items()]


def zone_or_utc(name: str | None) -> str:
    """The name if it is a known zone (a cookie may hold anything), else UTC."""
    return name if name in known_zones() else "UTC"

"""The system check behind the access table: no URL without a row, no row without a URL."""

from collections.abc import Iterator

from django.core.checks import Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from .access import ACCESS, declared_for


def named_urls(resolver: URLResolver | None = None, namespaces: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Every (view name, route) of the URL configuration; the name is empty where a pattern has none."""
    resolver = resolver or get_resolver()
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            deeper = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from named_urls(pattern, deeper)
        elif isinstance(pattern, URLPattern):
            name = ":".join([*namespaces, pattern.name or "unnamed"]) if pattern.name or namespaces else ""
            yield name, str(pattern.pattern)


@register()
def every_url_is_declared(app_configs, **kwargs) -> list[Error]:
    errors = []
    seen = set()
    for name, route in named_urls():
        seen.add(name)
        namespace = name.rpartition(":")[0]
        seen.add(f"{namespace}:*")
        if declared_for(name) is None:
            errors.append(
                Error(
                    f"The URL {name or route!r} declares no roles.",
                    hint="Add a row to ACCESS in medicaim/access.py.",
                    id="medicaim.E001",
                )
            )
    development = {row for row in ACCESS if row.startswith("dev:")}
    errors += [
        Error(f"medicaim/access.py declares {row!r}, which no URL has.", id="medicaim.E002")
        for row in sorted(set(ACCESS) - seen - development)
    ]
    return errors

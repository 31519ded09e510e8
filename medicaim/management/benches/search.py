"""The search page on the providers that are there (`bin/manage demo --providers 100000 --only-providers`)."""

from argparse import ArgumentParser
from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from medicaim.management.measure import get, measure, new_client, report
from providers.models import Provider, SearchEntry


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--only", default="", help="only the searches whose name holds this")


def searches() -> dict[str, dict[str, object]]:
    """Typical searches, from the one that narrows nothing to the one that fills every field."""
    today = timezone.now().date()
    window = {"from": today + timedelta(days=3), "to": today + timedelta(days=10)}
    budget = {"budget": "150", "currency": "EUR"}
    return {
        "no filter": {},
        "no filter, page 50": {"page": 50},
        "no filter, cheapest": {"sort": "price"},
        "words: a specialty and a city": {"q": "cardiologue Lyon"},
        "words: one broad word": {"q": "consultation"},
        "words: a person": {"q": "lambert"},
        "words: nothing matches": {"q": "zzyzx"},
        "specialty and country": {"specialty": "SM04", "country": "FR"},
        "country": {"country": "FR"},
        "mode": {"mode": "on_site"},
        "language": {"language": "ar"},
        "city and radius, nearest": {"city": "Lyon", "radius": 50, "sort": "distance"},
        "date window and budget": {**window, **budget},
        "everything": {
            "q": "consultation",
            "specialty": "SM04",
            "country": "FR",
            "city": "Paris",
            "radius": 100,
            "language": "en",
            "mode": "on_site",
            **window,
            **budget,
        },
    }


def run(*, repeat: int, only: str, **options) -> dict[str, object]:
    client = new_client()
    page = reverse("search")
    pages = {
        name: measure(lambda query=query: get(client, f"{page}?{urlencode(query)}"), repeat=repeat)
        for name, query in searches().items()
        if only in name
    }
    return report(
        "search",
        pages=pages,
        repeat=repeat,
        providers=Provider.objects.count(),
        entries=SearchEntry.objects.count(),
    )

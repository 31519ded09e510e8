"""How long pages take and how many queries they ask, measured in this very process."""

import contextlib
import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from medicaim.demo.busy import NEWCOMER, OWNER, REGULAR, busy_provider
from providers.models import Service


def new_client(**defaults) -> Client:
    """A client that speaks as a browser behind the proxy does, whatever the settings."""
    host = settings.SITE_URL.split("://", 1)[-1]
    return Client(SERVER_NAME=host.split(":", 1)[0], HTTP_X_FORWARDED_PROTO="https", **defaults)


def get(client: Client, url: str, *, expect: int = 200) -> HttpResponse:
    """One page. Anything but the status that was expected stops the measurement: it would measure an error page."""
    response = client.get(url, secure=settings.SECURE_SSL_REDIRECT)
    if response.status_code != expect:
        raise RuntimeError(f"{url} answered {response.status_code}, not {expect}")
    return response


def post(client: Client, url: str, data: Mapping[str, str] | None = None) -> HttpResponse:
    """One form sent and accepted: the answer leads on to the next page."""
    response = client.post(url, data or {}, secure=settings.SECURE_SSL_REDIRECT)
    if response.status_code != 302:
        raise RuntimeError(f"{url} answered {response.status_code}, not 302")
    return response


@contextlib.contextmanager
def signed_in(user: User) -> Iterator[Client]:
    """A client with a session of that user, which ends with the block."""
    client = new_client()
    client.force_login(user)
    try:
        yield client
    finally:
        UserSession.objects.filter(session_key=client.session.session_key).delete()
        client.logout()


@dataclass(frozen=True, slots=True)
class BusyClinic:
    """Whom `bench slots` and `bench booking` measure: never somebody real."""

    service: Service
    owner: User
    regular: User
    """A patient with very many appointments."""
    newcomer: User
    """A patient without any."""


def busy_clinic() -> BusyClinic:
    """The clinic with very many appointments, and people who have to do with it."""
    provider = busy_provider()
    if provider is None:
        raise CommandError("Make the clinic to be measured first: bin/manage demo --busy 10000")
    return BusyClinic(
        service=provider.services.select_related("provider").get(),
        owner=User.objects.get(username=OWNER),
        regular=User.objects.get(username=REGULAR),
        newcomer=User.objects.get(username=NEWCOMER),
    )


def measure(call: Callable[[], object], *, repeat: int, warm: int = 2) -> dict[str, float | int]:
    """Median and 95th percentile in milliseconds of `repeat` calls, and the number of queries of one more."""
    for _ in range(warm):
        call()
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    with CaptureQueriesContext(connection) as captured:
        call()
    return summary(times, queries=len(captured))


def summary(times: list[float], *, queries: int) -> dict[str, float | int]:
    """What is printed of one page: times in milliseconds, and its queries."""
    return {
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(percentile(times, 0.95), 1),
        "max_ms": round(max(times), 1),
        "queries": queries,
    }


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * share) - 1, 0)]


def floor(*, repeat: int, client: Client | None = None) -> dict[str, float | int]:
    """What the framework, the guards and the layout cost alone: the first page, in the same process."""
    client = client or new_client()
    return measure(lambda: get(client, "/en/"), repeat=repeat)


def report(what: str, *, pages: Mapping[str, object], repeat: int, **facts: object) -> dict[str, object]:
    """The object that `bench` prints: where it ran, on how much, the floor, and each page."""
    return {
        "bench": what,
        "database": connection.vendor,
        "repeat": repeat,
        **facts,
        "floor": floor(repeat=repeat),
        "pages": dict(pages),
    }

"""Is this process alive, and is it ready to serve? For load balancers, orchestrators and the status page.

`/healthz` asks nothing of anybody: a process that answers it is alive. `/readyz` asks each part that a request
may need. A part that does not answer within two seconds counts as failed, and no probe ever waits longer.
"""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from celery import current_app
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

CHECK_SECONDS = 2.0
#: An answer is reused that long: a flood of probes costs one look a second.
REUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Outcome:
    """What one look at one part found."""

    is_ok: bool
    detail: str
    seconds: float


class Probe:
    """One part of the installation, looked at in a thread so that its silence cannot become ours.

    A look that hangs is not repeated while it hangs: the part counts as failed until that look ends.
    """

    def __init__(self, name: str, look: Callable[[], None]) -> None:
        self.name, self._look = name, look
        self._busy = threading.Lock()

    def start(self) -> Callable[[float], Outcome]:
        """Begin to look; the returned function waits for the outcome until the given `time.monotonic()`."""
        started, found = time.monotonic(), threading.Event()
        errors: list[str] = []
        if not self._busy.acquire(blocking=False):
            return lambda _deadline: Outcome(False, "still waiting for an earlier look", 0.0)

        def work() -> None:
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 - whatever is wrong, the part is not ready
                # The kind only: a driver's message may hold an address or a user name.
                errors.append(type(error).__name__)
            finally:
                connection.close()
                self._busy.release()
                found.set()

        threading.Thread(target=work, name=f"readyz-{self.name}", daemon=True).start()

        def outcome(deadline: float) -> Outcome:
            if not found.wait(max(deadline - time.monotonic(), 0)):
                return Outcome(False, f"no answer within {CHECK_SECONDS:g} s", time.monotonic() - started)
            return Outcome(not errors, errors[0] if errors else "ok", time.monotonic() - started)

        return outcome


def look_at_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def look_at_migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise MigrationsMissing


def look_at_broker() -> None:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=CHECK_SECONDS)
        if broker.transport.driver_type == "filesystem":
            for option in ("data_folder_in", "control_folder"):
                _write_and_remove(Path(broker.transport_options[option]))


def look_at_storage() -> None:
    name = default_storage.save(f"readyz/{secrets.token_hex(8)}", ContentFile(b"ready"))
    default_storage.delete(name)


class MigrationsMissing(Exception):
    """The database is older than the code."""


PROBES = (
    Probe("database", look_at_database),
    Probe("migrations", look_at_migrations),
    Probe("broker", look_at_broker),
    Probe("storage", look_at_storage),
)
_last: tuple[float, dict[str, Outcome]] | None = None
_looking = threading.Lock()


def look_at_all() -> dict[str, Outcome]:
    """The state of every part, at most REUSE_SECONDS old. All are looked at side by side."""
    global _last  # noqa: PLW0603 - one answer per process, guarded by the lock
    with _looking:
        if _last and time.monotonic() - _last[0] < REUSE_SECONDS:
            return _last[1]
        waiting = {probe.name: probe.start() for probe in PROBES}
        deadline = time.monotonic() + CHECK_SECONDS
        outcomes = {name: outcome(deadline) for name, outcome in waiting.items()}
        _last = (time.monotonic(), outcomes)
        return outcomes


def forget_last_look() -> None:
    """Look afresh at the next request."""
    global _last  # noqa: PLW0603
    _last = None


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive. Touches no database, no session and no file."""
    return HttpResponse("alive\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Ready: 200 where every part answers, 503 otherwise, with the state of each part as JSON."""
    outcomes = look_at_all()
    is_ready = all(outcome.is_ok for outcome in outcomes.values())
    parts = {
        name: {"ok": outcome.is_ok, "detail": outcome.detail, "ms": round(outcome.seconds * 1000)}
        for name, outcome in outcomes.items()
    }
    return JsonResponse({"ready": is_ready, "parts": parts}, status=200 if is_ready else 503)


def _write_and_remove(folder: Path) -> None:
    probe = folder / f".readyz-{secrets.token_hex(8)}"
    probe.touch()
    probe.unlink()

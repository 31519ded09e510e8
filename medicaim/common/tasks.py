"""Wake a worker up once the transaction is committed.

A wake-up may be lost (a worker can be killed, a broker can be down): whatever must happen is a row
that a sweep of `medicaim/celery.py` finds too. So `enqueue` never fails the request that calls it, and a
broker that does not answer delays one request by its time-out, not every one.
"""

import time

import structlog
from celery import current_app
from django.db import transaction

logger = structlog.get_logger(__name__)

#: After a failure nobody knocks at the broker for so long: the sweeps do without wake-ups.
BROKER_PAUSE_SECONDS = 5.0
_paused_until = 0.0


def enqueue(task_name: str, *args: int | str, countdown: float | None = None) -> None:
    """Run the task of that dotted name with ids as arguments, after the surrounding transaction commits."""

    def send() -> None:
        global _paused_until  # noqa: PLW0603 - what this process last saw of the broker
        if time.monotonic() < _paused_until:
            return
        try:
            current_app.send_task(task_name, args=args, countdown=countdown, retry=False)
        except Exception as error:  # noqa: BLE001 - any broker error: the sweep does it later
            _paused_until = time.monotonic() + BROKER_PAUSE_SECONDS
            logger.warning("wake_up_lost", task=task_name, error=type(error).__name__)

    transaction.on_commit(send)

"""Wake a worker up once the transaction is committed.

A wake-up may be lost (a worker can be killed, a broker can be down): whatever must happen is a row
that a sweep of `medicaim/celery.py` finds too. So `enqueue` never fails the request that calls it.
"""

import structlog
from celery import current_app
from django.db import transaction

logger = structlog.get_logger(__name__)


def enqueue(task_name: str, *args: int | str, countdown: float | None = None) -> None:
    """Run the task of that dotted name with ids as arguments, after the surrounding transaction commits."""

    def send() -> None:
        try:
            current_app.send_task(task_name, args=args, countdown=countdown, retry=False)
        except Exception as error:  # noqa: BLE001 - any broker error: the sweep does it later
            logger.warning("wake_up_lost", task=task_name, error=type(error).__name__)

    transaction.on_commit(send)

"""Wake-ups of the outbox. Each claims its rows: running twice, late or side by side does no harm."""

from celery import shared_task

from . import services


@shared_task
def deliver_message(pk: int) -> None:
    """Send one message that was just written. Where that fails, the sweep tries again at its time."""
    services.deliver_message(pk)


@shared_task
def send_waiting_messages() -> None:
    """Send what is due and was not woken up for: reminders, retries, lost wake-ups, dead senders."""
    services.send_due_messages()

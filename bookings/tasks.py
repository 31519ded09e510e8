"""What the clock does for appointments. Each finds its rows; running twice, or at once, does no harm."""

from celery import shared_task

from . import services


@shared_task
def expire_unanswered_requests() -> int:
    """Write down what ran out: requests, unpaid appointments, moves. Nothing waits for it (see `state_at`)."""
    return services.expire_overdue()


@shared_task
def end_for_closed_accounts() -> int:
    """Withdraw the requests and cancel the coming visits of people whose account is closed."""
    return services.end_for_closed_accounts()


@shared_task
def end_for_ended_providers() -> int:
    """Decline the requests and cancel the coming visits with providers whose membership has ended."""
    return services.end_for_ended_providers()


@shared_task
def ask_for_outcome() -> int:
    """After a visit, ask the provider whether it took place."""
    return services.ask_for_outcomes()


@shared_task
def decide_mediation_fees() -> int:
    """Decide about the fees for which the time to answer is over."""
    return services.decide_open_mediation_fees()


@shared_task
def refresh_availability(provider_id: int) -> None:
    """After a change of one provider: what search shows of it, and its next free times."""
    services.refresh_availability(provider_id=provider_id)


@shared_task
def refresh_stale_availability() -> int:
    """What a lost wake-up left undone, and the providers whose next free time has passed; a bounded number."""
    return services.refresh_stale()


@shared_task
def mark_availability_stale() -> int:
    """Once a day every provider is looked at again, for the horizon has moved on."""
    return services.mark_all_stale()

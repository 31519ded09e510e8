"""What the clock does to accounts."""

from celery import shared_task

from . import services


@shared_task(name="accounts.tasks.blank_account_mails")
def blank_account_mails() -> int:
    """Codes and links do not stay in the database once their mail is out."""
    return services.blank_account_mails()


@shared_task(name="accounts.tasks.purge_unverified_accounts")
def purge_unverified_accounts() -> int:
    """An address that nobody confirmed is free again."""
    return services.purge_unverified_accounts()

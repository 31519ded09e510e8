"""Look whether the trust ledger is as it was written."""

from typing import Any

from django.core.management import BaseCommand, CommandError

from payments.verification import LedgerFault, verify_ledger


class Command(BaseCommand):
    help = (
        "Walk the chain of the trust ledger and compare every balance. The first row that is changed, missing or "
        "unbalanced is named, and the command ends with status 1."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = verify_ledger()
        except LedgerFault as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(
            f"The ledger is whole: {found.entries} entries, {found.postings} postings, {found.accounts} accounts. "
            f"Its last hash: {found.head}"
        )

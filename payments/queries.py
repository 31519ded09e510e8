"""Reads of the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from .enums import AccountKind, EntryKind
from .models import LedgerAccount, LedgerPosting


@dataclass(frozen=True, slots=True)
class TrustTotals:
    """What became of the deposits of one currency, in minor units. `received` is the sum of all others.

    `held` is read from the balances, the others from the entries: `is_whole` compares the two.
    """

    received: int
    held: int
    refunded: int
    """Asked for or given back; what failed is held again."""
    released: int
    fees: int
    charged_back: int
    """Taken back by the bank of the patient, less what was put in again to cover it."""

    @property
    def is_whole(self) -> bool:
        return self.received == self.held + self.refunded + self.released + self.fees + self.charged_back


def trust_totals(currency: str) -> TrustTotals:
    """Money received = held + refunded + released + fees kept (Rules 5, point 4), read in two queries."""

    def credited(*kinds: EntryKind) -> Coalesce:
        return Coalesce(-Sum("amount_minor", filter=Q(entry__kind__in=kinds)), 0)

    moved = LedgerPosting.objects.filter(account__kind=AccountKind.TRUST_PATIENT, account__currency=currency).aggregate(
        received=credited(EntryKind.CAPTURE),
        refunded=-credited(EntryKind.REFUND_ASKED, EntryKind.REFUND_FAILED),
        released=-credited(EntryKind.RELEASE, EntryKind.RELEASE_REVERSED),
        fees=-credited(EntryKind.CANCELLATION_FEE),
        charged_back=-credited(EntryKind.DISPUTE_LOST, EntryKind.SHORTFALL_COVERED),
    )
    trust = LedgerAccount.objects.filter(kind=AccountKind.TRUST_PATIENT, currency=currency)
    held = trust.aggregate(held=Coalesce(Sum("balance_minor"), 0))["held"]
    return TrustTotals(held=held, **moved)

"""Money that MEDICAIM keeps for others, and where it went."""

from .ledger import LedgerAccount, LedgerEntry, LedgerHead, LedgerPosting

__all__ = ["LedgerAccount", "LedgerEntry", "LedgerHead", "LedgerPosting"]

"""The only writer of money. The locks are in `docs/locking.md`."""

from .ledger import post_entry

__all__ = ["post_entry"]

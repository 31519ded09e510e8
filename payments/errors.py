"""What the ledger refuses."""

from django.utils.translation import gettext_lazy as _

from medicaim.common.errors import DomainError


class LedgerError(DomainError):
    """The base. Nothing has been written."""

    message = _("This movement of money was refused, and nothing was moved.")


class Overdrawn(LedgerError):
    """More would leave a deposit, or what is owed to somebody, than is there."""

    message = _("This is more than is kept there. Nothing was moved.")


class ReferenceReused(LedgerError):
    """The reference stands for another movement already: always a programming error."""


class MalformedEntry(LedgerError):
    """Postings that do not make an entry: always a programming error. The text says why."""


class AppendOnly(LedgerError):
    """Somebody tried to change or remove what the ledger holds. A mistake is mended by an entry that reverses it."""

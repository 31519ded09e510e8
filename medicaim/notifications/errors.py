"""What can go wrong with a message."""

from django.utils.translation import gettext_lazy as _

from medicaim.common.errors import DomainError


class NotWaitingForDecision(DomainError):
    """Careteam decided about a message that meanwhile is in another state."""

    message = _("This message has changed in the meantime. Look at it again.")


class DeliveryError(Exception):
    """An attempt to hand a message over did not succeed; `str()` says why, without any personal data."""


class Unreachable(DeliveryError):
    """Nobody answered: surely nothing was handed over, and the next message would fare the same."""


class Refused(DeliveryError):
    """The server said no for good: trying again changes nothing."""


class TryLater(DeliveryError):
    """Surely not delivered, and worth another attempt."""


class Unknown(DeliveryError):
    """It may have arrived or not: nobody can tell from here."""

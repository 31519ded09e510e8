"""What a provider's team, or the careteam, cannot do now, in sentences for them."""

from datetime import time

from django.utils.translation import gettext_lazy as _

from medicaim.common.errors import DomainError


class ProviderError(DomainError):
    """Something about a provider that the rules do not allow now."""


class WrongState(ProviderError):
    message = _("This is not possible in the present state of the provider.")


class ContractMissing(ProviderError):
    message = _("Please accept the membership contract and the undertaking: we need both.")


class TooManyApplications(ProviderError):
    message = _("You already have several applications waiting for our check. We answer them first.")


class NumberTaken(ProviderError):
    message = _(
        "This number is already registered with us. If it is yours, write to our careteam: they sort it out with you."
    )


class NothingToPublish(ProviderError):
    message = _("Write a presentation in one language at least before you publish the page.")


class PhotoRefused(ProviderError):
    message = _("We could not read this picture. Please choose a JPEG, PNG or WebP file.")


class NotOurs(ProviderError):
    message = _("This belongs to another provider.")


class HoursOverlap(ProviderError):
    message = _("Some of these hours overlap. Nothing was saved yet.")


class DatesWrong(ProviderError):
    message = _("The last day lies before the first one.")


class HourLeftOut(ProviderError):
    """The clocks of the place go forward over this hour; `field` is the end of the hours that names it."""

    def __init__(self, field: str, hour: time) -> None:
        super().__init__(
            _("On this day the clocks go forward and %(hour)s does not exist.") % {"hour": f"{hour:%H:%M}"}
        )
        self.field = field


class CalendarKnown(ProviderError):
    message = _("This calendar is already on the list.")


class NoSuchAccount(ProviderError):
    message = _(
        "There is no account with this e-mail address yet. Ask the person to open one, then add the person here."
    )


class AlreadyMember(ProviderError):
    message = _("This person is already in your team. You can change the role in the list.")


class LastOwner(ProviderError):
    message = _("A provider needs an owner. Make somebody else an owner first.")

"""What a person cannot do with an account now, in words for that person."""

from django.utils.translation import gettext_lazy as _

from medicaim.common.errors import DomainError


class AccountError(DomainError):
    """Base of the errors of this app."""


class CannotRequest(AccountError):
    """The person may not ask for an appointment now."""


class EmailNotVerified(CannotRequest):
    message = _("Confirm your e-mail address first. Then you can send your request.")


class ProfileMissing(CannotRequest):
    message = _("Complete your profile first: a provider needs your name, date of birth and phone number.")


class DependantNotApproved(CannotRequest):
    message = _("Our careteam has not approved this person yet. Nothing can be requested for them before.")


class DependantDecided(AccountError):
    message = _("This person has been decided upon already.")


class DependantLocked(AccountError):
    message = _("This person is approved and can no longer be changed here. Write to our careteam.")


class DecisionIncomplete(AccountError):
    message = _("Say which proof you have seen, or why it was not enough.")


class ReasonMissing(AccountError):
    message = _("Give a reason.")


class ClosingBlocked(AccountError):
    status = 409
    message = _("Something must be settled before this account can be closed. The page says what.")


class NotYourAccount(AccountError):
    message = _("Only its holder or the careteam can close an account.")


class AlarmInvalid(AccountError):
    message = _("This link has been used or has run out. Ask for a new one.")


class TermsPublished(AccountError):
    message = _("This version exists already. A change is a new version.")

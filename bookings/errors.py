"""What can stand in the way of an appointment, each with a sentence for the person in front of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from medicaim.common.errors import DomainError

if TYPE_CHECKING:
    from .models import Appointment


class BookingError(DomainError):
    """The base. `status` is what the page answers with: the request was understood and cannot be done now."""

    status = 409


class InvalidSlot(BookingError):
    """The posted text is not the name of a slot that this site gave out."""

    status = 400
    message = _("This time could not be read. Please choose a time again; what you wrote is kept.")


class SlotTaken(BookingError):
    """Somebody else was quicker (Rules 4, point 1)."""

    message = _("Somebody has just taken this time. Here are the nearest free times; what you wrote is kept.")


class NotBookable(BookingError):
    """The time is not, or no longer, offered: outside hours, too soon, too far away, or the service is gone."""

    message = _("This time is no longer offered. Please choose another one; what you wrote is kept.")


class RequestExpired(BookingError):
    """The time to answer or to pay has run out."""

    message = _("The time to answer has run out, and the appointment is free again. You can make a new request.")


class AlreadyAnswered(BookingError):
    """The question was answered before: by the other person in the office, or in another window."""

    message = _("This was already answered. The page now shows how things stand.")


class NotAllowedNow(BookingError):
    """The step does not exist from the state that the appointment is in."""

    message = _("This is not possible any more. The page now shows how things stand.")


class TooLateToMove(NotAllowedNow):
    """Inside the minimum notice of the service a patient can cancel, but not move."""

    message = _("It is too late to move this appointment here. Please call the provider, or cancel it.")


class NotYetOver(NotAllowedNow):
    message = _("You can say this once the visit has begun.")


class AlreadyBegun(NotAllowedNow):
    message = _("The visit has already begun, so this cannot be changed any more.")


class NotYours(BookingError):
    """The actor is neither the patient, nor a member of the provider, nor careteam."""

    status = 404
    message = _("We could not find this appointment.")


class PartyMissing(BookingError):
    """Careteam acts for somebody, and has to say for whom."""

    status = 400
    message = _("Please say on whose behalf you act.")


class PatientNotFree(BookingError):
    """The patient is elsewhere at the time that a provider proposes, or agrees to."""

    message = _("The patient is not free at this time. Please choose another time; what you wrote is kept.")


class EmailNotVerified(BookingError):
    """Bots fill agendas: only a verified address may keep a slot."""

    status = 403
    message = _("Please confirm your e-mail address first. The time you chose is remembered.")


class PatientProfileMissing(BookingError):
    status = 403
    message = _("Please complete your patient profile first. The time you chose is remembered.")


class PatientNotAdult(BookingError):
    """Rules 1, point 2."""

    status = 403
    message = _("Requests are made by adults. A legal representative can open an account and act for a minor.")


class DependantNotApproved(BookingError):
    """Rules 1, point 2: nothing is requested for a dependant before careteam's approval."""

    status = 403
    message = _("We are still checking that you may act for this person. You can request an appointment after that.")


class TooManyRequests(BookingError):
    status = 429
    message = _("You have several requests open already. Please wait for an answer, or withdraw one of them.")


class AlreadyRequested(BookingError):
    """The same person already has an appointment, or a request, at an overlapping time: `appointment`."""

    message = _("You already have a request or an appointment at this time.")

    def __init__(self, appointment: Appointment) -> None:
        super().__init__()
        self.appointment = appointment

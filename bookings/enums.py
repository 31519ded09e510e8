"""Choices of the bookings app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AppointmentState(models.TextChoices):
    """The states of Rules 4."""

    REQUESTED = "requested", _("Requested")
    PROPOSED = "proposed", _("Other time proposed")
    ACCEPTED = "accepted", _("Accepted")
    CONFIRMED = "confirmed", _("Confirmed")
    COMPLETED = "completed", _("Completed")
    NO_SHOW = "no_show", _("Patient did not come")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    CANCELLED = "cancelled", _("Cancelled")


class Side(models.TextChoices):
    """Who acted: one of the two parties, careteam for one of them, or the clock."""

    PATIENT = "patient", _("Patient")
    PROVIDER = "provider", _("Provider")
    CARETEAM = "careteam", _("Careteam")
    CLOCK = "clock", _("Time")


class ProposalState(models.TextChoices):
    OPEN = "open", _("Waiting for an answer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class MediationFee(models.TextChoices):
    """Rules 4, point 5: due only when the visit took place and neither side wants to stop; otherwise waived."""

    OPEN = "open", _("Not decided yet")
    DUE = "due", _("Due")
    WAIVED = "waived", _("Waived")


#: The event of a step that is taken because the membership of the provider has ended.
PROVIDER_ENDED = "provider_ended"

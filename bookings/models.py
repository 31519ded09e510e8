"""Appointments and the times that are kept for them."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Dependant
from medicaim.common.ids import new_public_id
from medicaim.common.models import PublicIdModel
from medicaim.common.money import Money
from providers.models import Location, Membership, Practitioner, Provider, Service

from .enums import AppointmentState as State
from .enums import MediationFee, ProposalState, Side

#: Rules 4: from each state, the states that an event may lead to. Rescheduling keeps the state.
ALLOWED: dict[str, frozenset[str]] = {
    State.REQUESTED: frozenset(
        {State.PROPOSED, State.ACCEPTED, State.CONFIRMED, State.DECLINED, State.WITHDRAWN, State.EXPIRED}
    ),
    State.PROPOSED: frozenset({State.ACCEPTED, State.CONFIRMED, State.DECLINED, State.WITHDRAWN, State.EXPIRED}),
    State.ACCEPTED: frozenset({State.CONFIRMED, State.EXPIRED, State.CANCELLED}),
    State.CONFIRMED: frozenset({State.COMPLETED, State.NO_SHOW, State.CANCELLED}),
    State.COMPLETED: frozenset(),
    State.NO_SHOW: frozenset(),
    State.DECLINED: frozenset(),
    State.EXPIRED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.CANCELLED: frozenset(),
}
OPEN_STATES = frozenset({State.REQUESTED, State.PROPOSED, State.ACCEPTED, State.CONFIRMED})
WAITING_STATES = frozenset({State.REQUESTED, State.PROPOSED, State.ACCEPTED})
OUTCOMES = frozenset({State.COMPLETED, State.NO_SHOW})


def new_calendar_uid() -> str:
    return f"{new_public_id()}@medicaim"


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, user) -> "AppointmentQuerySet":
        """A patient's own, and those of the providers for which the user works: the only door for views."""
        providers = Membership.objects.filter(user_id=user.pk).values("provider")
        return self.filter(Q(patient_id=user.pk) | Q(provider__in=providers))

    def of_patient(self, user) -> "AppointmentQuerySet":
        return self.filter(patient_id=user.pk)

    def of_providers_with_member(self, user) -> "AppointmentQuerySet":
        return self.filter(provider__in=Provider.objects.with_member(user))

    def open(self) -> "AppointmentQuerySet":
        return self.filter(state__in=OPEN_STATES)

    def overdue(self, now: datetime) -> "AppointmentQuerySet":
        """Those whose time to answer or to pay has run out, whether or not a worker has noticed."""
        return self.filter(state__in=WAITING_STATES, expires_at__lte=now)

    def alive(self, now: datetime) -> "AppointmentQuerySet":
        """Those that still stand at `now`: in an open state, and not overdue."""
        return self.open().filter(Q(expires_at=None) | Q(expires_at__gt=now))

    def with_current_state(self, now: datetime) -> "AppointmentQuerySet":
        """Each with `current_state`: what `state_at(now)` says, for lists and filters."""
        overdue = Q(state__in=WAITING_STATES, expires_at__lte=now)
        return self.annotate(
            current_state=Case(
                When(overdue, then=Value(State.EXPIRED.value)), default=F("state"), output_field=models.CharField()
            )
        )


class Appointment(PublicIdModel):
    """A request for a slot and all that becomes of it (Rules 4).

    `starts_at`/`ends_at` are the visit itself, in UTC; the location's zone says what the clock there shows.
    The times kept free for it, buffers included, are its `SlotHold` rows. `expires_at` is the instant at
    which a waiting state ends by itself: whoever looks after it treats the appointment as expired, worker or
    no worker. `sequence` grows with every change that a calendar must learn of (RFC 5545 SEQUENCE) and marks
    messages written for an older time as stale. Fee and currency are those at the time of the request.
    """

    patient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appointments")
    dependant = models.ForeignKey(
        Dependant, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments"
    )
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="appointments")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="appointments")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="appointments")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="appointments")
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.REQUESTED)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    subject = models.CharField(_("subject of the request"), max_length=1000, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    reason = models.CharField(_("reason given"), max_length=500, blank=True)
    fee_minor = models.PositiveBigIntegerField(_("fee, in minor units"))
    currency = models.CharField(_("currency"), max_length=3)
    amount_due_minor = models.PositiveBigIntegerField(
        _("to be paid before it is confirmed, in minor units"),
        default=0,
        help_text=_("The seam for the deposit: 0 means that acceptance confirms."),
    )
    uid = models.CharField(_("calendar UID"), max_length=60, unique=True, default=new_calendar_uid, editable=False)
    sequence = models.PositiveIntegerField(_("calendar sequence"), default=0)
    request_key = models.CharField(  # noqa: DJ001 - unique where there is one
        max_length=64,
        unique=True,
        null=True,
        editable=False,
        help_text=_("Of the form that was posted: a double click or a reload finds the request it made."),
    )
    origin = models.CharField(
        max_length=32,
        blank=True,
        editable=False,
        help_text=_("A keyed hash of the day and the address that asked: it limits requests and names nobody."),
    )
    outcome_asked_at = models.DateTimeField(_("outcome asked at"), null=True, blank=True)
    outcome_at = models.DateTimeField(_("outcome recorded at"), null=True, blank=True)
    patient_goes_on = models.BooleanField(_("patient wants to go on"), null=True, blank=True)
    provider_goes_on = models.BooleanField(_("provider wants to go on"), null=True, blank=True)
    mediation_fee = models.CharField(_("mediation fee"), max_length=10, choices=MediationFee, default=MediationFee.OPEN)
    mediation_fee_minor = models.PositiveBigIntegerField(_("mediation fee, in minor units"), default=0)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="bookings_appointment_ordered"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="bookings_appointment_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=WAITING_STATES, expires_at__isnull=False)
                | (~Q(state__in=WAITING_STATES) & Q(expires_at=None)),
                name="bookings_appointment_waiting_expires",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.ACCEPTED) | Q(amount_due_minor__gt=0),
                name="bookings_appointment_accepted_owes",
            ),
            models.CheckConstraint(
                condition=Q(mediation_fee=MediationFee.DUE, state=State.COMPLETED)
                | Q(mediation_fee__in=[MediationFee.OPEN, MediationFee.WAIVED]),
                name="bookings_appointment_fee_only_after_visit",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OUTCOMES, outcome_at__isnull=False)
                | (~Q(state__in=OUTCOMES) & Q(outcome_at=None)),
                name="bookings_appointment_outcome_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["practitioner", "starts_at"], name="bookings_appt_practitioner"),
            models.Index(fields=["provider", "state", "starts_at"], name="bookings_appt_provider"),
            models.Index(fields=["patient", "-starts_at"], name="bookings_appt_patient"),
            models.Index(fields=["expires_at"], condition=Q(expires_at__isnull=False), name="bookings_appt_expires"),
            models.Index(fields=["origin"], condition=~Q(origin=""), name="bookings_appt_origin"),
            models.Index(
                fields=["ends_at"],
                condition=Q(state=State.CONFIRMED, outcome_asked_at=None),
                name="bookings_appt_ask_outcome",
            ),
            models.Index(
                fields=["outcome_at"],
                condition=Q(outcome_at__isnull=False, mediation_fee=MediationFee.OPEN),
                name="bookings_appt_decide_fee",
            ),
        ]

    def __str__(self) -> str:
        return f"appointment {self.pk}"

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)

    @property
    def amount_due(self) -> Money:
        return Money(self.amount_due_minor, self.currency)

    def state_at(self, now: datetime) -> str:
        """The state as it truly is: a waiting one whose time has run out counts as expired at once."""
        if self.state in WAITING_STATES and self.expires_at is not None and self.expires_at <= now:
            return State.EXPIRED
        return self.state


class SlotHoldQuerySet(models.QuerySet["SlotHold"]):
    def counting(self, now: datetime) -> "SlotHoldQuerySet":
        """Those that keep their time at `now`, by the time itself: neither released nor run out."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), released_at=None)

    def run_out(self, now: datetime) -> "SlotHoldQuerySet":
        """Those whose time has run out and that nobody has released yet."""
        return self.filter(released_at=None, expires_at__lte=now)

    def overlapping(self, starts_at: datetime, ends_at: datetime) -> "SlotHoldQuerySet":
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)


class SlotHold(models.Model):
    """A time of one practitioner that is kept for an appointment, buffers included.

    An appointment keeps its own time and, while another one is proposed, that one too. A hold counts while
    `released_at` is empty and `expires_at`, if any, lies ahead. No two holds of different appointments that are
    not released overlap for one practitioner (a visit may move by a quarter of an hour): an exclusion
    constraint on PostgreSQL and a trigger on SQLite see to it (migrations 0002 and 0003).
    """

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="holds")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="holds")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    objects = SlotHoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="bookings_slothold_ordered")
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(released_at=None, expires_at__isnull=False),
                name="bookings_slothold_expires",
            ),
            models.Index(
                fields=["practitioner", "ends_at", "starts_at"],
                condition=Q(released_at=None),
                name="bookings_slothold_active",
            ),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"


class Proposal(PublicIdModel):
    """Another time, put to the other side: an alternative to a request, or a move of an accepted appointment."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="proposals")
    proposed_by = models.CharField(_("proposed by"), max_length=10, choices=Side)
    hold = models.OneToOneField(SlotHold, on_delete=models.PROTECT, related_name="proposal")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.CharField(_("note"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment"], condition=Q(state=ProposalState.OPEN), name="bookings_proposal_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"proposal {self.pk}"

    def state_at(self, now: datetime) -> str:
        """The state as it truly is: one that nobody answered in time has expired, worker or no worker."""
        if self.state == ProposalState.OPEN and self.expires_at <= now:
            return ProposalState.EXPIRED
        return self.state


class AppointmentTransition(models.Model):
    """One step in the life of an appointment. Rows are only added; both sides can read them as its history."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="transitions")
    at = models.DateTimeField(default=timezone.now)
    event = models.CharField(max_length=40)
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10, choices=State)
    side = models.CharField(max_length=10, choices=Side)
    on_behalf_of = models.CharField(
        _("on behalf of"),
        max_length=10,
        choices=[(side.value, side.label) for side in (Side.PATIENT, Side.PROVIDER)],
        blank=True,
        help_text=_("The party for which careteam acted; both parties read it."),
    )
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(help_text=_("The time of the visit after this step"))
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["appointment", "at"], name="bookings_transition_history")]

    def __str__(self) -> str:
        return f"{self.appointment_id}: {self.event}"


class CalendarFeed(models.Model):
    """A private address under which a patient, or one practitioner, finds the appointments as a calendar (ICS).

    Only the hash of its token is kept; a new one makes the old address useless. It never holds a health word.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feeds")
    provider = models.ForeignKey(
        Provider, null=True, blank=True, on_delete=models.CASCADE, related_name="calendar_feeds"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "provider"],
                condition=Q(revoked_at=None, provider__isnull=False),
                name="bookings_calendarfeed_one_per_provider",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(revoked_at=None, provider=None),
                name="bookings_calendarfeed_one_per_patient",
            ),
        ]

    def __str__(self) -> str:
        return f"feed {self.pk}"

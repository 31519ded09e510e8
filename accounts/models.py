"""People: who has an account, whom they act for, what they agreed to."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from medicaim.common.models import PublicIdModel

from .enums import DependantRelation, DependantState, Gender, TermsKind


class User(PublicIdModel, AbstractUser):
    """Anyone who can sign in: patient, member of a provider, medical coordinator, careteam.

    Roles add up: `is_staff` is the careteam, `is_coordinator` a medical coordinator; a patient is whoever
    has a `PatientProfile`; a member of a provider has a `providers.Membership`. A superuser is careteam too.
    """

    first_name = models.CharField(_("first name"), max_length=150)
    last_name = models.CharField(_("last name"), max_length=150)
    email = models.EmailField(_("e-mail address"))
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", help_text=_("IANA name"))
    is_coordinator = models.BooleanField(_("medical coordinator"), default=False)
    access_refused_at = models.DateTimeField(_("access refused at"), null=True, blank=True)
    access_refused_reason = models.CharField(_("reason for refusing access"), max_length=500, blank=True)
    reset_required_at = models.DateTimeField(
        _("password reset required since"),
        null=True,
        blank=True,
        help_text=_("Set when the person reports that somebody else used the account (Rules 1, point 4)."),
    )

    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, db_index=True)
    closed_by = models.ForeignKey(
        "self", verbose_name=_("closed by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    session_generation = models.PositiveIntegerField(
        default=0, editable=False, help_text=_("Part of what a session is checked against: one more ends them all.")
    )

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="accounts_user_email_unique"),
            models.UniqueConstraint(Lower("username"), name="accounts_user_username_unique"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False, is_active=False),
                name="accounts_user_closed_is_not_active",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What ties a session to its user: the password (as Django has it) and the generation of the sessions."""
        return salted_hmac(
            "accounts.User.session", f"{self.password}:{self.session_generation}", secret=secret, algorithm="sha256"
        ).hexdigest()

    @property
    def may_sign_in(self) -> bool:
        """Neither closed, nor refused by the careteam, nor waiting for a new password."""
        return self.is_active and self.access_refused_at is None and self.reset_required_at is None

    @property
    def is_careteam(self) -> bool:
        return self.is_active and self.is_staff

    @property
    def is_patient(self) -> bool:
        return hasattr(self, "patient_profile")


class PatientProfile(models.Model):
    """What clause 5 lets MEDICAIM ask of a person beside the name and the e-mail address, and nothing else."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="patient_profile")
    date_of_birth = models.DateField(_("date of birth"))
    gender = models.CharField(_("gender"), max_length=10, choices=Gender)
    phone = PhoneNumberField(_("phone number"))
    sms_agreed_at = models.DateTimeField(
        _("agreed to SMS at"), null=True, blank=True, help_text=_("Empty: no SMS is sent to this person.")
    )

    class Meta:
        verbose_name = _("patient profile")
        verbose_name_plural = _("patient profiles")
        constraints = [
            models.CheckConstraint(condition=Q(gender__in=Gender.values), name="accounts_patientprofile_gender_known")
        ]

    def __str__(self) -> str:
        return str(self.user)


class DependantQuerySet(models.QuerySet["Dependant"]):
    def visible_to(self, user: User) -> "DependantQuerySet":
        """Those for whom this user acts. Careteam works in admin, not here."""
        return self.filter(representative_id=user.pk)

    def approved(self) -> "DependantQuerySet":
        return self.filter(state=DependantState.APPROVED)


class Dependant(PublicIdModel):
    """A minor or an adult under guardianship, for whom a patient acts as legal representative (Rules 1, point 2).

    Careteam approves or rejects with a reason and notes which proof it has seen; nothing is requested for a
    dependant before the approval.
    """

    representative = models.ForeignKey(User, on_delete=models.CASCADE, related_name="dependants")
    first_name = models.CharField(_("first name"), max_length=150)
    last_name = models.CharField(_("last name"), max_length=150)
    date_of_birth = models.DateField(_("date of birth"))
    gender = models.CharField(_("gender"), max_length=10, choices=Gender)
    relation = models.CharField(_("relation"), max_length=20, choices=DependantRelation)
    authority = models.CharField(
        _("on what you rely"),
        max_length=300,
        help_text=_("For instance: parental authority, or the court decision with its date."),
    )
    state = models.CharField(_("state"), max_length=10, choices=DependantState, default=DependantState.PENDING)
    proof_seen = models.CharField(_("proof seen by the careteam"), max_length=300, blank=True)
    decision_reason = models.CharField(_("reason"), max_length=500, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, verbose_name=_("decided by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = DependantQuerySet.as_manager()

    class Meta:
        verbose_name = _("dependant")
        verbose_name_plural = _("dependants")
        ordering = ["first_name", "last_name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=DependantState.PENDING, decided_at=None, decided_by=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(state=DependantState.PENDING),
                name="accounts_dependant_decision_complete",
            ),
            models.CheckConstraint(
                condition=~Q(state=DependantState.APPROVED) | ~Q(proof_seen=""),
                name="accounts_dependant_approved_has_proof",
            ),
            models.CheckConstraint(
                condition=~Q(state=DependantState.REJECTED) | ~Q(decision_reason=""),
                name="accounts_dependant_rejected_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


class TermsVersionQuerySet(models.QuerySet["TermsVersion"]):
    def in_force(self, now) -> "TermsVersionQuerySet":
        """The newest published version of each kind at `now`."""
        newest = (
            TermsVersion.objects.filter(kind=models.OuterRef("kind"), published_at__lte=now)
            .order_by("-published_at", "-pk")
            .values("pk")[:1]
        )
        return self.filter(pk=models.Subquery(newest))


class TermsVersion(models.Model):
    """One version of what people agree to. The French text alone is binding; the others say so (Rules 1, point 3)."""

    kind = models.CharField(_("kind"), max_length=20, choices=TermsKind)
    number = models.CharField(_("version"), max_length=20)
    published_at = models.DateTimeField(_("in force from"))

    objects = TermsVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of the terms")
        verbose_name_plural = _("versions of the terms")
        ordering = ["kind", "-published_at"]
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="accounts_termsversion_number_unique")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class TermsText(models.Model):
    """The words of one version in one language, with the hash that a consent refers to."""

    version = models.ForeignKey(TermsVersion, on_delete=models.PROTECT, related_name="texts")
    language = models.CharField(_("language"), max_length=8)
    body = models.TextField(_("text"), help_text=_("Paragraphs; a line that starts with '## ' is a heading."))
    changes = models.TextField(_("what changed since the version before"), blank=True)
    sha256 = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("text of the terms")
        verbose_name_plural = _("texts of the terms")
        constraints = [
            models.UniqueConstraint(fields=["version", "language"], name="accounts_termstext_language_unique")
        ]

    def __str__(self) -> str:
        return f"{self.version} ({self.language})"


class Consent(models.Model):
    """That a person agreed: to which version, when, from which address, in which language it was read."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consents")
    version = models.ForeignKey(TermsVersion, on_delete=models.PROTECT, related_name="consents")
    accepted_at = models.DateTimeField(_("accepted at"), default=timezone.now)
    address = models.GenericIPAddressField(_("address"), null=True)
    language = models.CharField(_("language read"), max_length=8)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-accepted_at"]
        constraints = [models.UniqueConstraint(fields=["user", "version"], name="accounts_consent_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.version}"


class AccountAlarm(models.Model):
    """A secret link with which the holder of an account says "somebody else used it" without being signed in.

    Only the hash is kept; single use; it runs out.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="alarms")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"alarm {self.pk}"


class AccountMail(models.Model):
    """What an e-mail about signing in must say: the message row of `notifications` points here.

    Such a mail carries what cannot be read again later: a code, a link, the address before a change. It is kept
    sealed with a key of the installation (`medicaim/common/crypto.py`) until the mail is sent or `expires_at` has
    passed; then `sealed` is emptied and the mail, if it still waits, is no longer true.
    """

    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=60, help_text=_("The event of the message, without the app."))
    language = models.CharField(_("language"), max_length=8)
    sealed = models.TextField(blank=True, editable=False)
    expires_at = models.DateTimeField(_("of use until"), db_index=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        verbose_name = _("e-mail about an account")
        verbose_name_plural = _("e-mails about accounts")

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

"""A provider's page, what it says of itself, its number, and who works for it."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from medicaim.common.models import PublicIdModel
from providers.enums import MemberRole, ProviderKind, ProviderState
from providers.photos import RENDITION_FORMATS, RENDITION_SIZES, PortraitPhoto


class ProviderQuerySet(models.QuerySet["Provider"]):
    def public(self) -> "ProviderQuerySet":
        """Those that anyone may see: active ones whose page was published."""
        return self.filter(state=ProviderState.ACTIVE, published_at__isnull=False)

    def with_member(self, user, *roles: str) -> "ProviderQuerySet":
        """Those of which the user is a member, in one of the roles if any is named."""
        memberships = Membership.objects.filter(user_id=user.pk)
        if roles:
            memberships = memberships.filter(role__in=roles)
        return self.exclude(state=ProviderState.ENDED).filter(pk__in=memberships.values("provider"))

    def editable_by(self, user) -> "ProviderQuerySet":
        return self.with_member(user, MemberRole.OWNER, MemberRole.EDITOR)


class Provider(PublicIdModel):
    """A page: one practitioner, or an establishment where several work.

    What the page shows is declared by the provider and not checked by MEDICAIM, but for the professional
    number (`Registration`), which is shown as checked only where careteam checked it (Rules 2, point 4).
    The draft (`ProviderText.draft`) is what the provider edits; publishing copies it to what the public sees.
    """

    kind = models.CharField(_("kind"), max_length=20, choices=ProviderKind)
    name = models.CharField(_("name"), max_length=200)
    country = CountryField(_("country"))
    state = models.CharField(_("state"), max_length=10, choices=ProviderState, default=ProviderState.APPLIED)
    state_reason = models.CharField(_("reason for the state"), max_length=500, blank=True)
    published_at = models.DateTimeField(_("page published at"), null=True, blank=True)
    photo = models.ImageField(_("photo"), upload_to="providers/", blank=True)
    languages = models.JSONField(_("languages spoken"), default=list, help_text=_("ISO 639-1 codes"))
    contract_accepted_at = models.DateTimeField(_("membership contract accepted at"), null=True, blank=True)
    ethics_accepted_at = models.DateTimeField(
        _("undertook to follow the code of ethics and professional secrecy at"), null=True, blank=True
    )
    mediation_fee_bp = models.PositiveSmallIntegerField(
        _("mediation fee"),
        default=0,
        validators=[MaxValueValidator(10_000)],
        help_text=_("In hundredths of a percent of the fee; nothing that ranks results may read it."),
    )
    search_stale_since = models.DateTimeField(
        _("search to be refreshed since"),
        null=True,
        blank=True,
        default=timezone.now,
        help_text=_("Set with every change that search shows; a sweep refreshes and clears it."),
    )

    page_changed_at = models.DateTimeField(
        _("what the page shows last changed at"),
        default=timezone.now,
        help_text=_("Told to search engines; free times do not count."),
    )

    objects = ProviderQuerySet.as_manager()

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ProviderKind.values), name="providers_provider_kind_known"),
            models.CheckConstraint(condition=Q(state__in=ProviderState.values), name="providers_provider_state_known"),
            models.CheckConstraint(
                condition=~Q(state=ProviderState.ACTIVE)
                | Q(contract_accepted_at__isnull=False, ethics_accepted_at__isnull=False),
                name="providers_provider_active_has_contract",
            ),
        ]
        indexes = [
            models.Index(
                fields=["search_stale_since"],
                condition=Q(search_stale_since__isnull=False),
                name="providers_provider_stale",
            ),
            models.Index(
                fields=["id", "page_changed_at"],
                condition=Q(state=ProviderState.ACTIVE, published_at__isnull=False),
                name="providers_provider_sitemap",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_establishment(self) -> bool:
        return self.kind != ProviderKind.PRACTITIONER

    @property
    def photo_version(self) -> str:
        """The part of the photo's address that changes with each photo; empty without one."""
        return (self.photo.name or "").rpartition("/")[2].removesuffix(".webp") if self.photo else ""

    @property
    def photo_url(self) -> str:
        """Where the photo is served, in the reader's language; empty without one."""
        return reverse("providers:photo_file", args=[self.public_id, self.photo_version, ".webp"]) if self.photo else ""

    @property
    def portrait_photo(self) -> PortraitPhoto | None:
        """The photo in the sizes and formats that a portrait takes; None without one."""
        if not self.photo:
            return None

        def url(size: int, kind: str) -> str:
            return reverse("providers:photo_file", args=[self.public_id, self.photo_version, f"-{size}.{kind}"])

        sources = [
            (f"image/{kind}", ", ".join(f"{url(size, kind)} {size}w" for size in RENDITION_SIZES))
            for kind in RENDITION_FORMATS
        ]
        return PortraitPhoto(url(RENDITION_SIZES[-1], "webp"), tuple(sources))

    @property
    def is_public(self) -> bool:
        return self.state == ProviderState.ACTIVE and self.published_at is not None


class ProviderText(models.Model):
    """The presentation of a provider in one language: what the public sees, and the draft being written."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=8)
    presentation = models.TextField(_("presentation"), blank=True)
    draft = models.TextField(_("draft"), blank=True, max_length=6000)

    class Meta:
        verbose_name = _("presentation")
        verbose_name_plural = _("presentations")
        constraints = [
            models.UniqueConstraint(fields=["provider", "language"], name="providers_providertext_language_unique")
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} ({self.language})"


class Registration(models.Model):
    """A professional identity number: RPPS, ADELI, FINESS in France, elsewhere the country's own register."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="registrations")
    register = models.CharField(_("register"), max_length=60, help_text=_("RPPS, ADELI, FINESS, GMC, …"))
    country = CountryField(_("country"))
    number = models.CharField(_("number"), max_length=40)
    checked_at = models.DateTimeField(_("checked by the careteam at"), null=True, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    evidence = models.CharField(_("what was compared"), max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(
        _("given up at"),
        null=True,
        blank=True,
        help_text=_("Set when the provider ends, so that the holder of the number may apply again."),
    )

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        constraints = [
            models.UniqueConstraint(
                fields=["country", "register", "number"],
                condition=Q(withdrawn_at=None),
                name="providers_registration_number_unique",
            ),
            models.CheckConstraint(
                condition=Q(checked_at=None, checked_by=None)
                | (Q(checked_at__isnull=False, checked_by__isnull=False) & ~Q(evidence="")),
                name="providers_registration_check_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.number}"


class Membership(PublicIdModel):
    """That a user works for a provider, and as what."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="provider_memberships")
    role = models.CharField(_("role"), max_length=10, choices=MemberRole)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(fields=["provider", "user"], name="providers_membership_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.get_role_display()}"

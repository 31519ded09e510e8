"""Who receives patients, where, and what can be requested."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from medicaim.common.models import PublicIdModel
from medicaim.common.money import Money
from providers.enums import DepositKind, ServiceMode

from .nomenclature import Profession, Specialty
from .provider import Provider


class Practitioner(PublicIdModel):
    """A health professional with a calendar: the scarce thing of this system.

    Never in two visits at once, whatever the service or the place. Whoever takes time of a practitioner locks
    this row first (docs/locking.md).
    """

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="practitioners")
    name = models.CharField(_("name"), max_length=200)
    profession = models.ForeignKey(Profession, on_delete=models.PROTECT, related_name="+")
    specialties = models.ManyToManyField(Specialty, related_name="practitioners", blank=True)
    titles = models.TextField(_("diplomas and titles"), blank=True, max_length=2000, help_text=_("One per line"))
    is_active = models.BooleanField(_("takes appointments"), default=True)

    class Meta:
        verbose_name = _("practitioner")
        verbose_name_plural = _("practitioners")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Location(PublicIdModel):
    """A place where a provider receives patients. Its time zone rules every hour that is written about it."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="locations")
    name = models.CharField(_("name"), max_length=200)
    address = models.CharField(_("address"), max_length=300)
    city = models.CharField(_("city"), max_length=120)
    country = CountryField(_("country"))
    latitude = models.FloatField(
        _("latitude"), null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.FloatField(
        _("longitude"), null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    time_zone = models.CharField(_("time zone"), max_length=64, help_text=_("IANA name, such as Europe/Paris"))
    access = models.CharField(_("how to get there"), max_length=500, blank=True)
    step_free = models.BooleanField(_("step-free access"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        ordering = ["city", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None) | Q(latitude__isnull=False, longitude__isnull=False),
                name="providers_location_coordinates_complete",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"


class Service(PublicIdModel):
    """What can be requested: an act or a consultation with its duration, fee and rules of time.

    Durations and buffers are minutes. `fee_minor` is the provider's own fee in minor units of `currency`.
    A remote service has a location all the same: its zone and hours rule.
    """

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="services")
    specialty = models.ForeignKey(Specialty, null=True, blank=True, on_delete=models.PROTECT, related_name="services")
    name_en = models.CharField(_("name (English)"), max_length=200, blank=True)
    name_fr = models.CharField(_("name (French)"), max_length=200, blank=True)
    description = models.TextField(_("what it includes"), blank=True, max_length=2000)
    mode = models.CharField(_("mode"), max_length=10, choices=ServiceMode, default=ServiceMode.ON_SITE)
    duration = models.PositiveSmallIntegerField(
        _("duration"), validators=[MinValueValidator(5), MaxValueValidator(1440)], help_text=_("Minutes")
    )
    buffer_before = models.PositiveSmallIntegerField(
        _("time kept free before"), default=0, validators=[MaxValueValidator(480)], help_text=_("Minutes")
    )
    buffer_after = models.PositiveSmallIntegerField(
        _("time kept free after"), default=0, validators=[MaxValueValidator(480)], help_text=_("Minutes")
    )
    slot_step = models.PositiveSmallIntegerField(
        _("a start time every"),
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(1440)],
        help_text=_("Minutes"),
    )
    minimum_notice = models.PositiveIntegerField(
        _("minimum notice"), default=24 * 60, validators=[MaxValueValidator(365 * 1440)], help_text=_("Minutes")
    )
    horizon_days = models.PositiveSmallIntegerField(
        _("open for the next"),
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(730)],
        help_text=_("Days"),
    )
    fee_minor = models.PositiveBigIntegerField(_("fee, in minor units"))
    currency = models.CharField(_("currency"), max_length=3)
    instant_confirmation = models.BooleanField(_("confirmed at once, without an answer of yours"), default=False)
    deposit_kind = models.CharField(_("deposit"), max_length=20, choices=DepositKind, default=DepositKind.NONE)
    deposit_minor = models.PositiveBigIntegerField(_("deposit, in minor units"), default=0)
    practitioners = models.ManyToManyField(Practitioner, related_name="services", verbose_name=_("practitioners"))
    locations = models.ManyToManyField(Location, related_name="services", verbose_name=_("locations"))
    is_published = models.BooleanField(_("can be requested"), default=True)

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ["name_en", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name_en="", name_fr=""), name="providers_service_has_name"),
            models.CheckConstraint(condition=Q(duration__gt=0, slot_step__gt=0), name="providers_service_lasts"),
            models.CheckConstraint(
                condition=Q(deposit_kind=DepositKind.NONE, deposit_minor=0)
                | (~Q(deposit_kind=DepositKind.NONE) & Q(deposit_minor__gt=0)),
                name="providers_service_deposit_coherent",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """In the reader's language, or in the other one where the provider gave only that."""
        first, second = self.name_en, self.name_fr
        if (get_language() or "en").startswith("fr"):
            first, second = second, first
        return first or second

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)

    @property
    def deposit(self) -> Money:
        return Money(self.deposit_minor, self.currency)

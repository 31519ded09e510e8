"""Who offers care, what, where, when and for how much."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from medicaim.common.crypto import digest, seal, unseal
from medicaim.common.models import PublicIdModel
from medicaim.common.money import Money

from .enums import DepositKind, MemberRole, ProviderKind, ProviderState, ServiceMode
from .photos import RENDITION_FORMATS, RENDITION_SIZES, PortraitPhoto
from .reference import arabic_labels


class LabelledCode(models.Model):
    """An entry of a published nomenclature, with its label in French and English; the Arabic one is in a file."""

    code = models.CharField(_("code"), max_length=10, primary_key=True)
    label_fr = models.CharField(_("label (French)"), max_length=200)
    label_en = models.CharField(_("label (English)"), max_length=200)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The label in the reader's language."""
        match (get_language() or "en")[:2]:
            case "fr":
                return self.label_fr
            case "ar":
                return arabic_labels().get(self.code, self.label_en)
            case _:
                return self.label_en


class Profession(LabelledCode):
    """A health profession of the French nomenclature (NOS TRE_G15)."""

    class Meta:
        verbose_name = _("profession")
        verbose_name_plural = _("professions")
        ordering = ["label_en"]


class Specialty(LabelledCode):
    """A specialty recognised by the French authorities (NOS TRE_R38). `canonical` joins near-duplicates."""

    profession = models.CharField(_("profession"), max_length=20)
    canonical = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="variants")

    class Meta:
        verbose_name = _("specialty")
        verbose_name_plural = _("specialties")
        ordering = ["label_en"]


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


class WeeklyHours(models.Model):
    """Opening hours that come back every week, in the location's local time (Rules 3, point 3).

    `weekday` is the ISO one: 1 Monday to 7 Sunday. They may end at midnight of the next day (`ends` 00:00).
    Without a service they hold for every service at that location.
    """

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="weekly_hours")
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="weekly_hours")
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.CASCADE, related_name="weekly_hours")
    weekday = models.PositiveSmallIntegerField(_("weekday"))
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("to"))
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True, help_text=_("Last day included"))

    class Meta:
        verbose_name = _("weekly hours")
        verbose_name_plural = _("weekly hours")
        ordering = ["weekday", "starts", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__range=(1, 7)), name="providers_weeklyhours_iso_weekday"),
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")) | Q(ends="00:00"), name="providers_weeklyhours_ordered"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="providers_weeklyhours_validity_ordered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts:%H:%M}-{self.ends:%H:%M}"


class Closure(PublicIdModel):
    """Days on which a practitioner receives nobody: `starts_on` to `ends_on`, both included, in local dates."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="closures")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), help_text=_("Last day included"))
    label = models.CharField(_("reason, for yourself"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("closed dates")
        verbose_name_plural = _("closed dates")
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="providers_closure_ordered")
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} - {self.ends_on}"


class ExtraOpening(PublicIdModel):
    """Hours on one date beside the weekly ones, in the location's local time. They hold on a closed date too."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="extra_openings")
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="extra_openings")
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.CASCADE, related_name="extra_openings")
    on = models.DateField(_("date"))
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("to"))

    class Meta:
        verbose_name = _("extra opening")
        verbose_name_plural = _("extra openings")
        ordering = ["on", "starts", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")) | Q(ends="00:00"), name="providers_extraopening_ordered"
            )
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.starts:%H:%M}-{self.ends:%H:%M}"


class ExternalCalendar(PublicIdModel):
    """An ICS address from which a practitioner's busy times are read, by the worker, never in a request.

    Whoever knows the address reads the whole calendar: it is sealed, known by a keyed digest, and only its host is
    ever shown. Reading `url` raises InvalidToken where no key of the installation opens it any more.
    """

    PURPOSE = "providers.calendar"

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="external_calendars")
    sealed_url = models.TextField(editable=False)
    url_digest = models.CharField(max_length=64, editable=False)
    host = models.CharField(_("host"), max_length=255)
    time_zone = models.CharField(_("time zone of floating times"), max_length=64)
    next_fetch_at = models.DateTimeField(default=timezone.now, db_index=True)
    fetched_at = models.DateTimeField(_("last read at"), null=True, blank=True)
    error = models.CharField(_("last error"), max_length=200, blank=True)
    etag = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("external calendar")
        verbose_name_plural = _("external calendars")
        constraints = [
            models.UniqueConstraint(fields=["practitioner", "url_digest"], name="providers_externalcalendar_unique")
        ]

    def __str__(self) -> str:
        return f"calendar {self.pk}"

    @property
    def url(self) -> str:
        return unseal(self.sealed_url, purpose=self.PURPOSE)

    @url.setter
    def url(self, url: str) -> None:
        self.sealed_url = seal(url, purpose=self.PURPOSE)
        self.url_digest = digest(url, purpose=self.PURPOSE)
        self.host = urlsplit(url).hostname or ""


class BusyTime(models.Model):
    """A time that an external calendar declares busy, keyed by (calendar, UID, recurrence): never doubled."""

    calendar = models.ForeignKey(ExternalCalendar, on_delete=models.CASCADE, related_name="busy_times")
    uid = models.CharField(max_length=300)
    recurrence = models.CharField(max_length=40, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "uid", "recurrence"], name="providers_busytime_unique"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="providers_busytime_ordered"),
        ]
        indexes = [models.Index(fields=["calendar", "ends_at"], name="providers_busytime_window")]

    def __str__(self) -> str:
        return f"{self.starts_at} - {self.ends_at}"


class CurrencyRate(models.Model):
    """How many units of a currency one euro buys: to compare a budget with fees, never to charge anyone."""

    currency = models.CharField(_("currency"), max_length=3, primary_key=True)
    per_euro = models.DecimalField(_("units per euro"), max_digits=18, decimal_places=6)
    as_of = models.DateField(_("as of"))

    class Meta:
        verbose_name = _("currency rate")
        verbose_name_plural = _("currency rates")

    def __str__(self) -> str:
        return self.currency


class SearchEntry(models.Model):
    """What search reads: one row for each published service at each location, written anew when they change.

    `text` is normalised and holds names of provider, practitioners, service, specialty (French and English)
    and city. `next_free_at` is the earliest free start; `free_days` has bit `date.toordinal() % 63` set for
    every local day of the next 62 with a free time. Nothing about contracts or commissions can stand here:
    what ranks results reads this table and no other (Rules 2, point 3).
    """

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="search_entries")
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="search_entries")
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="search_entries")
    specialty = models.ForeignKey(Specialty, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    mode = models.CharField(max_length=10)
    country = models.CharField(max_length=2)
    city = models.CharField(max_length=120, help_text="normalised")
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    languages = models.CharField(max_length=200, help_text='" en fr "')
    fee_euro_cents = models.BigIntegerField(null=True)
    text = models.TextField()
    next_free_at = models.DateTimeField(null=True)
    free_days = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "location"], name="providers_searchentry_once")]
        indexes = [
            models.Index(fields=["specialty", "country", "next_free_at"], name="providers_search_specialty"),
            models.Index(fields=["country", "city"], name="providers_search_place"),
            models.Index(fields=["next_free_at"], name="providers_search_free"),
            models.Index(fields=["fee_euro_cents"], name="providers_search_fee"),
            models.Index(fields=["latitude", "longitude"], name="providers_search_position"),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} at {self.location_id}"


class CareArea(models.Model):
    """What the page about a specialty in a country says, counted by a sweep (`providers/care_areas.py`).

    A row stands only where there is enough to say. `fees` holds [currency, lowest, highest, offers] in minor units,
    `cities` [name, providers] and `languages` [ISO 639-1 code, providers], the most frequent first.
    """

    specialty = models.ForeignKey(Specialty, on_delete=models.CASCADE, related_name="care_areas")
    country = CountryField(_("country"))
    providers = models.PositiveIntegerField(_("providers"))
    remote_providers = models.PositiveIntegerField(_("providers who see patients from afar"))
    fees = models.JSONField(_("fees"), default=list)
    cities = models.JSONField(_("cities"), default=list)
    languages = models.JSONField(_("languages spoken"), default=list)
    changed_at = models.DateTimeField(_("last changed at"))

    class Meta:
        verbose_name = _("specialty in a country")
        verbose_name_plural = _("specialties in countries")
        ordering = ["-providers", "pk"]
        constraints = [models.UniqueConstraint(fields=["specialty", "country"], name="providers_carearea_once")]

    def __str__(self) -> str:
        return f"{self.specialty_id} in {self.country}"


class SavedSearch(PublicIdModel):
    """A search that a patient kept, as the query string of the search page (Rules 2, point 1)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_searches")
    name = models.CharField(_("name"), max_length=120)
    query = models.CharField(max_length=1000)

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

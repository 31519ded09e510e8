"""What search and the pages about care read, and what a patient kept of it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from medicaim.common.models import PublicIdModel
from providers.enums import HandedState

from .nomenclature import Specialty
from .offer import Location, Service
from .provider import Provider


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
        verbose_name = _("entry of the search")
        verbose_name_plural = _("entries of the search")
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


class HandedSearch(PublicIdModel):
    """A search that a patient handed to the careteam, and its answer (Rules 2, point 1).

    It holds the search as it was then: what the patient keeps, renames or deletes afterwards is another matter.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="handed_searches", verbose_name=_("patient")
    )
    name = models.CharField(_("name"), max_length=120)
    query = models.CharField(max_length=1000)
    state = models.CharField(_("state"), max_length=10, choices=HandedState, default=HandedState.OPEN)
    note = models.TextField(_("answer"), max_length=2000, blank=True)
    suggestion = models.ForeignKey(
        Provider,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("suggested provider"),
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("answered by"),
    )

    class Meta:
        verbose_name = _("search for the careteam")
        verbose_name_plural = _("searches for the careteam")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "query"], condition=models.Q(state=HandedState.OPEN), name="providers_handedsearch_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state=HandedState.OPEN, answered_at=None, answered_by=None)
                | models.Q(state=HandedState.ANSWERED, answered_at__isnull=False, answered_by__isnull=False),
                name="providers_handedsearch_answer_complete",
            ),
        ]

    def __str__(self) -> str:
        return self.name

"""Calendars kept elsewhere, and the times that they declare busy."""

from urllib.parse import urlsplit

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medicaim.common.crypto import digest, seal, unseal
from medicaim.common.models import PublicIdModel

from .offer import Practitioner


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
        verbose_name = _("busy time")
        verbose_name_plural = _("busy times")
        constraints = [
            models.UniqueConstraint(fields=["calendar", "uid", "recurrence"], name="providers_busytime_unique"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="providers_busytime_ordered"),
        ]
        indexes = [models.Index(fields=["calendar", "ends_at"], name="providers_busytime_window")]

    def __str__(self) -> str:
        return f"{self.starts_at} - {self.ends_at}"

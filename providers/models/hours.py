"""When a practitioner receives: every week, not at all, and once more."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from medicaim.common.models import PublicIdModel

from .offer import Location, Practitioner, Service


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

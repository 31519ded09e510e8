"""Base models, and the log of what people did."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .ids import PUBLIC_ID_LENGTH, new_public_id


class PublicIdModel(models.Model):
    """A row that a URL may name: by `public_id`, never by its primary key."""

    public_id = models.CharField(
        _("public id"), max_length=PUBLIC_ID_LENGTH, unique=True, default=new_public_id, editable=False
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        abstract = True


class AuditEntry(models.Model):
    """One thing that somebody did and that must stay knowable: who, what, to which object, when, from where.

    Rows are only ever added. `object_ref` is "<app>.<model>:<pk>"; texts hold no name and no illness.
    """

    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("actor"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,  # the log outlives the wish to delete its actor
        related_name="+",
    )
    action = models.CharField(_("action"), max_length=60)
    object_ref = models.CharField(_("object"), max_length=120, blank=True, db_index=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")

    def __str__(self) -> str:
        return f"{self.action} {self.object_ref}"

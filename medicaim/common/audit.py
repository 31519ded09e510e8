"""Write to the log of what people did."""

from django.db import models

from .models import AuditEntry


def object_ref(obj: models.Model) -> str:
    """How the log names an object: "<app>.<model>:<pk>"."""
    return f"{obj._meta.label_lower}:{obj.pk}"


def record(
    *, action: str, actor=None, obj: models.Model | None = None, reason: str = "", address: str | None = None
) -> AuditEntry:
    """Add one entry, in the transaction of the act itself. `action` reads "<noun>.<verb>", as "access.refused"."""
    return AuditEntry.objects.create(
        action=action,
        actor=actor if getattr(actor, "pk", None) else None,
        object_ref=object_ref(obj) if obj is not None else "",
        reason=reason[:500],
        address=address,
    )


def last_entry(*, action: str, obj: models.Model) -> AuditEntry | None:
    """The newest entry of that action about the object."""
    rows = AuditEntry.objects.filter(action=action, object_ref=object_ref(obj)).select_related("actor")
    return rows.order_by("-at", "-pk").first()

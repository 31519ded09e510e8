"""Who works there, where, and what can be requested: practitioners, locations, services. Rules 3, point 2."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from medicaim.common import audit
from providers.errors import WrongState
from providers.models import Location, Practitioner, Provider, Service

from ._base import lock_provider, mark_stale, require_same_provider

PRACTITIONER_FIELDS = ("name", "profession", "titles", "is_active")
LOCATION_FIELDS = (
    "name",
    "address",
    "city",
    "country",
    "latitude",
    "longitude",
    "time_zone",
    "access",
    "step_free",
    "is_active",
)
SERVICE_FIELDS = (
    "name_en",
    "name_fr",
    "specialty",
    "description",
    "mode",
    "duration",
    "buffer_before",
    "buffer_after",
    "slot_step",
    "minimum_notice",
    "horizon_days",
    "fee_minor",
    "currency",
    "instant_confirmation",
    "is_published",
)


def _only(values: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """The fields that this service may write: whatever else was posted is dropped."""
    return {name: values[name] for name in fields if name in values}


@transaction.atomic
def save_practitioner(
    *, provider: Provider, practitioner: Practitioner | None, values: Mapping[str, Any], actor
) -> Practitioner:
    """Add a practitioner (None) or change one. A single practitioner's page has exactly one.

    `values` holds fields of PRACTITIONER_FIELDS and `specialties`. Appointments already made stay, even when the
    practitioner takes no more of them.
    """
    locked = lock_provider(provider)
    require_same_provider(locked, practitioner)
    if practitioner is None and not locked.is_establishment and locked.practitioners.exists():
        raise WrongState
    fields = _only(values, PRACTITIONER_FIELDS)
    if practitioner is None:
        practitioner = Practitioner.objects.create(provider=locked, **fields)
    else:
        for name, value in fields.items():
            setattr(practitioner, name, value)
        practitioner.save(update_fields=list(fields))
    if "specialties" in values:
        practitioner.specialties.set(values["specialties"])
    audit.record(action="practitioner.saved", actor=actor, obj=practitioner)
    mark_stale(locked)
    return practitioner


@transaction.atomic
def save_location(*, provider: Provider, location: Location | None, values: Mapping[str, Any], actor) -> Location:
    """Add a place (None) or change one.

    A new time zone moves the hours written about the place, never an appointment that was already made: those are
    instants.
    """
    locked = lock_provider(provider)
    require_same_provider(locked, location)
    fields = _only(values, LOCATION_FIELDS)
    if location is None:
        location = Location.objects.create(provider=locked, **fields)
    else:
        for name, value in fields.items():
            setattr(location, name, value)
        location.save(update_fields=list(fields))
    audit.record(action="location.saved", actor=actor, obj=location)
    mark_stale(locked)
    return location


@transaction.atomic
def save_service(*, provider: Provider, service: Service | None, values: Mapping[str, Any], actor) -> Service:
    """Add a service (None) or change one; who does it and where must belong to the same provider.

    A new fee or duration counts for later requests: an appointment keeps those of the time it was requested.
    """
    locked = lock_provider(provider)
    require_same_provider(locked, service, *values["practitioners"], *values["locations"])
    fields = _only(values, SERVICE_FIELDS)
    if service is None:
        service = Service.objects.create(provider=locked, **fields)
    else:
        for name, value in fields.items():
            setattr(service, name, value)
        service.save(update_fields=list(fields))
    service.practitioners.set(values["practitioners"])
    service.locations.set(values["locations"])
    audit.record(action="service.saved", actor=actor, obj=service)
    mark_stale(locked)
    return service

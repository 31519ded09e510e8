"""Who offers care, what, where, when and for how much."""

from .calendars import BusyTime, ExternalCalendar
from .hours import Closure, ExtraOpening, WeeklyHours
from .nomenclature import Profession, Specialty
from .offer import Location, Practitioner, Service
from .provider import Membership, Provider, ProviderQuerySet, ProviderText, Registration
from .search import CareArea, CurrencyRate, HandedSearch, SavedSearch, SearchEntry

__all__ = [
    "BusyTime",
    "CareArea",
    "Closure",
    "CurrencyRate",
    "ExternalCalendar",
    "ExtraOpening",
    "HandedSearch",
    "Location",
    "Membership",
    "Practitioner",
    "Profession",
    "Provider",
    "ProviderQuerySet",
    "ProviderText",
    "Registration",
    "SavedSearch",
    "SearchEntry",
    "Service",
    "Specialty",
    "WeeklyHours",
]

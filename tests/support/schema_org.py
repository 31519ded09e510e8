"""What schema.org says of the types and properties that our pages use, in our own words, and a reader of JSON-LD.

Each type has its parent and its own properties; each property says what it may hold: names of types, or "text",
"number", "url", "time", "id" (a reference to another thing of the page). Required is what search engines ask for
before they show anything.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from tests.support.html import parse

TYPES: dict[str, tuple[tuple[str, ...], dict[str, tuple[str, ...]]]] = {
    "Thing": (
        (),
        {
            "name": ("text",), "url": ("url",), "description": ("text",), "image": ("url",),
            "identifier": ("PropertyValue", "text"), "potentialAction": ("SearchAction",),
        },
    ),
    "CreativeWork": (("Thing",), {"inLanguage": ("text",), "publisher": ("Organization", "id")}),
    "WebSite": (("CreativeWork",), {}),
    "Action": (("Thing",), {"target": ("EntryPoint",)}),
    "SearchAction": (("Action",), {"query-input": ("text",)}),
    "EntryPoint": (("Thing",), {"urlTemplate": ("text",)}),
    "Intangible": (("Thing",), {}),
    "StructuredValue": (("Intangible",), {}),
    "PropertyValue": (("StructuredValue",), {"propertyID": ("text",), "value": ("text",)}),
    "PostalAddress": (
        ("StructuredValue",),
        {"streetAddress": ("text",), "addressLocality": ("text",), "addressCountry": ("text", "Country")},
    ),
    "GeoCoordinates": (("StructuredValue",), {"latitude": ("number",), "longitude": ("number",)}),
    "OpeningHoursSpecification": (
        ("StructuredValue",),
        {"dayOfWeek": ("DayOfWeek",), "opens": ("time",), "closes": ("time",)},
    ),
    "ItemList": (("Intangible",), {"itemListElement": ("ListItem",), "numberOfItems": ("number",)}),
    "BreadcrumbList": (("ItemList",), {}),
    "ListItem": (("Intangible",), {"position": ("number",), "item": ("url",)}),
    "Offer": (
        ("Intangible",),
        {
            "price": ("price",), "priceCurrency": ("currency",), "itemOffered": ("Service",),
            "availableAtOrFrom": ("Place",),
        },
    ),
    "AggregateOffer": (("Offer",), {"lowPrice": ("price",), "highPrice": ("price",), "offerCount": ("number",)}),
    "Service": (
        ("Intangible",),
        {
            "provider": ("Organization", "Person", "id"), "serviceType": ("text",), "areaServed": ("Place",),
            "offers": ("Offer",),
        },
    ),
    "Person": (("Thing",), {"jobTitle": ("text",)}),
    "Place": (
        ("Thing",),
        {
            "address": ("PostalAddress",), "geo": ("GeoCoordinates",),
            "openingHoursSpecification": ("OpeningHoursSpecification",),
        },
    ),
    "Country": (("Place",), {}),
    "Organization": (
        ("Thing",),
        {
            "address": ("PostalAddress",), "email": ("text",), "knowsLanguage": ("text",), "makesOffer": ("Offer",),
            "employee": ("Person",),
        },
    ),
    "LocalBusiness": (("Organization", "Place"), {}),
    "MedicalOrganization": (("Organization",), {"medicalSpecialty": ("MedicalSpecialty",)}),
    "MedicalBusiness": (("LocalBusiness",), {}),
    "MedicalClinic": (("MedicalBusiness", "MedicalOrganization"), {}),
    "Physician": (("MedicalBusiness", "MedicalOrganization"), {}),
    "Hospital": (("MedicalOrganization", "LocalBusiness"), {}),
}  # fmt: skip
MEMBERS = {
    "DayOfWeek": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "PublicHolidays"],
    "MedicalSpecialty": [
        "Anesthesia", "Cardiovascular", "CommunityHealth", "Dentistry", "Dermatologic", "Dermatology",
        "DietNutrition", "Emergency", "Endocrine", "Gastroenterologic", "Genetic", "Geriatric", "Gynecologic",
        "Hematologic", "Infectious", "LaboratoryScience", "Midwifery", "Musculoskeletal", "Neurologic", "Nursing",
        "Obstetric", "Oncologic", "Optometric", "Otolaryngologic", "Pathology", "Pediatric", "PharmacySpecialty",
        "Physiotherapy", "PlasticSurgery", "Podiatric", "PrimaryCare", "Psychiatric", "PublicHealth", "Pulmonary",
        "Radiography", "Renal", "RespiratoryTherapy", "Rheumatologic", "SpeechPathology", "Surgical", "Toxicologic",
        "Urologic",
    ],
}  # fmt: skip
REQUIRED = {
    "WebSite": {"name", "url", "potentialAction"},
    "SearchAction": {"target", "query-input"},
    "EntryPoint": {"urlTemplate"},
    "Organization": {"name", "url"},
    "Physician": {"name", "url", "address"},
    "MedicalClinic": {"name", "url", "address"},
    "Hospital": {"name", "url", "address"},
    "PostalAddress": {"addressLocality", "addressCountry"},
    "GeoCoordinates": {"latitude", "longitude"},
    "OpeningHoursSpecification": {"dayOfWeek", "opens", "closes"},
    "Offer": {"price", "priceCurrency", "itemOffered"},
    "AggregateOffer": {"lowPrice", "highPrice", "priceCurrency"},
    "ItemList": {"itemListElement"},
    "BreadcrumbList": {"itemListElement"},
    "ListItem": {"position", "name"},
    "Person": {"name"},
    "Service": {"name"},
}


def data_of(markup: str) -> list[dict[str, Any]]:
    """Everything that a page says for machines, each thing for itself."""
    found = []
    for element in parse(markup).iter("script"):
        if element.get("type") == "application/ld+json":
            data = json.loads(element.text or "")
            assert data["@context"] == "https://schema.org"
            found += data.get("@graph", [data])
    return found


def kinds_of(kind: str) -> Iterator[str]:
    """The type and all that it is a kind of."""
    yield kind
    for parent in TYPES[kind][0]:
        yield from kinds_of(parent)


def faults(thing: dict[str, Any], ids: set[str], where: str = "") -> Iterator[str]:
    """What the vocabulary does not allow in this thing, and what is missing."""
    kind = thing.get("@type", "")
    where = f"{where}/{kind}"
    if kind not in TYPES:
        yield f"{where}: no such type"
        return
    known = {name: kinds for of in kinds_of(kind) for name, kinds in TYPES[of][1].items()}
    yield from (f"{where}: {name} is missing" for name in sorted(REQUIRED.get(kind, set()) - set(thing)))
    for name, value in thing.items():
        if name in ("@type", "@id", "@context"):
            continue
        if name not in known:
            yield f"{where}: has no property {name}"
            continue
        values = value if isinstance(value, list) else [value]
        if not values:
            yield f"{where}/{name}: is empty"
        for each in values:
            yield from _value_faults(each, known[name], ids, f"{where}/{name}")


def _value_faults(value: Any, allowed: tuple[str, ...], ids: set[str], where: str) -> Iterator[str]:
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            if "id" not in allowed or value["@id"] not in ids:
                yield f"{where}: refers to {value['@id']}, which is not on the page"
        elif not set(kinds_of(value.get("@type", ""))) & set(allowed):
            yield f"{where}: a {value.get('@type')} is none of {allowed}"
        else:
            yield from faults(value, ids, where)
    elif not any(_is_plain(value, kind) for kind in allowed):
        yield f"{where}: {value!r} is none of {allowed}"


def _is_plain(value: Any, kind: str) -> bool:
    match kind:
        case "text":
            return isinstance(value, str) and bool(value.strip())
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "url":
            return isinstance(value, str) and bool(urlsplit(value).scheme and urlsplit(value).netloc)
        case "time":
            return bool(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", str(value)))
        case "currency":
            return bool(re.fullmatch(r"[A-Z]{3}", str(value)))
        case "price":
            return _is_price(value)
        case "DayOfWeek" | "MedicalSpecialty":
            return str(value).removeprefix("https://schema.org/") in MEMBERS[kind]
        case _:
            return False


def _is_price(value: Any) -> bool:
    """Figures with a point, without a sign of money or of thousands."""
    try:
        return Decimal(str(value)) >= 0 and "," not in str(value)
    except InvalidOperation:
        return False


def ids_in(thing: Any) -> Iterator[str]:
    """The names of all things on the page to which others may refer."""
    if isinstance(thing, dict):
        if "@id" in thing and "@type" in thing:
            yield thing["@id"]
        for value in thing.values():
            yield from ids_in(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from ids_in(value)


def assert_valid(things: list[dict[str, Any]]) -> None:
    """Every thing is one that schema.org knows, complete, and refers only to what is there."""
    assert things
    ids = set(ids_in(things))
    found = [fault for thing in things for fault in faults(thing, ids)]
    assert found == []

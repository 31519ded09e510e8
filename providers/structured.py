"""A provider's page for machines: who, where, when and for how much, as the page says it."""

from typing import Any

from django.urls import reverse

from medicaim.common.structured import Node, absolute, node

from .enums import ProviderKind
from .links import page_url
from .models import Location
from .names import language_name
from .profile import Offer, Place, Profile

KINDS = {
    ProviderKind.PRACTITIONER: "Physician",
    ProviderKind.PUBLIC: "Hospital",
    ProviderKind.ESPIC: "Hospital",
    ProviderKind.PRIVATE_FOR_PROFIT: "MedicalClinic",
    ProviderKind.PRIVATE_NON_PROFIT: "MedicalClinic",
}
#: Recognised specialties whose field schema.org has a name for. What has none there is said in words only.
FIELDS = {
    "SCD01": "Dentistry", "SCD02": "Dentistry", "SCD03": "Dentistry",
    "SM01": "Pathology", "SM02": "Anesthesia", "SM04": "Cardiovascular", "SM05": "Surgical", "SM10": "PlasticSurgery",
    "SM12": "Urologic", "SM14": "Surgical", "SM15": "Dermatology", "SM17": "Genetic", "SM18": "Geriatric",
    "SM19": "Gynecologic", "SM20": "Obstetric", "SM21": "Hematologic", "SM24": "Gastroenterologic",
    "SM30": "Renal", "SM31": "Surgical", "SM32": "Neurologic", "SM34": "Otolaryngologic", "SM36": "Oncologic",
    "SM38": "Optometric", "SM40": "Pediatric", "SM41": "Pulmonary", "SM42": "Psychiatric", "SM48": "Rheumatologic",
    "SM54": "PrimaryCare", "SM58": "Infectious", "SM59": "Emergency", "SM62": "Endocrine", "SM74": "Radiography",
}  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def provider_data(profile: Profile, *, photo: str = "") -> Node:
    """The provider. `photo` is the path of a picture that anybody may see."""
    provider = profile.provider
    url = absolute(page_url(provider))
    main = profile.places[0] if profile.places else None
    return node(
        KINDS[ProviderKind(provider.kind)],
        **{"@id": f"{url}#provider"},
        name=provider.name,
        url=url,
        image=absolute(photo) if photo else None,
        description=profile.presentation,
        medicalSpecialty=_fields(profile),
        knowsLanguage=sorted(language_name(code) for code in provider.languages),
        address=_address(main.location) if main else None,
        geo=_position(main.location) if main else None,
        openingHoursSpecification=_hours(main) if main else None,
        identifier=[_number(row) for row in profile.registrations],
        makesOffer=[_offer(offer, url) for offer in profile.offers if offer.is_open],
        employee=_people(profile) if provider.is_establishment else None,
    )


def _fields(profile: Profile) -> list[str]:
    codes = {row.pk for person in profile.practitioners for row in person.specialties.all()}
    codes |= {offer.service.specialty_id for offer in profile.offers if offer.service.specialty_id}
    return sorted({f"https://schema.org/{FIELDS[code]}" for code in codes if code in FIELDS})


def _address(place: Location) -> Node:
    return node(
        "PostalAddress", streetAddress=place.address, addressLocality=place.city, addressCountry=str(place.country)
    )


def _position(place: Location) -> Node | None:
    if place.latitude is None or place.longitude is None:
        return None
    return node("GeoCoordinates", latitude=place.latitude, longitude=place.longitude)


def _hours(place: Place) -> list[Node]:
    return [
        node(
            "OpeningHoursSpecification",
            dayOfWeek=f"https://schema.org/{WEEKDAYS[day.weekday - 1]}",
            opens=f"{starts:%H:%M}",
            closes=f"{ends:%H:%M}",
        )
        for day in place.hours
        for starts, ends in day.blocks
    ]


def _number(registration: Any) -> Node:
    return node("PropertyValue", propertyID=registration.register, value=registration.number)


def _offer(offer: Offer, page: str) -> Node:
    service = offer.service
    return node(
        "Offer",
        url=absolute(reverse("bookings:slots", args=[service.public_id])),
        price=str(service.fee.amount),
        priceCurrency=service.currency,
        itemOffered=node("Service", name=service.name, provider={"@id": f"{page}#provider"}),
        availableAtOrFrom=[
            node("Place", name=place.name, address=_address(place), geo=_position(place)) for place in offer.places
        ],
    )


def _people(profile: Profile) -> list[Node]:
    return [node("Person", name=person.name, jobTitle=person.profession.label) for person in profile.practitioners]

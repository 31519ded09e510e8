"""Rows for tests. A factory gives the least that is valid; each test names what it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

import factory
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.enums import Gender
from accounts.models import Consent, PatientProfile, TermsVersion
from providers.enums import MemberRole, ProviderKind, ProviderState
from providers.models import Location, Membership, Practitioner, Provider, Service, WeeklyHours

PASSWORD = "correct horse battery staple"  # the password of every user made here


# --- accounts -------------------------------------------------------------------------------------


class UserFactory(DjangoModelFactory):
    """Somebody who can sign in with PASSWORD and whose e-mail address is verified."""

    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    email = factory.LazyAttribute(lambda o: f"{o.username}@example.org")
    first_name = "Alex"
    last_name = factory.Sequence(lambda n: f"Exemple{n}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.objects.create_user(*args, **{"password": PASSWORD, **kwargs})

    @factory.post_generation
    def verified(self, create, extracted, **kwargs):
        if create and extracted is not False:
            EmailAddress.objects.create(user=self, email=self.email, primary=True, verified=True)

    @factory.post_generation
    def agreed(self, create, extracted, **kwargs):
        """Agreed to the terms in force, unless `agreed=False`: reserved pages ask for it first."""
        if create and extracted is not False:
            versions = TermsVersion.objects.in_force(timezone.now())
            Consent.objects.bulk_create(Consent(user=self, version=version, language="en") for version in versions)


class PatientProfileFactory(DjangoModelFactory):
    class Meta:
        model = PatientProfile

    user = factory.SubFactory(UserFactory)
    date_of_birth = date(1980, 5, 17)
    gender = Gender.FEMALE
    phone = "+33639980001"


class PatientFactory(UserFactory):
    """A user with the profile of a patient."""

    @factory.post_generation
    def profile(self, create, extracted, **kwargs):
        if create:
            PatientProfileFactory(user=self, **kwargs)


class CareteamFactory(UserFactory):
    is_staff = True


# --- providers ------------------------------------------------------------------------------------


class ProviderFactory(DjangoModelFactory):
    """An active, published practitioner in France, whose contract and undertaking are on record."""

    class Meta:
        model = Provider
        skip_postgeneration_save = True

    kind = ProviderKind.PRACTITIONER
    name = factory.Sequence(lambda n: f"Dr Camille Exemple {n}")
    country = "FR"
    state = ProviderState.ACTIVE
    published_at = factory.LazyFunction(timezone.now)
    contract_accepted_at = factory.LazyFunction(timezone.now)
    ethics_accepted_at = factory.LazyFunction(timezone.now)
    languages = factory.LazyFunction(lambda: ["fr", "en"])


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    provider = factory.SubFactory(ProviderFactory)
    user = factory.SubFactory(UserFactory)
    role = MemberRole.OWNER


class PractitionerFactory(DjangoModelFactory):
    """A doctor (profession 10) of that provider."""

    class Meta:
        model = Practitioner
        skip_postgeneration_save = True

    provider = factory.SubFactory(ProviderFactory)
    name = factory.LazyAttribute(lambda o: o.provider.name)
    profession_id = "10"

    @factory.post_generation
    def specialties(self, create, extracted, **kwargs):
        if create and extracted:
            self.specialties.set(extracted)


class LocationFactory(DjangoModelFactory):
    class Meta:
        model = Location

    provider = factory.SubFactory(ProviderFactory)
    name = "Cabinet"
    address = "1 rue de l'Exemple"
    city = "Paris"
    country = "FR"
    latitude = 48.8566
    longitude = 2.3522
    time_zone = "Europe/Paris"


class ServiceFactory(DjangoModelFactory):
    """A first visit of 30 minutes for 50 euros, without a deposit, open at once and for 90 days."""

    class Meta:
        model = Service
        skip_postgeneration_save = True

    provider = factory.SubFactory(ProviderFactory)
    name_en = "First visit"
    name_fr = "Première consultation"
    duration = 30
    slot_step = 30
    minimum_notice = 0
    horizon_days = 90
    fee_minor = 5000
    currency = "EUR"

    @factory.post_generation
    def practitioners(self, create, extracted, **kwargs):
        if create and extracted:
            self.practitioners.set(extracted)

    @factory.post_generation
    def locations(self, create, extracted, **kwargs):
        if create and extracted:
            self.locations.set(extracted)


class WeeklyHoursFactory(DjangoModelFactory):
    """Monday, 09:00 to 17:00, at a location of the same provider, for every service."""

    class Meta:
        model = WeeklyHours

    practitioner = factory.SubFactory(PractitionerFactory)
    location = factory.LazyAttribute(lambda o: LocationFactory(provider=o.practitioner.provider))
    weekday = 1
    starts = time(9)
    ends = time(17)


@dataclass(frozen=True)
class OpenProvider:
    """What `make_open_provider` made."""

    provider: Provider
    practitioner: Practitioner
    location: Location
    service: Service
    owner: object


def make_open_provider(
    *,
    time_zone: str = "Europe/Paris",
    weekdays: Sequence[int] = (1, 2, 3, 4, 5),
    starts: time = time(9),
    ends: time = time(17),
    owner=None,
    practitioner: dict | None = None,
    location: dict | None = None,
    service: dict | None = None,
    **provider,
) -> OpenProvider:
    """An active, published practitioner whom one can ask for a time now.

    One location, one published service of 30 minutes without a deposit or notice, hours Monday to Friday 09:00
    to 17:00 there, and an owner. `practitioner`, `location` and `service` are fields for those rows; other
    keywords are fields of the provider.
    """
    page = ProviderFactory(**provider)
    person = PractitionerFactory(provider=page, **(practitioner or {}))
    place = LocationFactory(provider=page, **{"time_zone": time_zone, **(location or {})})
    act = ServiceFactory(provider=page, practitioners=[person], locations=[place], **(service or {}))
    for weekday in weekdays:
        WeeklyHoursFactory(practitioner=person, location=place, weekday=weekday, starts=starts, ends=ends)
    membership = MembershipFactory(provider=page, **({"user": owner} if owner else {}))
    return OpenProvider(page, person, place, act, membership.user)

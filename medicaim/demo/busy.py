"""One clinic with very many appointments: what `bin/manage bench slots` and `bench booking` measure.

Written in bulk and marked as demonstration data by its register number. Nobody can sign in to its accounts.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import chain, cycle, islice
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.enums import Gender
from accounts.models import Consent, PatientProfile, TermsVersion, User
from bookings.enums import AppointmentState as State
from bookings.enums import MediationFee, Side
from bookings.models import OUTCOMES, Appointment, AppointmentTransition, SlotHold
from providers.enums import MemberRole, ProviderKind, ProviderState
from providers.models import Location, Membership, Practitioner, Provider, Registration, Service, WeeklyHours

REGISTER, NUMBER = "Demo register FR", "DEMO-BUSY"
OWNER, REGULAR, NEWCOMER = "busy-owner", "busy-patient", "busy-newcomer"
PATIENTS = 200
PEOPLE = 5
ZONE = ZoneInfo("Europe/Paris")
OPENS, CLOSES = time(8), time(18)
VISIT = timedelta(minutes=20)
HORIZON_DAYS = 90
#: So many days from now on every time of every practitioner is taken.
FULL_DAYS = 28
#: What became of the visits that lie behind, in turn: the event that ended them, and the state.
BEHIND = (*[("came", State.COMPLETED)] * 4, ("cancelled", State.CANCELLED), ("did_not_come", State.NO_SHOW))

_Visit = tuple[Practitioner, datetime]


def busy_provider() -> Provider | None:
    """The clinic made here, if it was made."""
    return Provider.objects.filter(registrations__register=REGISTER, registrations__number=NUMBER).first()


@transaction.atomic
def create_busy_provider(*, appointments: int, now: datetime) -> Provider:
    """The clinic, its owner, its patients, and that many appointments.

    The first practitioner has no free time up to the horizon, the others have none for four weeks. The first
    patient has one visit in twenty, the last one none. One visit ahead in twelve still waits for an answer.
    """
    service = _create_clinic(now)
    owner, *patients = _create_people(now)
    Membership.objects.create(provider=service.provider, user=owner, role=MemberRole.OWNER)
    people = list(service.practitioners.order_by("pk"))
    visits = islice(_visits(people, now.astimezone(ZONE).date()), appointments)
    _create_appointments(service, patients, visits, now)
    return service.provider


def _create_clinic(now: datetime) -> Service:
    provider = Provider.objects.create(
        kind=ProviderKind.PRIVATE_FOR_PROFIT,
        name="Demo clinic with a full diary",
        country="FR",
        state=ProviderState.ACTIVE,
        published_at=now,
        languages=["fr", "en"],
        contract_accepted_at=now,
        ethics_accepted_at=now,
    )
    Registration.objects.create(provider=provider, register=REGISTER, country="FR", number=NUMBER)
    location = Location.objects.create(
        provider=provider, name=provider.name, address="1 rue de l'Exemple", city="Paris", country="FR",
        latitude=48.8566, longitude=2.3522, time_zone=ZONE.key,
    )  # fmt: skip
    people = Practitioner.objects.bulk_create(
        Practitioner(provider=provider, name=f"Dr Demo {number + 1}", profession_id="10") for number in range(PEOPLE)
    )
    service = Service.objects.create(
        provider=provider, specialty_id="SM04", name_en="Heart check", name_fr="Bilan cardiaque", duration=20,
        slot_step=20, minimum_notice=120, horizon_days=HORIZON_DAYS, fee_minor=6000, currency="EUR",
    )  # fmt: skip
    service.practitioners.set(people)
    service.locations.set([location])
    WeeklyHours.objects.bulk_create(
        WeeklyHours(practitioner=person, location=location, weekday=weekday, starts=OPENS, ends=CLOSES)
        for person in people
        for weekday in range(1, 7)
    )
    return service


def _create_people(now: datetime) -> list[User]:
    """The owner, then the patients."""
    others = [f"busy-patient{number}" for number in range(2, PATIENTS)]
    names = [OWNER, REGULAR, *others, NEWCOMER]
    users = User.objects.bulk_create(
        User(
            username=name, email=f"{name}@demo.example.org", first_name="Demo", last_name=name.title(),
            time_zone=ZONE.key, password=make_password(None),
        )
        for name in names
    )  # fmt: skip
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
    )
    PatientProfile.objects.bulk_create(
        PatientProfile(
            user=user, date_of_birth=date(1950 + number % 50, 1, 1), gender=Gender.FEMALE, phone=f"+3319900{number:04d}"
        )
        for number, user in enumerate(users[1:])
    )
    versions = list(TermsVersion.objects.in_force(now))
    Consent.objects.bulk_create(
        Consent(user=user, version=version, accepted_at=now, language="en") for user in users for version in versions
    )
    return users


def _visits(people: list[Practitioner], today: date) -> Iterator[_Visit]:
    """Who is taken when: what makes the diary full first, then back into the past without an end."""
    busiest, others = people[:1], people[1:]
    ahead = [today + timedelta(days=days) for days in range(HORIZON_DAYS + 2)]
    behind = (today - timedelta(days=days) for days in range(1, 100_000))
    return chain(
        _day_by_day(busiest, ahead), _day_by_day(others, ahead[:FULL_DAYS]), _day_by_day(people, behind)
    )  # fmt: skip


def _day_by_day(people: list[Practitioner], days) -> Iterator[_Visit]:
    for day in days:
        if day.isoweekday() <= 6:
            start, end = (datetime.combine(day, clock, tzinfo=ZONE) for clock in (OPENS, CLOSES))
            for number in range((end - start) // VISIT):
                for person in people:
                    yield person, start + number * VISIT


def _create_appointments(service: Service, patients: list[User], visits: Iterator[_Visit], now: datetime) -> None:
    regular, turn = patients[0], cycle(patients[1:-1])
    location = service.locations.get()
    rows, events = [], []
    for number, (practitioner, starts_at) in enumerate(visits):
        event, state, expires_at = _outcome(number, starts_at, now)
        ends_at = starts_at + VISIT
        has_outcome = state in OUTCOMES
        patient = next(turn) if number % 20 else regular
        events.append(event)
        rows.append(
            Appointment(
                patient=patient, requested_by=patient, provider=service.provider, practitioner=practitioner,
                service=service, location=location, starts_at=starts_at, ends_at=ends_at, state=state,
                expires_at=expires_at, fee_minor=service.fee_minor, currency=service.currency,
                created_at=min(starts_at - timedelta(days=10), now - timedelta(hours=1, seconds=number % 3600)),
                sequence=1 if state != State.REQUESTED else 0,
                outcome_at=ends_at if has_outcome else None,
                outcome_asked_at=ends_at if has_outcome else None,
                mediation_fee=MediationFee.WAIVED if has_outcome else MediationFee.OPEN,
            )
        )  # fmt: skip
    rows = Appointment.objects.bulk_create(rows, batch_size=1000)
    SlotHold.objects.bulk_create(
        (
            SlotHold(
                appointment=row, practitioner_id=row.practitioner_id, starts_at=row.starts_at, ends_at=row.ends_at,
                expires_at=row.expires_at, released_at=row.created_at if row.state == State.CANCELLED else None,
            )
            for row in rows
        ),
        batch_size=1000,
    )  # fmt: skip
    AppointmentTransition.objects.bulk_create(
        (step for row, event in zip(rows, events, strict=True) for step in _steps(row, event)), batch_size=1000
    )


def _outcome(number: int, starts_at: datetime, now: datetime) -> tuple[str, State, datetime | None]:
    """(last event, state, when the state ends by itself) of the visit with this number."""
    if starts_at.astimezone(ZONE).date() < now.astimezone(ZONE).date():
        event, state = BEHIND[number % len(BEHIND)]
        return event, state, None
    expires_at = now + timedelta(hours=48)
    if number % 12 == 0 and starts_at > expires_at:
        return "requested", State.REQUESTED, expires_at
    return "accepted", State.CONFIRMED, None


def _steps(row: Appointment, event: str) -> Iterator[AppointmentTransition]:
    """The history of one appointment, as the services would have left it."""
    asked = {"side": Side.PATIENT, "actor_id": row.patient_id}
    steps = [("requested", "", State.REQUESTED, asked)]
    if event != "requested":
        steps.append(("accepted", State.REQUESTED, State.CONFIRMED, {"side": Side.PROVIDER}))
    if event not in ("requested", "accepted"):
        steps.append((event, State.CONFIRMED, State(row.state), {"side": Side.PROVIDER}))
    for name, before, after, who in steps:
        yield AppointmentTransition(
            appointment=row, at=row.created_at, event=name, from_state=before, to_state=after,
            starts_at=row.starts_at, **who,
        )  # fmt: skip

"""What runs inside the product's own processes during a race: `python -m tests.concurrency.actors`.

It reads one job a line, as JSON: {"what", "arguments", "answer"} and, in a race, {"ready", "go"}, which are files.
Each job is a process of its own, forked before any connection is open: it says that it is ready, waits for "go",
acts, and writes {"value"} or {"error"} to its answer. Starting Python once, and not for each actor, keeps the
races many and the suite quick.
"""

import importlib
import json
import os
import secrets
import signal
import sys
import time
import traceback
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn

import django


def setup() -> None:
    django.setup()


# --- Setting the scene ------------------------------------------------------------------------------


def crowd(count: int) -> list[dict]:
    """So many patients who may ask, each with a session as after signing in: [{"pk", "email", "session"}]."""
    from allauth.account.models import EmailAddress
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.utils import timezone

    from accounts.models import Consent, PatientProfile, TermsVersion

    User = get_user_model()  # noqa: N806 - a class
    mark = secrets.token_hex(4)
    users = User.objects.bulk_create(
        User(username=f"p{mark}-{n}", email=f"p{mark}-{n}@example.org", first_name="Alex", last_name=f"Exemple{n}")
        for n in range(count)
    )
    PatientProfile.objects.bulk_create(
        PatientProfile(user=user, date_of_birth="1980-05-17", gender="other", phone="+33639980001") for user in users
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, primary=True, verified=True) for user in users
    )
    versions = list(TermsVersion.objects.in_force(timezone.now()))
    Consent.objects.bulk_create(
        Consent(user=user, version=version, language="en") for user in users for version in versions
    )
    people = []
    for user in users:
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        session = client.session
        session["activity_noted"] = int(time.time())
        session.save()
        people.append({"pk": user.pk, "email": user.email, "session": session.session_key})
    return people


def stage(practitioners: int = 1, durations: list[int] | None = None) -> dict:
    """A provider open every day from 08:00 to 20:00 UTC, with so many practitioners and a service per duration."""
    from datetime import time as clock

    from django.utils import timezone

    from bookings.slots import Slot
    from tests.support.factories import (
        PractitionerFactory,
        ServiceFactory,
        UserFactory,
        WeeklyHoursFactory,
        make_open_provider,
    )

    week = range(1, 8)
    owner = UserFactory(username=f"owner-{secrets.token_hex(4)}")
    made = make_open_provider(owner=owner, time_zone="UTC", weekdays=week, starts=clock(8), ends=clock(20))
    people = [made.practitioner]
    for _ in range(practitioners - 1):
        person = PractitionerFactory(provider=made.provider)
        made.service.practitioners.add(person)
        people.append(person)
        for weekday in week:
            WeeklyHoursFactory(
                practitioner=person, location=made.location, weekday=weekday, starts=clock(8), ends=clock(20)
            )
    services = [made.service]
    services += [
        ServiceFactory(provider=made.provider, practitioners=people, locations=[made.location], duration=duration)
        for duration in durations or []
    ]
    first = (timezone.now() + timedelta(days=3)).replace(hour=8, minute=0, second=0, microsecond=0)
    who = made.practitioner.pk if practitioners == 1 else None
    tokens = {
        f"{number}:{day}:{half}": Slot(
            first + timedelta(days=day, minutes=30 * half), service.pk, made.location.pk, who
        ).token
        for number, service in enumerate(services)
        for day in range(20)
        for half in range(22)
    }
    return {
        "provider": made.provider.pk,
        "owner": made.owner.pk,
        "owner_email": made.owner.email,
        "practitioners": [person.pk for person in people],
        "tokens": tokens,
    }


def ask(token: str, patient: int) -> int:
    """A request that nobody contests, made by the service itself; its appointment."""
    from django.contrib.auth import get_user_model

    from bookings import services
    from bookings.slots import read_slot_token

    user = get_user_model().objects.get(pk=patient)
    return services.request_appointment(slot=read_slot_token(token), patient=user, actor=user).pk


def forget_origins() -> int:
    """All requests of a test come from one address: the daily limit of an address is another test's subject."""
    from bookings.models import Appointment

    return Appointment.objects.update(origin="")


def facts(provider: int) -> dict:
    """What stands in the database about a provider."""
    from bookings.models import Appointment, SlotHold
    from medicaim.notifications.models import Message

    appointments = list(
        Appointment.objects.filter(provider_id=provider)
        .order_by("pk")
        .values("pk", "patient_id", "practitioner_id", "state", "starts_at", "ends_at")
    )
    holds = list(
        SlotHold.objects.filter(appointment__provider_id=provider, released_at=None)
        .order_by("practitioner_id", "starts_at", "pk")
        .values("appointment_id", "practitioner_id", "starts_at", "ends_at")
    )
    overlaps = sum(
        one["practitioner_id"] == other["practitioner_id"]
        and one["starts_at"] < other["ends_at"]
        and other["starts_at"] < one["ends_at"]
        for number, one in enumerate(holds)
        for other in holds[number + 1 :]
    )
    messages = Message.objects.filter(object_id__in=[row["pk"] for row in appointments], event__startswith="bookings.")
    return {
        "appointments": [
            {**row, "starts_at": str(row["starts_at"]), "ends_at": str(row["ends_at"])} for row in appointments
        ],
        "holds": len(holds),
        "overlaps": overlaps,
        "messages": [list(row) for row in messages.order_by("pk").values_list("object_id", "event", "recipient_id")],
        "steps": [
            list(row)
            for row in Appointment.objects.filter(provider_id=provider)
            .order_by("pk", "transitions__pk")
            .values_list("pk", "transitions__event")
        ],
    }


def drop_the_guard() -> None:
    """Only ever in a throw-away database of a control test."""
    import importlib

    from django.apps import apps
    from django.db import connection

    migration = importlib.import_module("bookings.migrations.0002_no_overlapping_holds")
    with connection.schema_editor() as editor:
        migration.backwards(apps, editor)


def set_deadlines(appointments: list[int], first: float, gap: float) -> None:
    """Let the time to answer run out one after the other."""
    from datetime import UTC

    from bookings.models import Appointment, SlotHold

    for number, pk in enumerate(appointments):
        at = datetime.fromtimestamp(first + gap * number, UTC)
        Appointment.objects.filter(pk=pk).update(expires_at=at)
        SlotHold.objects.filter(appointment_id=pk).update(expires_at=at)


def fill_deposit(deposit: str, minor: int) -> int:
    """Money in trust for a deposit: the key of its account."""
    from payments.models import LedgerAccount
    from tests.payments.support import capture

    capture(deposit, minor)
    return LedgerAccount.objects.get(holder=deposit).pk


def ledger_facts(deposit: str) -> dict:
    """What the ledger says of a deposit, and whether it is whole."""
    from django.db.models import Sum

    from payments.models import LedgerAccount, LedgerEntry
    from payments.verification import verify_ledger

    accounts = LedgerAccount.objects.filter(holder=deposit)
    return {
        "balances": {row.kind: row.balance_minor for row in accounts},
        "numbers": list(LedgerEntry.objects.order_by("number").values_list("number", flat=True)),
        "accounts": accounts.count(),
        "verified": verify_ledger().entries,
        "posted": -(accounts.get(kind="trust_patient").postings.aggregate(sum=Sum("amount_minor"))["sum"] or 0),
    }


def trust_left(account: int) -> int:
    """What the postings leave in trust, whatever the mirror says."""
    from django.db.models import Sum

    from payments.models import LedgerPosting

    return -(LedgerPosting.objects.filter(account_id=account).aggregate(sum=Sum("amount_minor"))["sum"] or 0)


def drop_the_guards_of_the_ledger() -> None:
    """Only ever in a throw-away database of a control test."""
    from tests.support import ledger_guards

    ledger_guards.drop()


# --- Racing -----------------------------------------------------------------------------------------


def request_each(tokens: list[str], patient: int) -> list[str]:
    """Ask for one slot after the other; "won" or the name of what stood in the way."""
    from django.contrib.auth import get_user_model

    from bookings import services
    from bookings.slots import read_slot_token

    user = get_user_model().objects.get(pk=patient)
    return [
        _outcome(services.request_appointment, slot=read_slot_token(token), patient=user, actor=user)
        for token in tokens
    ]


def propose_each(appointment: int, tokens: list[str], actor: int) -> list[str]:
    """Propose one other time after the other for one appointment; each takes the place of the one before."""
    from django.contrib.auth import get_user_model

    from bookings import services
    from bookings.models import Appointment
    from bookings.slots import read_slot_token

    user = get_user_model().objects.get(pk=actor)
    row = Appointment.objects.get(pk=appointment)
    return [
        _outcome(services.propose_slot, appointment=row, slot=read_slot_token(token), actor=user) for token in tokens
    ]


def offer(appointment: int, token: str, actor: int) -> int:
    """Another time that the provider offers, and nobody contests; its proposal."""
    from django.contrib.auth import get_user_model

    from bookings import services
    from bookings.models import Appointment
    from bookings.slots import read_slot_token

    row, user = Appointment.objects.get(pk=appointment), get_user_model().objects.get(pk=actor)
    return services.propose_slot(appointment=row, slot=read_slot_token(token), actor=user).pk


def agree_to_each(proposals: list[int], actor: int) -> list[str]:
    from django.contrib.auth import get_user_model

    from bookings import services
    from bookings.models import Proposal

    user = get_user_model().objects.get(pk=actor)
    rows = [Proposal.objects.select_related("appointment").get(pk=pk) for pk in proposals]
    return [_outcome(services.accept_proposal, proposal=row, actor=user) for row in rows]


def accept_each(appointments: list[int], actor: int, first: float = 0, gap: float = 0) -> list[str]:
    """Accept one after the other, each at its instant."""
    from django.contrib.auth import get_user_model

    from bookings import services
    from bookings.models import Appointment

    user = get_user_model().objects.get(pk=actor)
    outcomes = []
    for number, pk in enumerate(appointments):
        _sleep_until(first + gap * number)
        outcomes.append(_outcome(services.accept_request, appointment=Appointment.objects.get(pk=pk), actor=user))
    return outcomes


def withdraw_each(appointments: list[int], actor: int) -> list[str]:
    from django.contrib.auth import get_user_model

    from bookings import services
    from bookings.models import Appointment

    user = get_user_model().objects.get(pk=actor)
    return [
        _outcome(services.withdraw_request, appointment=Appointment.objects.get(pk=pk), actor=user)
        for pk in appointments
    ]


def expire_until(last: float) -> list[str]:
    """Sweep without a pause, more often than beat ever would."""
    from bookings import services

    count = 0
    while time.time() < last:
        count += services.expire_overdue()
    return [str(count)]


def request_at(tokens: list[str], patients: list[int], first: float, gap: float) -> list[str]:
    outcomes = []
    for number, (token, patient) in enumerate(zip(tokens, patients, strict=True)):
        _sleep_until(first + gap * number)
        outcomes += request_each([token], patient)
    return outcomes


def naive_each(tokens: list[str], patient: int, pause: float) -> list[str]:
    """The control: look, then insert, without a lock. Never part of the product.

    PostgreSQL may find that several waiting inserts block each other, and ends one: "deadlock".
    """
    from django.db import IntegrityError, OperationalError
    from django.utils import timezone

    from bookings.models import Appointment, SlotHold
    from bookings.slots import read_slot_token
    from providers.models import Service

    outcomes = []
    for token in tokens:
        slot = read_slot_token(token)
        service = Service.objects.get(pk=slot.service_id)
        ends_at = slot.starts_at + timedelta(minutes=service.duration)
        holds = SlotHold.objects.counting(timezone.now()).overlapping(slot.starts_at, ends_at)
        if holds.filter(practitioner_id=slot.practitioner_id).exists():
            outcomes.append("SlotTaken")
            continue
        time.sleep(pause)
        appointment = Appointment.objects.create(
            patient_id=patient,
            requested_by_id=patient,
            provider_id=service.provider_id,
            practitioner_id=slot.practitioner_id,
            service=service,
            location_id=slot.location_id,
            starts_at=slot.starts_at,
            ends_at=ends_at,
            expires_at=slot.starts_at,
            fee_minor=service.fee_minor,
            currency=service.currency,
        )
        try:
            SlotHold.objects.create(
                appointment=appointment,
                practitioner_id=slot.practitioner_id,
                starts_at=slot.starts_at,
                ends_at=ends_at,
            )
        except IntegrityError:
            appointment.delete()
            outcomes.append("IntegrityError")
        except OperationalError as error:
            if "deadlock" not in str(error):
                raise
            appointment.delete()
            outcomes.append("deadlock")
        else:
            outcomes.append("won")
    return outcomes


def refund_each(deposit: str, references: list[str], minor: int) -> list[str]:
    """Ask for one refund after the other of the same deposit."""
    from tests.payments.support import ask_refund

    return [_outcome(ask_refund, deposit=deposit, minor=minor, reference=reference) for reference in references]


def take_without_lock(account: int, number: int, minor: int, pause: float) -> str:
    """The control: look whether there is enough, then take it, without a lock. Never part of the product."""
    from django.db import IntegrityError, transaction
    from django.utils import timezone

    from payments.models import LedgerEntry, LedgerPosting

    if trust_left(account) < minor:
        return "Overdrawn"
    time.sleep(pause)
    mark = secrets.token_hex(32)
    try:
        with transaction.atomic():
            entry = LedgerEntry(
                number=number, kind="refund_asked", reference=mark, posted_at=timezone.now(), hash=mark,
                previous_hash=mark[::-1],
            )  # fmt: skip
            entry.save()
            LedgerPosting(entry=entry, account_id=account, amount_minor=minor, currency="EUR").save()
    except IntegrityError:
        return "IntegrityError"
    return "won"


def _outcome(service, **arguments) -> str:
    """Anything but an error of the domain (a deadlock, a locked database) ends the actor, and so the test."""
    from medicaim.common.errors import DomainError

    try:
        service(**arguments)
    except DomainError as error:
        return type(error).__name__
    return "won"


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.time()))


def main() -> None:
    setup()
    importlib.import_module("bookings.services")
    importlib.import_module("tests.support.factories")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them: what they found out is in their answer
    for line in sys.stdin:
        if os.fork() == 0:
            perform(json.loads(line))


def perform(job: dict) -> NoReturn:
    """One actor, from its first breath to its last."""
    from django.db import connections

    try:
        if "go" in job:
            Path(job["ready"]).touch()
            while not Path(job["go"]).exists():
                time.sleep(0.002)
        answer = {"value": globals()[job["what"]](**job["arguments"])}
    except BaseException:  # noqa: BLE001 - the test is told, whatever it was
        answer = {"error": traceback.format_exc()}
    connections.close_all()
    unfinished = Path(job["answer"] + ".part")
    unfinished.write_text(json.dumps(answer))
    unfinished.rename(job["answer"])
    os._exit(0)


if __name__ == "__main__":
    main()

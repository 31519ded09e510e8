"""Request, accept and cancel one visit at a clinic with very many appointments (`demo --busy 10000`).

Through HTTP, with real commits and wake-ups. What each round wrote is deleted at its end; the provider keeps its
mark for search, and a worker that runs may send the messages in between, to addresses that nobody has.
"""

import time
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookings.models import Appointment
from bookings.queries import free_slots
from medicaim.demo.busy import HORIZON_DAYS
from medicaim.management.measure import BusyClinic, busy_clinic, get, post, report, signed_in, summary
from medicaim.notifications.models import Message


def run(*, repeat: int, **options) -> dict[str, object]:
    clinic = busy_clinic()
    in_all = Appointment.objects.count()
    with signed_in(clinic.newcomer) as patient, signed_in(clinic.owner) as owner:

        def one_round(take: Callable[[str, Callable[[], object]], None]) -> None:
            """One visit from its request to its end; `take` calls each step."""
            key = str(uuid.uuid4())
            token = _free_slot(clinic)
            form = {"slot": token, "who": "myself", "subject": "", "website": "", "request_key": key}
            asked = reverse("bookings:request")
            take("the form", lambda: get(patient, f"{asked}?slot={token}"))
            take("request", lambda: post(patient, asked, form))
            made = Appointment.objects.of_patient(clinic.newcomer).latest("pk")
            try:
                take("accept", lambda: post(owner, reverse("bookings:accept", args=[made.public_id])))
                take("cancel", lambda: post(patient, reverse("bookings:cancel", args=[made.public_id])))
            finally:
                _remove(made)

        times: dict[str, list[float]] = {}
        queries: dict[str, int] = {}

        def timed(step: str, call: Callable[[], object]) -> None:
            started = time.perf_counter()
            call()
            times.setdefault(step, []).append((time.perf_counter() - started) * 1000)

        def counted(step: str, call: Callable[[], object]) -> None:
            with CaptureQueriesContext(connection) as captured:
                call()
            queries[step] = len(captured)

        one_round(counted)  # the first one also warms up
        one_round(counted)
        for _ in range(repeat):
            one_round(timed)
    return report(
        "booking",
        pages={step: summary(times[step], queries=queries[step]) for step in times},
        repeat=repeat,
        appointments=Appointment.objects.filter(provider=clinic.service.provider).count(),
        appointments_in_all=in_all,
    )


def _free_slot(clinic: BusyClinic) -> str:
    now = timezone.now()
    found = free_slots(service=clinic.service, from_at=now, until_at=now + timedelta(days=HORIZON_DAYS), now=now)
    if not found:
        raise RuntimeError("the clinic has no free time left: make its diary anew")
    return found[0].token


def _remove(appointment: Appointment) -> None:
    """As if it had never been: history and kept times go with it."""
    Message.objects.filter(object_id=appointment.pk, event__startswith="bookings.").delete()
    appointment.delete()

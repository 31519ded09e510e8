"""`manage demo` of any size: few providers have few free times, and many patients want them."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from bookings.enums import AppointmentState
from bookings.models import Appointment

pytestmark = pytest.mark.django_db


@pytest.mark.slow
@pytest.mark.parametrize(("providers", "seed"), [(1, 1), (12, 1)])
def test_a_small_demonstration_is_whole(providers: int, seed: int):
    call_command("demo", providers=providers, seed=seed)
    coming = Appointment.objects.filter(starts_at__gt=timezone.now()).order_by("patient_id", "starts_at")
    states = set(coming.values_list("state", flat=True))
    assert states >= {AppointmentState.REQUESTED, AppointmentState.CONFIRMED, AppointmentState.PROPOSED}

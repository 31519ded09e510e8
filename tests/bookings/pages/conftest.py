"""A clock that stands, a provider with free times, and Alice."""

import pytest
import time_machine

from tests.bookings.support import NOW
from tests.support.factories import PatientFactory, make_open_provider


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def made():
    return make_open_provider()


@pytest.fixture
def alice():
    return PatientFactory(first_name="Alice", last_name="Exemple", time_zone="Europe/Paris", language="en")

"""A clock that stands, two providers, and Alice."""

import pytest
import time_machine

from providers.enums import DepositKind
from tests.bookings.services.support import NOW
from tests.support.factories import PatientFactory, make_open_provider


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def made(clock):
    return make_open_provider()


@pytest.fixture
def deposit(clock):
    """A provider whose service asks for 20 euros first."""
    return make_open_provider(service={"deposit_kind": DepositKind.DOWN_PAYMENT, "deposit_minor": 2000})


@pytest.fixture
def alice(clock):
    return PatientFactory(username="alice")

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def _english_first():
    """A request leaves its language behind; what a test reverses by itself is English."""
    with translation.override("en"):
        yield

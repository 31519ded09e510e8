"""Every message of an appointment has all its parts; what they say is tested in `test_messages.py`."""

import pytest
from django.template.loader import get_template

from medicaim.notifications import registry

EVENTS = [event for event in registry.registered_events() if event.startswith("bookings.")]


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_has_its_templates(event):
    """Rules 4, point 4: by e-mail (subject, text, HTML) and by SMS."""
    name = event.removeprefix("bookings.")
    for path in (f"email/{name}.subject.txt", f"email/{name}.txt", f"email/{name}.html", f"sms/{name}.txt"):
        assert get_template(f"bookings/{path}").template.source.strip()


def test_there_are_events():
    assert len(EVENTS) >= 21

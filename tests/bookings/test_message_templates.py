"""Every message of an appointment has all its parts, and none tells a secret in the open."""

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


@pytest.mark.parametrize("event", EVENTS)
def test_subject_and_sms_name_neither_service_nor_provider(event):
    """A subject or an SMS lies open on a locked screen: no service, specialty, provider or subject of the request."""
    name = event.removeprefix("bookings.")
    for path in (f"email/{name}.subject.txt", f"sms/{name}.txt"):
        source = get_template(f"bookings/{path}").template.source
        for word in ("service", "specialty", "practitioner", "provider.", "appointment.subject", "reason"):
            assert f"{{{{ {word}" not in source, path
            assert f"appointment.{word}" not in source, path


def test_there_are_events():
    assert len(EVENTS) >= 21

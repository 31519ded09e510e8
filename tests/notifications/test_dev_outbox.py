"""Development: the messages that went out can be read in the browser."""

import pytest
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from medicaim.notifications.outbox import FileEmailBackend, append_sms, entries
from tests.support.html import assert_sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(settings, tmp_path):
    settings.OUTBOX_DIR = tmp_path / "outbox"
    mail = EmailMultiAlternatives("Your request", "Plain words", to=["maya@example.org"])
    mail.attach_alternative("<p>Rich words</p>", "text/html")
    mail.attach("appointment.ics", "BEGIN:VCALENDAR", "text/calendar")
    FileEmailBackend().send_messages([mail])
    append_sms(settings.OUTBOX_DIR, "+33199000001", "Short words")
    return entries()


def test_the_list_shows_both_channels_newest_first(client, sent):
    page = client.get(reverse("dev:outbox"))
    text = page.content.decode()
    assert text.index("Short words") < text.index("Your request")
    assert_sound(text)


def test_a_message_shows_its_parts(client, sent):
    mail = next(entry for entry in sent if not entry.is_sms)
    page = client.get(reverse("dev:outbox_message", args=[mail.id])).content.decode()
    assert "Plain words" in page
    assert "appointment.ics" in page
    assert_sound(page)
    frame = client.get(reverse("dev:outbox_part", args=[mail.id, 0]))
    assert "Rich words" in frame.content.decode()
    assert "script-src 'none'" in frame.headers["Content-Security-Policy"]
    attached = client.get(reverse("dev:outbox_part", args=[mail.id, 1]))
    assert attached.headers["Content-Disposition"].startswith("attachment")
    assert attached.content == b"BEGIN:VCALENDAR"


def test_an_unknown_message_is_not_found(client, sent):
    assert client.get(reverse("dev:outbox_message", args=["../../etc/passwd".replace("/", "-")])).status_code == 404


def test_the_language_switch_stays_on_the_page(client):
    assert client.get("/dev/outbox", follow=True).redirect_chain[-1][0] == "/en/dev/outbox/"
    assert 'href="/fr/dev/outbox/"' in client.get("/en/dev/outbox/").text

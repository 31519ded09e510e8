"""The life of a message: written once, claimed by one, sent as things are then, and accounted for."""

import pytest

from medicaim.notifications import services
from medicaim.notifications.enums import Channel, MessageState
from medicaim.notifications.models import Message
from medicaim.notifications.trial import EVENT
from tests.support.html import parse, text_of

pytestmark = pytest.mark.django_db


def test_a_message_goes_out_with_both_parts_and_its_message_id(outbox, user):
    message = services.queue_message(event=EVENT, object_id=7, recipient=user)
    outbox.deliver()
    (mail,) = outbox.mails
    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert mail["Message-ID"] == message.message_id
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "7" in mail["Subject"]
    assert "test message 7" in mail.get_body(("plain",)).get_content()
    assert text_of(parse(mail.get_body(("html",)).get_content()).find(".//h1")) == "Test message 7"


def test_an_sms_goes_to_the_number(outbox):
    services.queue_message(event=EVENT, object_id=8, channel=Channel.SMS, address="+33639980001")
    outbox.deliver()
    assert [(sms["to"], sms["body"]) for sms in outbox.sms] == [("+33639980001", "MEDICAIM: test message 8.")]
    assert Message.objects.get().state == MessageState.SENT

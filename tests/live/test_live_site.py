"""The live site itself: what is queued in one process comes out of another."""

import urllib.request

import pytest

pytestmark = pytest.mark.live


def test_web_answers_and_the_worker_sends(live_site):
    with urllib.request.urlopen(f"{live_site.url}/en/", timeout=10) as answer:
        assert answer.status == 200
    live_site.manage("test_message", "--email", "a@example.org", "--sms", "+33639980001")
    assert live_site.wait_for_mail("a@example.org")["Subject"] == "Test message 1 from MEDICAIM"
    assert live_site.wait_for_sms("+33639980001")["body"] == "MEDICAIM: test message 1."

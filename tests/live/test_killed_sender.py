"""Workers that die while they send, and servers that do not answer: nothing is lost, no SMS is sent twice."""

import contextlib
import random
import re
import time
import urllib.request
from collections import Counter

import pytest

from tests.concurrency.conftest import Arena, new_key
from tests.support.live import wait_until

pytestmark = pytest.mark.live

MAILS, TEXTS, KILLS = 400, 100, 40
NUMBER, ADDRESS = "+33639980001", "many@example.org"
COUNTS = """
import json
from collections import Counter
from medicaim.notifications.models import Message
print(json.dumps([[c, s, n] for (c, s), n in Counter(Message.objects.values_list("channel", "state")).items()]))
"""
UNCERTAIN_IDS = """
import json
from medicaim.notifications.models import Message
print(json.dumps(list(Message.objects.filter(state="uncertain").values_list("pk", "object_id"))))
"""
STAFF = """
from allauth.account.models import EmailAddress
from accounts.models import Consent, TermsVersion, User
from django.conf import settings
from django.contrib.auth import SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
user = User.objects.create_superuser("careteam", "careteam@example.org", "correct horse battery staple")
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
for version in TermsVersion.objects.in_force(timezone.now()):
    Consent.objects.create(user=user, version=version, language="en")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(settings.SESSION_COOKIE_NAME + "=" + session.session_key)
"""


def kill_senders(site, rng):
    """SIGKILL 40 times at random moments: mostly one child in the middle of its work, every eighth time all."""
    killed = 0
    while killed < KILLS:
        time.sleep(rng.uniform(0.2, 0.6))
        if killed % 8 == 7:
            site.kill("worker")
            site.start_worker()
            killed += 1
            continue
        if site.process("worker").poll() is not None:  # killed before it was up: a supervisor starts it again
            site.kill("worker")
            site.start_worker()
            continue
        children = site.children("worker")
        if not children:  # the worker is still starting: there is nobody to kill yet
            continue
        site.kill_child("worker", rng.choice(children))
        killed += 1


@pytest.mark.timeout(240)
def test_a_sender_killed_forty_times_loses_nothing(make_live_site):
    """security.md 0.2: 400 e-mails and 100 SMS, SIGKILL 40 times; 60 s later every message is accounted for."""
    site = make_live_site(
        worker_processes=4,
        sms_gateway=True,
        env={"NOTIFICATION_LEASE_SECONDS": "4", "NOTIFICATION_OUTAGE_SECONDS": "2"},
    )
    # An SMS is long in the air, so that some are whenever a sender is killed.
    site.mail_server.delay, site.sms_gateway.delay = 0.16, 0.5
    site.manage("test_message", "--sms", NUMBER, "--count", str(TEXTS))
    site.manage("test_message", "--email", ADDRESS, "--count", str(MAILS))
    kill_senders(site, random.Random(20261124))

    def unsettled():
        return sum(n for channel, state, n in site.shell_json(COUNTS) if state in ("queued", "sending"))

    wait_until(lambda: unsettled() == 0, seconds=60, every=3, what="every message is settled")
    states = {(channel, state): n for channel, state, n in site.shell_json(COUNTS)}

    # E-mail: all of them arrived; what came again came as the same e-mail.
    assert states.pop(("email", "sent")) == MAILS
    arrivals = Counter(mail["Subject"] for mail in site.mails(ADDRESS))
    assert len(arrivals) == MAILS
    identities = {(mail["Subject"], mail["Message-ID"]) for mail in site.mails(ADDRESS)}
    assert len(identities) == MAILS

    # SMS: none twice; each that is not known to have arrived is uncertain.
    texts = Counter(int(re.search(r"(\d+)\.$", sms["body"])[1]) for sms in site.sms(NUMBER))
    assert set(texts.values()) == {1}
    uncertain = {object_id: pk for pk, object_id in site.shell_json(UNCERTAIN_IDS)}
    assert states.pop(("sms", "sent")) + states.pop(("sms", "uncertain"), 0) == TEXTS
    assert not states
    assert set(range(1, TEXTS + 1)) - set(texts) <= set(uncertain)

    # Each uncertain one is shown to careteam.
    cookie = site.shell(STAFF).strip().splitlines()[-1]
    request = urllib.request.Request(
        f"{site.url}/en/careteam/notifications/message/?attention=uncertain", headers={"Cookie": cookie}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        page = answer.read().decode()
    shown = {int(pk) for pk in re.findall(r"/careteam/notifications/message/(\d+)/change/", page)}
    assert shown == set(uncertain.values())
    assert shown  # else no SMS was in the air at any kill, and nothing was tried
    repeated = sum(arrivals.values()) - MAILS
    print(f"killed {KILLS}: {repeated} e-mails came again, {len(uncertain)} SMS uncertain")  # noqa: T201


def test_a_silent_mail_server_delays_nobody_and_loses_nothing(make_live_site):
    """pains 39: with a mail server that says nothing a booking takes less than a second; each mail comes once after."""
    site = make_live_site(env={"EMAIL_TIMEOUT": "2", "NOTIFICATION_OUTAGE_SECONDS": "2"})
    with contextlib.closing(Arena(site)) as arena:
        stage, people = arena.do("stage"), arena.do("crowd", count=3)
        warm = arena.post_together(
            [(people[0]["session"], "no slot", new_key())] * 8
        )  # both processes have begun to work
        assert {answer.status for answer in warm} == {400}
        site.mail_server.mode = "blackhole"
        for number, person in enumerate(people):
            (answer,) = arena.post_together([(person["session"], stage["tokens"][f"0:0:{2 * number}"], new_key())])
            assert answer.status == 302
            assert answer.seconds < 1
            time.sleep(2)  # by now the sender waits for a server that is silent
        assert len(arena.do("facts", provider=stage["provider"])["appointments"]) == len(people)
        assert site.mails() == []
    site.mail_server.mode = "ok"
    for person in people:
        site.wait_for_mail(person["email"], seconds=60)
    site.wait_for_mail(stage["owner_email"], count=len(people), seconds=60)
    time.sleep(6)  # time for another sweep, which finds nothing
    assert [len(site.mails(person["email"])) for person in people] == [1] * len(people)
    assert len(site.mails(stage["owner_email"])) == len(people)

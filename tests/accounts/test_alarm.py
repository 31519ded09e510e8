"""Somebody used my account (Rules 1, point 4)."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountAlarm
from medicaim.common.models import AuditEntry
from tests.accounts.helpers import NEW_PASSWORD, body_of, is_signed_in, path_in, sign_in
from tests.support.factories import PASSWORD, PatientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return PatientFactory(username="ada", email="ada@example.org")


def test_signed_in_one_click_then_a_new_password(client_of, ada, outbox, settings):
    here, there, forced = client_of(), client_of(), client_of(ada)
    sign_in(here, "ada", PASSWORD)
    sign_in(there, "ada", PASSWORD)
    assert "Somebody else used my account" in here.get(reverse("accounts:security")).text
    assert here.get(reverse("accounts:raise_alarm")).status_code == 405
    assert here.post(reverse("accounts:raise_alarm"))["Location"] == reverse("accounts:alarm_done")
    assert here.get(reverse("accounts:alarm_done")).status_code == 200
    for browser in (here, there, forced):
        assert not is_signed_in(browser)

    thief = client_of()
    assert sign_in(thief, "ada", PASSWORD)["Location"] == reverse("accounts:reset_required")
    assert "A new password is needed" in thief.get(reverse("accounts:reset_required")).text
    assert not is_signed_in(thief)

    outbox.deliver()
    (careteam,) = outbox.mails_to(settings.CARETEAM_EMAIL)
    assert ada.public_id in body_of(careteam)
    assert ada.last_name not in body_of(careteam)
    entry = AuditEntry.objects.get(action="account.alarm")
    assert (entry.actor, entry.object_ref) == (ada, f"accounts.user:{ada.pk}")

    (mail,) = outbox.mails_to("ada@example.org")
    browser = client_of()
    form = browser.get(path_in(mail))["Location"]
    browser.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    ada.refresh_from_db()
    assert ada.reset_required_at is None
    sign_in(browser, "ada", NEW_PASSWORD)
    assert is_signed_in(browser)
    assert AuditEntry.objects.filter(action="password.reset_after_alarm").count() == 1


def ask(browser, login):
    return browser.post(reverse("accounts:alarm"), {"login": login})


@pytest.mark.parametrize("login", ["ada", "ADA@example.org"])
def test_not_signed_in_by_a_link_that_changes_nothing_until_its_button(client_of, ada, outbox, login):
    """pains 35 and 42: opening the link changes nothing; the token is long, stored hashed and single use."""
    victim = client_of(ada)
    assert ask(client_of(), login)["Location"] == reverse("accounts:alarm_sent")
    outbox.deliver()
    (mail,) = outbox.mails_to("ada@example.org")
    link = path_in(mail)
    token = link.strip("/").split("/")[-1]
    assert len(token) >= 43  # 256 bits in base64
    alarm = AccountAlarm.objects.get()
    assert token not in str(vars(alarm))

    scanner = client_of()
    assert scanner.get(link).status_code == 200
    assert scanner.head(link).status_code == 200
    assert is_signed_in(victim)

    assert scanner.post(link)["Location"] == reverse("accounts:alarm_done")
    assert not is_signed_in(victim)
    ada.refresh_from_db()
    assert ada.reset_required_at is not None
    assert scanner.get(link).status_code == 404
    assert scanner.post(link).status_code == 404
    assert AuditEntry.objects.filter(action="account.alarm").count() == 1


def test_the_link_runs_out(client_of, ada, outbox):
    """pains 42: tokens expire."""
    ask(client_of(), "ada")
    outbox.deliver()
    link = path_in(outbox.mails_to("ada@example.org")[0])
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
        assert client_of().post(link).status_code == 404
    ada.refresh_from_db()
    assert ada.reset_required_at is None


def test_the_answer_is_the_same_for_everybody(client_of, ada, outbox):
    answers = set()
    for login in ("ada", "ada@example.org", "absent", "absent@example.org", "a\x00b"):
        browser = client_of()
        answer = ask(browser, login)
        if "\x00" in login:
            assert answer.status_code == 200
            continue
        answers.add((answer.status_code, answer["Location"], browser.get(answer["Location"]).text))
    assert len(answers) == 1
    outbox.deliver()
    assert len(outbox.mails) == 2


def test_nobody_floods_a_mailbox(client_of, ada, outbox):
    statuses = [ask(client_of(), "ada").status_code for _ in range(6)]
    assert statuses == [302] * 5 + [429]


def test_link_of_somebody_else_made_up(client_of, ada):
    assert client_of().get(reverse("accounts:alarm_answer", args=["x" * 43])).status_code == 404


def test_a_sign_in_that_was_under_way_ends_too(client_of, ada, outbox):
    """Between the password and the code of the second step the owner raises the alarm."""
    from allauth.account.models import EmailAddress

    EmailAddress.objects.filter(user=ada).update(verified=False)
    thief = client_of()
    sign_in(thief, "ada", PASSWORD)
    outbox.deliver()
    code = outbox.mails[-1]["Subject"].split()[0]
    client_of(ada).post(reverse("accounts:raise_alarm"))
    answer = thief.post(reverse("account_email_verification_sent"), {"code": code})
    assert answer["Location"] == reverse("accounts:reset_required")
    assert not is_signed_in(thief)

"""Passwords (security 18 and 20)."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import Argon2PasswordHasher, get_hasher
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.accounts.helpers import NEW_PASSWORD, code_in, is_signed_in, path_in, sign_in, sign_up
from tests.support.factories import PASSWORD, PatientFactory

pytestmark = pytest.mark.django_db


def test_argon2_is_what_production_hashes_with():
    from medicaim.settings import base

    assert base.PASSWORD_HASHERS[0] == "django.contrib.auth.hashers.Argon2PasswordHasher"
    hasher = Argon2PasswordHasher()
    assert hasher.memory_cost >= 19 * 1024
    assert hasher.time_cost >= 2
    assert get_hasher  # the test settings use a quick one


def test_a_thousand_common_passwords_are_refused():
    """The worst: of Django's own list, long ones first, for short ones fail anyhow."""
    worst = sorted(CommonPasswordValidator().passwords, key=len, reverse=True)[:1000]
    accepted = []
    for password in worst:
        try:
            validate_password(password)
        except ValidationError:
            continue
        accepted.append(password)
    assert len(worst) == 1000
    assert accepted == []


@pytest.mark.parametrize(
    "password", ["short", "12345678901234", "Medicaim2026!", "password12345", "MEDICAIM-medicaim", "ada@example.org"]
)
def test_weak_ones_are_refused_in_the_form(client, password):
    assert sign_up(client, password1=password, password2=password).status_code == 200
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    "password", ["x7 " * 42 + "ab", "Ünïcødé 密碼 متين фраза", "medicaim is where I found a good doctor"]
)
def test_long_and_foreign_ones_are_kept_whole(client, outbox, password):
    sign_up(client, password1=password, password2=password)
    outbox.deliver()
    client.post(reverse("account_email_verification_sent"), {"code": code_in(outbox.mails[0])})
    client.post(reverse("account_logout"))
    sign_in(client, "ada", password[:-1])
    assert not is_signed_in(client)
    sign_in(client, "ada", password)
    assert is_signed_in(client)


def test_reset_by_mail_once_and_sessions_end(client_of, outbox):
    """pains 42: the link holds 128 bits and works once."""
    user = PatientFactory(username="ada", email="ada@example.org")
    elsewhere = client_of()
    sign_in(elsewhere, "ada", PASSWORD)
    browser = client_of()
    assert browser.post(reverse("account_reset_password"), {"email": "Ada@Example.org"}).status_code == 302
    outbox.deliver()
    link = path_in(outbox.mails_to("ada@example.org")[0])
    assert len(link.split("-")[-1].strip("/")) >= 32
    answer = browser.get(link)
    assert user.check_password(PASSWORD)
    answer = browser.post(answer["Location"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert answer["Location"] == reverse("account_reset_password_from_key_done")
    assert not is_signed_in(elsewhere)
    assert "This link no longer works" in client_of().get(link).text
    sign_in(browser, "ada@example.org", NEW_PASSWORD)
    assert is_signed_in(browser)
    outbox.deliver()
    assert outbox.mails_to("ada@example.org")[-1]["Subject"] == "Your password was changed"


def test_a_reset_link_runs_out(client_of, outbox):
    """pains 42: after a day the link is a page that says so, and the password stays."""
    user = PatientFactory(username="ada", email="ada@example.org")
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        client_of().post(reverse("account_reset_password"), {"email": "ada@example.org"})
        outbox.deliver()
        link = path_in(outbox.mails_to("ada@example.org")[0])
        clock.shift(timedelta(hours=23, minutes=59))
        assert client_of().get(link).status_code == 302
        clock.shift(timedelta(minutes=2))
        late = client_of()
        assert "This link no longer works" in late.get(link).text
        late.post(link, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_reset_answers_the_same_for_everybody(client_of, outbox):
    """Who has an account is not revealed (security 19)."""
    PatientFactory(email="there@example.org")
    PatientFactory(email="closed@example.org", is_active=False)
    answers = set()
    for email in ("there@example.org", "absent@example.org", "closed@example.org"):
        browser = client_of()
        answer = browser.post(reverse("account_reset_password"), {"email": email})
        answers.add((answer.status_code, answer["Location"], browser.get(answer["Location"]).text))
    assert len(answers) == 1
    outbox.deliver()
    assert "We have none with it" in str(outbox.mails_to("absent@example.org")[0].get_body(("plain",)).get_content())


def test_change_keeps_this_browser_and_ends_the_others(client_of, outbox):
    PatientFactory(username="ada", email="ada@example.org")
    here, there = client_of(), client_of()
    sign_in(here, "ada", PASSWORD)
    sign_in(there, "ada", PASSWORD)
    data = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert here.post(reverse("account_change_password"), data)["Location"] == reverse("accounts:security")
    assert is_signed_in(here)
    assert not is_signed_in(there)

"""Authenticator app, recovery codes, reauthentication (security 17). Passkeys: tests/journeys/test_passkeys.py."""

import re
import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.urls import reverse

from tests.accounts.helpers import NEW_PASSWORD, is_signed_in, path_in, sign_in
from tests.support.factories import PASSWORD, PatientFactory

pytestmark = pytest.mark.django_db


def code_now(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def confirm(browser, page):
    """Open a page that asks for the password once more, and give it."""
    answer = browser.get(page)
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    return browser.post(answer["Location"], {"password": PASSWORD})


@pytest.fixture
def protected(client_of, outbox):
    """A patient who set up an app: (browser, secret, recovery codes)."""
    PatientFactory(username="ada", email="ada@example.org")
    browser = client_of()
    sign_in(browser, "ada", PASSWORD)
    confirm(browser, reverse("mfa_activate_totp"))
    page = browser.get(reverse("mfa_activate_totp")).text
    secret = re.search(r'class="secret">([A-Z2-7]+)<', page).group(1)
    assert 'src="data:image/svg+xml;base64,' in page
    answer = browser.post(reverse("mfa_activate_totp"), {"code": code_now(secret)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    codes = re.findall(r"<li><code>(\w+)</code>", browser.get(answer["Location"]).text)
    assert len(codes) == 10
    outbox.deliver()
    assert outbox.mails_to("ada@example.org")[-1]["Subject"] == "An authenticator app was set up"
    return browser, secret, codes


def test_sign_in_asks_for_the_code_and_takes_each_once(protected, client_of):
    _browser, secret, _codes = protected
    with time_machine.travel(time.time() + 60, tick=False):
        code = code_now(secret)
        thief, owner = client_of(), client_of()
        assert sign_in(owner, "ada", PASSWORD)["Location"] == reverse("mfa_authenticate")
        assert not is_signed_in(owner)
        assert owner.post(reverse("mfa_authenticate"), {"code": code})["Location"] == "/en/"
        assert is_signed_in(owner)
        sign_in(thief, "ada", PASSWORD)
        assert "This code is not right" in thief.post(reverse("mfa_authenticate"), {"code": code}).text
        assert not is_signed_in(thief)


def test_secrets_are_not_readable_in_the_database(protected):
    _browser, secret, codes = protected
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not any(code in stored for code in codes)


def test_recovery_code_works_once(protected, client_of):
    _browser, _secret, codes = protected
    for expected in (True, False):
        browser = client_of()
        sign_in(browser, "ada", PASSWORD)
        browser.post(reverse("mfa_authenticate"), {"code": codes[3]})
        assert is_signed_in(browser) is expected


def test_guesses_of_the_code_are_few(protected, client_of):
    """security 17: at most 10 guesses are evaluated."""
    thief = client_of()
    sign_in(thief, "ada", PASSWORD)
    evaluated = 0
    for number in range(30):
        page = thief.post(reverse("mfa_authenticate"), {"code": f"{number:06}"}).text
        evaluated += "This code is not right" in page
    assert 0 < evaluated <= 10
    assert not is_signed_in(thief)


def test_a_new_password_does_not_go_around_the_second_step(protected, client_of, outbox):
    browser = client_of()
    browser.post(reverse("account_reset_password"), {"email": "ada@example.org"})
    outbox.deliver()
    form = browser.get(path_in(outbox.mails_to("ada@example.org")[-1]))["Location"]
    browser.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert sign_in(browser, "ada", NEW_PASSWORD)["Location"] == reverse("mfa_authenticate")
    assert not is_signed_in(browser)


def test_pages_of_the_second_factor(protected):
    browser, _secret, _codes = protected
    for name in ("mfa_index", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp"):
        assert browser.get(reverse(name)).status_code == 200, name
    assert browser.get(reverse("mfa_download_recovery_codes"))["Content-Type"].startswith("text/plain")
    assert browser.post(reverse("mfa_deactivate_totp"))["Location"] == reverse("mfa_index")
    assert not Authenticator.objects.filter(type="totp").exists()


def test_what_protects_the_account_asks_for_the_password_again(client):
    PatientFactory(username="ada")
    sign_in(client, "ada", PASSWORD)
    for name in ("mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"):
        assert client.get(reverse(name))["Location"].startswith(reverse("account_reauthenticate"))
    page = client.post(f"{reverse('account_reauthenticate')}?next=/en/account/2fa/", {"password": "wrong"}).text
    assert "This is not your password" in page

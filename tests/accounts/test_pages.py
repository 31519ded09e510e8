"""Every page of accounts opens, in both languages, as sound HTML that the strict policy lets work."""

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.models import Dependant
from medicaim.access import ACCESS
from tests.accounts.helpers import sign_in
from tests.accounts.test_dependants import make_dependant
from tests.support.factories import PASSWORD, PatientFactory
from tests.support.html import assert_sound

pytestmark = pytest.mark.django_db

OPEN = [
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_inactive",
    "accounts:alarm",
    "accounts:alarm_sent",
    "accounts:alarm_done",
    "accounts:reset_required",
    "accounts:terms",
    "accounts:privacy",
    "accounts:terms_versions",
]
RESERVED = [
    "accounts:profile",
    "accounts:security",
    "accounts:dependants",
    "accounts:dependant_add",
    "account_email",
    "account_change_password",
    "account_logout",
    "account_reauthenticate",
    "mfa_index",
    "mfa_list_webauthn",
    "usersessions_list",
]
AFTER_PASSWORD = ["mfa_activate_totp", "mfa_add_webauthn"]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr", "ar"])
@pytest.mark.parametrize("name", OPEN)
def test_open_pages(client, name, language):
    with translation.override(language):
        answer = client.get(reverse(name))
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert_sound(answer.text)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_reserved_pages(client, language):
    patient = PatientFactory(username="ada")
    make_dependant(patient)
    with translation.override(language):
        sign_in(client, "ada", PASSWORD)
        for name in RESERVED:
            answer = client.get(reverse(name))
            assert answer.status_code == 200, name
            assert_sound(answer.text)
        client.post(f"{reverse('account_reauthenticate')}?next=/", {"password": PASSWORD})
        for name in AFTER_PASSWORD:
            answer = client.get(reverse(name))
            assert answer.status_code == 200, name
            assert_sound(answer.text)
        answer = client.get(reverse("accounts:dependant_change", args=[Dependant.objects.get().public_id]))
        assert_sound(answer.text)


@pytest.mark.parametrize("name", [name for name, asked in ACCESS.items() if name.startswith("accounts:") and asked])
def test_reserved_rows_are_closed_to_visitors(client, name):
    args = ["x" * 23] if name == "accounts:dependant_change" else []
    answer = client.get(reverse(name, args=args))
    assert answer["Location"].startswith(reverse("account_login"))


def test_access_refused_page_is_open_to_everybody(client):
    answer = client.get(reverse("accounts:access_refused"))
    assert answer.status_code == 403
    assert_sound(answer.text)


def test_wrong_forms_are_sound_too(client):
    for name in ("account_login", "account_signup", "account_reset_password", "accounts:alarm"):
        answer = client.post(reverse(name), {})
        assert answer.status_code == 200
        assert "error-summary" in answer.text
        assert_sound(answer.text)


def test_no_page_of_a_library_shows_through(client):
    """allauth's own words and layout appear nowhere."""
    PatientFactory(username="ada")
    sign_in(client, "ada", PASSWORD)
    for name in (*RESERVED, "account_set_password"):
        page = client.get(reverse(name), follow=True).text
        assert 'class="header' in page, name
        assert "Menu:" not in page

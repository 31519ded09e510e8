"""Signing in, sessions, limits (security 16, 19, 20)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests.accounts.helpers import is_signed_in, sign_in
from tests.support.factories import PASSWORD, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("login", ["ada", "ADA", "ada@example.org", "Ada@Example.ORG", " ada "])
def test_by_user_name_or_address(client, login):
    PatientFactory(username="ada", email="ada@example.org")
    assert sign_in(client, login, PASSWORD)["Location"] == "/en/"
    assert is_signed_in(client)


def test_home_is_in_the_language_of_the_account(client):
    PatientFactory(username="ada", language="fr")
    assert sign_in(client, "ada", PASSWORD)["Location"] == "/fr/"


def test_next_is_kept_and_never_leads_elsewhere(client):
    PatientFactory(username="ada")
    assert sign_in(client, "ada", PASSWORD, next="/en/me/dependants/")["Location"] == "/en/me/dependants/"
    client.post(reverse("account_logout"))
    assert sign_in(client, "ada", PASSWORD, next="https://evil.example/x")["Location"] == "/en/"


def test_reserved_page_asks_to_sign_in_and_comes_back(client):
    answer = client.get(reverse("accounts:dependants"))
    assert answer["Location"] == f"{reverse('account_login')}?next=/en/me/dependants/"
    assert 'name="next" value="/en/me/dependants/"' in client.get(answer["Location"]).text


def test_the_answer_is_the_same_whether_there_is_an_account_or_not(client_of):
    PatientFactory(username="there", email="there@example.org")
    PatientFactory(username="closed", email="closed@example.org", is_active=False)
    pages = set()
    for login in ("there", "there@example.org", "absent", "absent@example.org", "closed"):
        page = sign_in(client_of(), login, "wrong password").text
        page = re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", page)
        pages.add(page.replace(f'value="{login}"', "LOGIN"))
    assert len(pages) == 1


@pytest.mark.parametrize(("hours", "stays"), [(1, True), (3, False)])
def test_a_session_that_nobody_uses_ends(client, hours, stays):
    with time_machine.travel(NOW, tick=False) as clock:
        client.force_login(PatientFactory(username="ada"))
        assert client.get(reverse("accounts:profile")).status_code == 200
        clock.shift(timedelta(hours=hours))
        answer = client.get(reverse("accounts:profile"))
        assert (answer.status_code == 200) is stays
        assert is_signed_in(client) is stays
        if not stays:
            assert "not used for a while" in client.get(answer["Location"]).text


def test_unverified_address_gets_a_code_and_no_session(client, outbox):
    UserFactory(username="ada", email="ada@example.org", verified=False)
    assert sign_in(client, "ada", PASSWORD)["Location"] == reverse("account_email_verification_sent")
    assert not is_signed_in(client)
    outbox.deliver()
    assert len(outbox.mails_to("ada@example.org")) == 1


def test_session_key_changes_at_sign_in(client):
    PatientFactory(username="ada")
    client.get(reverse("account_login"))
    session = client.session
    session["kept"] = "chosen slot"
    session.save()
    before = session.session_key
    client.cookies["session"] = before
    sign_in(client, "ada", PASSWORD)
    assert client.session.session_key != before
    assert client.session["kept"] == "chosen slot"


def test_guesses_on_one_account_are_few_and_the_owner_still_gets_in(client_of):
    """security 20: at most 20 guesses a day are evaluated, the owner's own browser has a count of its own."""
    PatientFactory(username="ada", email="ada@example.org")
    owner = client_of()
    sign_in(owner, "ada", PASSWORD)
    owner.post(reverse("account_logout"))
    evaluated = 0
    for number in range(30):
        attacker = client_of()
        login = ["ada", "ada@example.org"][number % 2]
        page = attacker.post(
            reverse("account_login"),
            {"login": login, "password": f"guess {number}"},
            REMOTE_ADDR=f"198.51.100.{number}",
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        ).text
        evaluated += "do not go together" in page
    assert evaluated == 5
    stranger = client_of()
    assert "Too many attempts" in sign_in(stranger, "ada", PASSWORD).text
    assert sign_in(owner, "ada", PASSWORD).status_code == 302
    assert is_signed_in(owner)


def test_a_forged_address_header_opens_no_new_count(client_of):
    statuses = [
        client_of()
        .post(
            reverse("account_login"),
            {"login": f"nobody{number}", "password": "guess"},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        )
        .status_code
        for number in range(31)
    ]
    assert statuses[-1] == 429


def test_device_cookie_cannot_be_made_up(client):
    user = PatientFactory(username="ada")
    client.cookies["device"] = f'{{"device": "x", "user": {user.pk}}}:forged:signature'
    for number in range(6):
        page = sign_in(client, "ada", f"guess {number}").text
    assert "Too many attempts" in page


def test_log_out_is_a_post(client):
    PatientFactory(username="ada")
    sign_in(client, "ada", PASSWORD)
    assert client.get(reverse("account_logout")).status_code == 200
    assert is_signed_in(client)
    client.post(reverse("account_logout"))
    assert not is_signed_in(client)


def test_sessions_are_listed_and_the_others_can_be_ended(client_of):
    PatientFactory(username="ada")
    here, there = client_of(), client_of()
    there.post(
        reverse("account_login"), {"login": "ada", "password": PASSWORD}, headers={"User-Agent": "Strange Browser"}
    )
    sign_in(here, "ada", PASSWORD)
    page = here.get(reverse("usersessions_list")).text
    assert "Strange Browser" in page
    assert "This browser" in page
    here.post(reverse("usersessions_list"))
    assert is_signed_in(here)
    assert not is_signed_in(there)


def test_sign_out_everywhere_ends_sessions_that_nobody_listed(client_of):
    user = PatientFactory(username="ada")
    here, forced = client_of(), client_of(user)
    sign_in(here, "ada", PASSWORD)
    assert here.post(reverse("accounts:sign_out_everywhere"))["Location"] == reverse("account_login")
    assert not is_signed_in(here)
    assert not is_signed_in(forced)


def test_list_of_sessions_is_not_written_at_every_page(client):
    client.force_login(PatientFactory())
    client.get(reverse("accounts:security"))
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("accounts:security"))
    assert len(captured) > 0
    assert all(query["sql"].startswith("SELECT") for query in captured)


def test_admin_is_entered_by_the_same_door(client, careteam):
    answer = client.get("/en/careteam/")
    assert answer["Location"].startswith(reverse("account_login"))
    careteam.set_password(PASSWORD)
    assert sign_in(client, careteam.username, PASSWORD, next="/en/careteam/")["Location"] == "/en/careteam/"
    assert client.get("/en/careteam/").status_code == 200
    assert client.get("/en/careteam/login/").status_code in (200, 302)


def test_admin_is_closed_to_patients(client_of):
    assert client_of(PatientFactory()).get("/en/careteam/").status_code == 403
    assert client_of(PatientFactory()).get("/en/careteam/login/").status_code == 403


def test_second_factor_for_the_careteam_by_a_setting(client_of, careteam, settings):
    settings.CARETEAM_SECOND_FACTOR = True
    assert client_of(careteam).get("/en/careteam/")["Location"] == reverse("mfa_index")


def test_change_of_address_needs_the_password_and_the_code(client, outbox):
    user = PatientFactory(username="ada", email="ada@example.org")
    sign_in(client, "ada", PASSWORD)
    answer = client.post(reverse("account_email"), {"email": "new@example.org", "action_add": "1"})
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    answer = client.post(answer["Location"], {"password": PASSWORD}, follow=True)
    user.refresh_from_db()
    assert user.email == "ada@example.org"
    outbox.deliver()
    (mail,) = outbox.mails_to("new@example.org")
    answer = client.post(reverse("account_email_verification_sent"), {"code": mail["Subject"].split()[0]})
    user.refresh_from_db()
    assert user.email == "new@example.org"
    outbox.deliver()
    assert "new@example.org" in outbox.mails_to("ada@example.org")[-1].get_body(("plain",)).get_content()
    assert User.objects.filter(email="ada@example.org").count() == 0


def test_an_address_of_another_account_is_not_taken_over(client, outbox):
    PatientFactory(username="ada", email="ada@example.org")
    UserFactory(username="bob", email="bob@example.org", verified=False)
    sign_in(client, "ada", PASSWORD)
    answer = client.post(reverse("account_email"), {"email": "bob@example.org", "action_add": "1"})
    client.post(answer["Location"], {"password": PASSWORD}, follow=True)
    outbox.deliver()
    for mail in outbox.mails_to("bob@example.org"):
        answer = client.post(reverse("account_email_verification_sent"), {"code": mail["Subject"].split()[0]})
        assert answer.status_code in (200, 302)
    assert User.objects.get(username="ada").email == "ada@example.org"

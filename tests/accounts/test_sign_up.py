"""Opening an account (Rules 1, points 1 and 2)."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.urls import reverse

from accounts.models import Consent, PatientProfile, User
from medicaim.common.models import AuditEntry
from tests.accounts.helpers import body_of, code_in, is_signed_in, sign_up, sign_up_data
from tests.support.factories import PatientFactory

pytestmark = pytest.mark.django_db


def test_whole_way_from_the_form_to_the_page_one_came_from(client, outbox):
    """pains 40: nobody is signed in before the e-mail address is confirmed; the chosen time survives all of it."""
    target = "/en/me/security/?slot=opaque"
    answer = client.post(reverse("account_signup"), sign_up_data(next=target, sms_agreed="on"))
    assert answer["Location"] == reverse("account_email_verification_sent")
    assert not is_signed_in(client)
    outbox.deliver()
    (mail,) = outbox.mails_to("ada@example.org")
    answer = client.post(reverse("account_email_verification_sent"), {"code": code_in(mail)})
    assert answer["Location"] == target
    assert is_signed_in(client)

    user = User.objects.get(username="ada")
    assert EmailAddress.objects.get(user=user).verified
    assert (user.language, user.time_zone) == ("en", "Europe/Paris")
    profile = user.patient_profile
    assert profile.phone.as_e164 == "+33639981234"
    assert profile.sms_agreed_at is not None
    assert AuditEntry.objects.filter(action="account.opened", object_ref=f"accounts.user:{user.pk}").count() == 1


def test_consents_are_recorded_with_version_time_address_and_language(client):
    client.post("/fr/account/signup/", sign_up_data(), REMOTE_ADDR="192.0.2.7")
    user = User.objects.get(username="ada")
    consents = {consent.version.kind: consent for consent in Consent.objects.filter(user=user)}
    assert set(consents) == {"terms", "personal_data"}
    for consent in consents.values():
        assert (consent.address, consent.language, consent.version.number) == ("192.0.2.7", "fr", "1.0")
        assert abs((consent.accepted_at - user.created_at).total_seconds()) < 60
    assert user.language == "fr"


def test_no_box_is_ticked_beforehand(client):
    page = client.get(reverse("account_signup")).text
    for name in ("agree_terms", "agree_personal_data", "true_identity", "sms_agreed"):
        assert f'name="{name}"' in page
    assert "checked" not in page
    assert "French law" in page


@pytest.mark.parametrize("box", ["agree_terms", "agree_personal_data", "true_identity"])
def test_each_box_is_needed(client, box):
    assert sign_up(client, **{box: None}).status_code == 200
    assert not User.objects.filter(username="ada").exists()


def test_a_version_that_was_not_shown_is_not_agreed_to(client):
    answer = sign_up(client, versions_shown="998-999")
    assert "The terms have changed while you were typing" in answer.text
    assert not User.objects.filter(username="ada").exists()


def test_an_error_loses_nothing_typed_but_passwords(client):
    answer = sign_up(client, phone="not a number", last_name="O'Brien-Nguyen ﷽ 李")
    page = answer.text
    for typed in ("not a number", "O&#x27;Brien-Nguyen ﷽ 李", 'value="27"', 'value="1984"', "ada@example.org"):
        assert typed in page
    assert "a long enough phrase" not in page
    assert page.count("checked") == 4  # the gender and the three boxes


@pytest.mark.parametrize(
    ("born", "now", "zone", "is_of_age"),
    [
        ((24, 11, 2008), datetime(2026, 11, 23, 12, tzinfo=UTC), "Europe/Paris", False),
        ((24, 11, 2008), datetime(2026, 11, 24, 12, tzinfo=UTC), "Europe/Paris", True),
        # The birthday has begun in Auckland, not yet in Los Angeles.
        ((24, 11, 2008), datetime(2026, 11, 23, 12, tzinfo=UTC), "Pacific/Auckland", True),
        ((24, 11, 2008), datetime(2026, 11, 24, 7, 59, tzinfo=UTC), "America/Los_Angeles", False),
        ((24, 11, 2008), datetime(2026, 11, 24, 8, 0, tzinfo=UTC), "America/Los_Angeles", True),
    ],
)
def test_of_age_on_the_birthday_where_the_person_is(client, born, now, zone, is_of_age):
    day, month, year = born
    with time_machine.travel(now, tick=False):
        answer = sign_up(
            client, date_of_birth_day=day, date_of_birth_month=month, date_of_birth_year=year, time_zone=zone
        )
    assert User.objects.filter(username="ada").exists() is is_of_age
    if not is_of_age:
        assert "a legal representative" in answer.text


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("+44 20 7946 0958", "+442079460958"),
        ("0033 6 39 98 12 34", "+33639981234"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("+1 (202) 555-0123", "+12025550123"),
        ("+971 4 555 1234", "+97145551234"),
        ("+55 11 98765-4321", "+5511987654321"),
    ],
)
def test_phones_of_any_country_as_people_write_them(client, typed, stored):
    sign_up(client, phone=typed)
    assert PatientProfile.objects.get().phone.as_e164 == stored


@pytest.mark.parametrize("typed", ["0612345678", "+33 6 12", "+999 123456789", "phone", "+33612345678901234"])
def test_what_is_no_international_number_is_refused_with_a_hint(client, typed):
    answer = sign_up(client, phone=typed)
    assert "+33" in answer.text
    assert not User.objects.filter(username="ada").exists()


@pytest.mark.parametrize("field", ["first_name", "username", "email"])
def test_a_sign_that_no_database_stores_is_refused_kindly(client, field):
    assert sign_up(client, **{field: "a\x00b@example.org"}).status_code == 200
    assert User.objects.count() == 0


def test_robots_that_fill_the_hidden_field_get_no_account(client, outbox):
    """pains 40: a honeypot, no third-party captcha."""
    answer = sign_up(client, website="https://spam.example")
    assert answer.status_code == 302
    outbox.deliver()
    assert (User.objects.count(), outbox.mails) == (0, [])


def test_sign_ups_per_address_are_limited(client):
    """pains 40: caps per address."""
    statuses = [sign_up(client, username=f"ada{n}", email=f"ada{n}@example.org").status_code for n in range(22)]
    assert statuses[:20] == [302] * 20
    assert statuses[20:] == [429, 429]


def test_an_address_that_has_an_account_gets_the_same_answer_and_another_mail(client_of, outbox):
    """Who has an account is not revealed: the pages are the same, the mailbox is told."""
    PatientFactory(username="there", email="there@example.org")
    pages = []
    for email, username in (("there@example.org", "x1x"), ("new@example.org", "x2x")):
        browser = client_of()
        answer = sign_up(browser, email=email, username=username)
        pages.append((answer.status_code, answer["Location"], tidy(browser.get(answer["Location"]).text, email)))
    assert pages[0] == pages[1]
    outbox.deliver()
    assert "already" in body_of(outbox.mails_to("there@example.org")[0])
    assert User.objects.count() == 2


def tidy(page: str, email: str) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", page.replace(email, "EMAIL"))


def test_user_name_must_be_free_and_no_address(client):
    PatientFactory(username="Taken")
    assert "Somebody uses this name already" in sign_up(client, username="taken").text
    assert "Choose another user name" in sign_up(client, username="someone@example.org").text


def test_code_can_be_sent_again_and_wrong_ones_run_out(client, outbox):
    sign_up(client)
    with time_machine.travel(datetime.now(tz=UTC).timestamp() + 60, tick=True):
        client.post(reverse("account_email_verification_sent"), {"action": "resend"})
        outbox.deliver()
        first, second = outbox.mails_to("ada@example.org")
        assert code_in(first) != code_in(second)
        answer = client.post(reverse("account_email_verification_sent"), {"code": code_in(first)})
        assert "This code is not right" in answer.text
        for _ in range(4):
            answer = client.post(reverse("account_email_verification_sent"), {"code": "WRONG"})
        assert answer["Location"] == reverse("account_login")
        client.post(reverse("account_email_verification_sent"), {"code": code_in(second)})
    assert not is_signed_in(client)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_next_never_leads_elsewhere(client, outbox, target):
    client.post(reverse("account_signup"), sign_up_data(next=target))
    outbox.deliver()
    answer = client.post(reverse("account_email_verification_sent"), {"code": code_in(outbox.mails[0])})
    assert answer["Location"] == "/en/"


def test_zone_of_the_browser_is_proposed(client):
    client.cookies["tz"] = "Asia/Kathmandu"
    assert '<option value="Asia/Kathmandu" selected>' in client.get(reverse("account_signup")).text
    client.cookies["tz"] = "Moon/Base"
    assert '<option value="UTC" selected>' in client.get(reverse("account_signup")).text

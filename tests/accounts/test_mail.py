"""Mails about accounts: rows, sealed, forgotten (pains 39 and 42)."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from accounts import services
from accounts.models import AccountMail
from accounts.tasks import blank_account_mails
from medicaim.common.crypto import InvalidToken, seal, unseal
from medicaim.notifications.models import Message
from tests.accounts.helpers import body_of, code_in, sign_up
from tests.support.factories import PatientFactory
from tests.support.html import assert_sound

pytestmark = pytest.mark.django_db


def test_sign_up_opens_no_connection_to_a_mail_server(client, outbox, enqueued):
    """pains 39: the page answers with the mail server down; the mail goes later."""
    assert sign_up(client).status_code == 302
    assert outbox.mails == []
    message = Message.objects.get(event="accounts.sign_up_code")
    assert message.state == "queued"
    assert enqueued.named("medicaim.notifications.tasks.deliver_message") == [(message.pk,)]


def whole_database() -> str:
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("accounts_", "notifications_", "common_")):
                cursor.execute(f"SELECT * FROM {table}")
                found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)


def test_code_is_not_readable_in_the_database_and_gone_once_sent(client, outbox):
    """pains 42: secrets are not stored in clear."""
    sign_up(client)
    assert AccountMail.objects.get().sealed
    outbox.deliver()
    assert code_in(outbox.mails[0]) not in whole_database()
    assert blank_account_mails() == 1
    assert AccountMail.objects.get().sealed == ""
    assert blank_account_mails() == 0


def test_link_is_not_readable_in_the_database(client, outbox):
    PatientFactory(email="ada@example.org")
    client.post(reverse("account_reset_password"), {"email": "ada@example.org"})
    outbox.deliver()
    key = re.search(r"/key/([^/]+)/", body_of(outbox.mails[0])).group(1)
    assert key not in whole_database()


def test_a_mail_that_ran_out_is_not_sent(client, outbox):
    sign_up(client)
    late = timezone.now() + timedelta(hours=2)
    AccountMail.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    outbox.deliver(now=late)
    assert outbox.mails == []
    assert Message.objects.get().state == "stale"
    assert blank_account_mails() == 1


def test_seals_are_for_one_purpose_and_survive_a_new_key(settings):
    sealed = seal("secret words", purpose="mail")
    assert unseal(sealed, purpose="mail") == "secret words"
    with pytest.raises(InvalidToken):
        unseal(sealed, purpose="second-factor")
    old, settings.SECRET_KEY = settings.SECRET_KEY, "n" * 60
    with pytest.raises(InvalidToken):
        unseal(sealed, purpose="mail")
    settings.SECRET_KEY_FALLBACKS = [old]
    assert unseal(sealed, purpose="mail") == "secret words"


WORDS = {
    "sign_up_code": {"code": "ABC-DEF", "email": "ada@example.org"},
    "email_code": {"code": "ABC-DEF", "email": "ada@example.org"},
    "account_exists": {"email": "ada@example.org"},
    "unknown_account": {"email": "ada@example.org"},
    "password_reset": {"url": "http://testserver/x/", "username": "ada"},
    "alarm_link": {"url": "http://testserver/x/"},
    "alarm_reset": {"url": "http://testserver/x/"},
    "security_change": {
        "change": "email_changed",
        "from_email": "old@example.org",
        "to_email": "ada@example.org",
        "address": "192.0.2.1",
        "browser": "Browser <script>alert(1)</script>",
        "at": "2026-11-24T10:00:00+00:00",
    },
}


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
@pytest.mark.parametrize("kind", WORDS)
def test_each_mail_in_each_language(kind, language, outbox, settings):
    user = PatientFactory(email="ada@example.org", language=language, first_name="L'Ada & Co")
    with translation.override("en"):
        services.queue_account_mail(kind=kind, email=user.email, user=user, context=WORDS[kind])
    outbox.deliver()
    (mail,) = outbox.mails
    text, html = body_of(mail), mail.get_body(("html",)).get_content()
    assert mail["Content-Language"] == language
    assert settings.CARETEAM_EMAIL in text
    assert "<" not in re.sub(r"<script>alert\(1\)</script>", "", text)
    assert "<script" not in html
    assert "\n\n\n\n" not in text
    assert_sound(html, is_email=True)
    for value in WORDS[kind].values():
        if value.startswith(("ABC", "http")):
            assert value in text
            assert value in html
    if kind in ("account_exists", "security_change", "password_reset"):
        assert f"/{language}/somebody-used-my-account/" in text


@pytest.mark.parametrize(
    "change",
    [
        "password_changed",
        "email_deleted",
        "email_confirm",
        "totp_activated",
        "totp_deactivated",
        "webauthn_added",
        "webauthn_removed",
        "recovery_codes_generated",
    ],
)
def test_each_change_has_words_of_its_own(change, outbox, patient):
    words = {**WORDS["security_change"], "change": change}
    services.queue_account_mail(kind="security_change", email=patient.email, user=patient, context=words)
    outbox.deliver()
    assert outbox.mails[0]["Subject"] != "Your account was changed"


def test_a_mail_to_another_address_goes_there_in_the_readers_language(outbox, patient):
    patient.language = "fr"
    patient.save(update_fields=["language"])
    EmailAddress.objects.filter(user=patient).update(verified=True)
    services.queue_account_mail(
        kind="email_code", email="new@example.org", user=patient, context={"code": "ABC-DEF", "email": "x"}
    )
    outbox.deliver()
    (mail,) = outbox.mails_to("new@example.org")
    assert mail["Content-Language"] == "fr"

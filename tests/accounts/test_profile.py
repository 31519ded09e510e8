"""One's own data (Rules 9, points 2 and 6)."""

import pytest
import time_machine
from django.urls import reverse

from medicaim.common.models import AuditEntry
from tests.accounts.helpers import NEW_PASSWORD, body_of, sign_in
from tests.support.factories import PASSWORD, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db


def data(**changes):
    return {
        "first_name": "Zoë",
        "last_name": "d'Exemple",
        "date_of_birth_day": "3",
        "date_of_birth_month": "2",
        "date_of_birth_year": "1970",
        "gender": "other",
        "phone": "+44 20 7946 0958",
        "language": "en",
        "time_zone": "Europe/London",
        **changes,
    }


def test_every_datum_can_be_corrected(client, patient):
    client.force_login(patient)
    assert client.post(reverse("accounts:profile"), data(sms_agreed="on"))["Location"] == "/en/me/profile/"
    patient.refresh_from_db()
    profile = patient.patient_profile
    profile.refresh_from_db()
    assert (patient.first_name, patient.last_name, patient.time_zone) == ("Zoë", "d'Exemple", "Europe/London")
    assert (profile.date_of_birth.isoformat(), profile.gender, profile.phone.as_e164) == (
        "1970-02-03",
        "other",
        "+442079460958",
    )
    assert profile.sms_agreed_at is not None
    assert AuditEntry.objects.filter(action="profile.changed", actor=patient).count() == 1
    assert "+44 20 7946 0958" in client.get(reverse("accounts:profile")).text


def test_agreement_to_sms_keeps_its_first_time_and_can_be_withdrawn(client, patient):
    client.force_login(patient)
    client.post(reverse("accounts:profile"), data(sms_agreed="on"))
    patient.patient_profile.refresh_from_db()
    first = patient.patient_profile.sms_agreed_at
    with time_machine.travel(first.timestamp() + 3600):
        client.post(reverse("accounts:profile"), data(sms_agreed="on"))
    patient.patient_profile.refresh_from_db()
    assert patient.patient_profile.sms_agreed_at == first
    client.post(reverse("accounts:profile"), data())
    patient.patient_profile.refresh_from_db()
    assert patient.patient_profile.sms_agreed_at is None


def test_pages_and_mails_follow_the_language(client, outbox):
    patient = PatientFactory(username="ada", email="ada@example.org")
    client.force_login(patient)
    assert client.post(reverse("accounts:profile"), data(language="fr"))["Location"] == "/fr/me/profile/"
    client.post(reverse("account_logout"))
    assert sign_in(client, "ada", PASSWORD)["Location"] == "/fr/"
    # Even on an English page the mail is in the language of its reader.
    client.post(
        "/en/account/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )
    outbox.deliver()
    mail = outbox.mails_to("ada@example.org")[-1]
    assert mail["Content-Language"] == "fr"
    assert "/fr/somebody-used-my-account/" in body_of(mail)


def test_under_age_stays_refused(client, patient):
    client.force_login(patient)
    page = client.post(reverse("accounts:profile"), data(date_of_birth_year="2024")).text
    assert "You must be 18 or older" in page
    assert 'value="Zoë"' in page


def test_nonsense_is_refused_without_a_crash(client, patient):
    client.force_login(patient)
    for wrong in (
        {"time_zone": "Moon/Base"},
        {"language": "xx"},
        {"gender": "x"},
        {"first_name": "a\x00"},
        {"date_of_birth_day": "31", "date_of_birth_month": "2"},
        {"date_of_birth_year": "٢٠"},
        {"phone": "+" + "9" * 39},
    ):
        assert "error-summary" in client.post(reverse("accounts:profile"), data(**wrong)).text, wrong


def test_somebody_without_a_profile_gets_one(client):
    user = UserFactory()
    client.force_login(user)
    assert client.get(reverse("accounts:profile")).status_code == 200
    client.post(reverse("accounts:profile"), data())
    user.refresh_from_db()
    assert user.is_patient

"""Versions of the terms (Rules 1, point 3)."""

import hashlib
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.errors import TermsPublished
from accounts.models import Consent, TermsText, TermsVersion
from accounts.services.terms import Text
from medicaim.common.models import AuditEntry
from tests.support.factories import PatientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def new_version(careteam):
    return services.publish_terms(
        kind="terms",
        number="1.1",
        texts=[
            Text("fr", "## Nouveau\nTexte nouveau.", "Un délai de 48 heures."),
            Text("en", "## New\nNew text.", "An answer within 48 hours."),
        ],
        published_at=timezone.now() - timedelta(minutes=1),
        actor=careteam,
    )


def test_first_versions_are_there_in_both_languages():
    for version in TermsVersion.objects.all():
        assert set(version.texts.values_list("language", flat=True)) == {"fr", "en"}
    for text in TermsText.objects.all():
        assert text.sha256 == hashlib.sha256(text.body.encode()).hexdigest()
        assert len(text.body) > 1500


@pytest.mark.parametrize(("page", "words"), [("terms", "General terms"), ("privacy", "Processing of personal data")])
def test_public_pages_say_that_the_french_text_binds(client, page, words):
    english = client.get(f"/en/{page}/").text
    assert f"<h1>{words}</h1>" in english
    assert "The French text alone is binding" in english
    assert f'href="/fr/{page}/"' in english
    french = client.get(f"/fr/{page}/").text
    assert 'lang="fr">' in french
    assert "Lire le texte français" not in french


def test_older_versions_stay_readable(client, new_version):
    assert "New text." in client.get("/en/terms/").text
    page = client.get("/en/terms/versions/").text
    assert "/en/terms/versions/terms/1.0/" in page
    old = client.get("/en/terms/versions/terms/1.0/").text
    assert "no longer in force" in old
    assert client.get("/en/terms/versions/terms/9.9/").status_code == 404


def test_reserved_page_asks_for_a_new_version_first_and_comes_back(client, patient, new_version):
    client.force_login(patient)
    answer = client.get("/en/me/dependants/?a=1")
    assert answer["Location"] == "/en/me/terms/?next=/en/me/dependants/%3Fa%3D1"
    page = client.get(answer["Location"]).text
    assert "An answer within 48 hours." in page
    assert "checked" not in page
    assert 'name="agree_personal_data"' not in page
    data = {"agree_terms": "on", "versions_shown": str(new_version.pk), "next": "/en/me/dependants/?a=1"}
    assert client.post("/en/me/terms/", data, REMOTE_ADDR="192.0.2.9")["Location"] == "/en/me/dependants/?a=1"
    consent = Consent.objects.get(user=patient, version=new_version)
    assert (consent.address, consent.language) == ("192.0.2.9", "en")
    assert client.get("/en/me/dependants/").status_code == 200


def test_without_the_box_nothing_is_agreed_to(client, patient, new_version):
    client.force_login(patient)
    assert client.post("/en/me/terms/", {"versions_shown": str(new_version.pk)}).status_code == 200
    assert not Consent.objects.filter(version=new_version).exists()


def test_refusing_leaves_public_pages_own_data_and_the_way_out(client, patient, new_version):
    client.force_login(patient)
    for path in ("/en/", "/en/terms/", "/en/me/profile/", "/en/me/security/", "/en/account/email/", "/en/account/2fa/"):
        assert client.get(path).status_code == 200, path
    assert client.get("/en/me/dependants/add/").status_code == 302
    assert client.post(reverse("account_logout")).status_code == 302


def test_a_form_that_was_sent_is_told_that_nothing_was_sent(client, patient, new_version):
    client.force_login(patient)
    answer = client.post("/en/me/dependants/add/", {}, headers={"Referer": "http://testserver/en/me/dependants/add/"})
    assert answer["Location"].startswith("/en/me/terms/?next=/en/me/dependants/add/")
    assert "Nothing was sent yet" in client.get(answer["Location"]).text
    data = {
        "agree_terms": "on",
        "versions_shown": str(new_version.pk),
        "next": "/en/me/dependants/add/",
    }
    assert client.post("/en/me/terms/", data)["Location"] == "/en/me/dependants/add/"


def test_the_question_costs_one_query(client, patient):
    client.force_login(patient)
    client.get("/en/me/dependants/")
    with CaptureQueriesContext(connection) as captured:
        client.get("/en/me/dependants/")
    assert sum("accounts_termsversion" in query["sql"] for query in captured) == 1


def test_a_version_of_the_future_asks_nobody(client, patient, careteam):
    services.publish_terms(
        kind="terms",
        number="2.0",
        texts=[Text("fr", "Demain.")],
        published_at=timezone.now() + timedelta(days=1),
        actor=careteam,
    )
    client.force_login(patient)
    assert client.get("/en/me/dependants/").status_code == 200
    assert client.get("/en/terms/versions/terms/2.0/").status_code == 404


def test_published_versions_are_new_and_have_a_french_text(careteam):
    with pytest.raises(TermsPublished):
        services.publish_terms(
            kind="terms", number="1.0", texts=[Text("fr", "x")], published_at=timezone.now(), actor=careteam
        )
    with pytest.raises(ValueError, match="French"):
        services.publish_terms(
            kind="terms", number="1.2", texts=[Text("en", "x")], published_at=timezone.now(), actor=careteam
        )
    assert AuditEntry.objects.filter(action="terms.published").count() == 0


def test_one_consent_per_version_in_the_database_too():
    patient = PatientFactory()
    version = TermsVersion.objects.first()
    services.accept_terms(user=patient, versions=[version], address=None, language="fr")
    assert Consent.objects.get(user=patient, version=version).language == "en"
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.create(user=patient, version=version, language="en")


def test_who_reads_a_language_without_a_text_agrees_to_the_french_one(client, patient, new_version):
    client.force_login(patient)
    page = client.get("/ar/terms/").text
    assert "Texte nouveau." in page
    assert 'dir="auto" lang="fr"' in page
    client.post("/ar/me/terms/", {"agree_terms": "on", "versions_shown": str(new_version.pk)})
    assert Consent.objects.get(user=patient, version=new_version).language == "fr"

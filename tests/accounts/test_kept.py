"""What was typed is not lost when the session ran out or the terms changed."""

import pytest
from django.urls import reverse

from accounts.models import Dependant
from tests.support.factories import PatientFactory
from tests.support.html import parse

pytestmark = pytest.mark.django_db

ADD = "/en/me/dependants/add/"
TYPED = {
    "first_name": "Zoé <b>",
    "last_name": "Exemple",
    "date_of_birth_day": "3",
    "date_of_birth_month": "2",
    "date_of_birth_year": "2020",
    "gender": "female",
    "relation": "child",
    "authority": "I am her mother, see the family record",
}


def send_signed_out(client) -> str:
    return client.post(ADD, TYPED)["Location"]


def test_a_form_sent_after_the_session_ended_is_offered_again_and_arrives(client):
    unsent = reverse("accounts:unsent")
    assert send_signed_out(client) == f"/en/account/login/?next={unsent}"
    patient = PatientFactory()
    client.force_login(patient)
    page = client.get(unsent)
    assert f'action="{ADD}"' in page.text
    assert "I am her mother, see the family record" in page.text
    assert 'value="Zoé &lt;b&gt;"' in page.text
    assert client.post(ADD, TYPED).status_code == 302
    assert Dependant.objects.get(representative=patient).first_name == "Zoé <b>"
    assert client.get(unsent)["Location"] == "/en/"


def test_it_can_be_dropped(client):
    send_signed_out(client)
    client.force_login(PatientFactory())
    unsent = reverse("accounts:unsent")
    assert client.post(unsent)["Location"] == "/en/"
    assert client.get(unsent)["Location"] == "/en/"
    assert Dependant.objects.count() == 0


def test_secrets_and_heaps_are_not_kept(client):
    for typed in ({**TYPED, "password": "x"}, {**TYPED, "authority": "a" * 20_000}, {}):
        answer = client.post(ADD, typed, headers={"Referer": f"http://testserver{ADD}"})
        assert answer["Location"] == f"/en/account/login/?next={ADD}"
        assert "kept_form" not in client.session


def test_another_person_at_the_same_browser_does_not_get_it(client):
    client.force_login(PatientFactory())
    client.logout()
    send_signed_out(client)
    client.force_login(PatientFactory())
    client.logout()
    client.force_login(PatientFactory())
    assert client.get(reverse("accounts:unsent")).status_code == 302


def test_a_form_with_an_old_token_can_be_sent_again_from_the_page_that_says_so(client_of):
    """Signing in in another tab changes the token: the words are on the page, and their second sending arrives."""
    patient = PatientFactory()
    client = client_of(patient)
    client.handler.enforce_csrf_checks = True
    client.get(ADD)
    refused = client.post(ADD, {**TYPED, "csrfmiddlewaretoken": "old"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert refused.status_code == 403
    assert "I am her mother, see the family record" in refused.text
    form = next(form for form in parse(refused.text).iter("form") if form.get("action") == ADD)
    fields = {field.get("name"): field.get("value") for field in form.iter("input")}
    assert {name: fields[name] for name in TYPED} == TYPED
    assert client.post(ADD, fields).status_code == 302
    assert Dependant.objects.get(representative=patient).last_name == "Exemple"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", None])
def test_what_another_site_sends_is_not_shown_and_gets_no_token(client_of, site):
    client = client_of(PatientFactory())
    client.handler.enforce_csrf_checks = True
    headers = {"Sec-Fetch-Site": site} if site else {}
    refused = client.post(ADD, TYPED, headers=headers)
    assert refused.status_code == 403
    assert "family record" not in refused.text
    assert "csrfmiddlewaretoken" not in refused.text

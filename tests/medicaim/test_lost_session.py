"""A form that is sent after the session ended, and addresses that only forms use."""

import pytest

from tests.support.factories import PatientFactory, make_open_provider

pytestmark = pytest.mark.django_db

PAGE = "http://testserver/en/find-care/?q=knee"


def test_a_form_sent_without_a_session_comes_back_to_its_page(client):
    """Not to the form's own address: that one answers no GET. What it said is kept: tests/accounts/test_kept.py."""
    answer = client.post("/en/saved-searches/save/", {}, headers={"Referer": PAGE})
    assert answer["Location"] == "/en/account/login/?next=/en/find-care/%3Fq%3Dknee"
    page = client.get(answer["Location"])
    assert "Nothing was sent: you are signed out." in page.content.decode()


@pytest.mark.parametrize("before", ["", "https://elsewhere.example/en/find-care/", "nonsense", "javascript:alert(1)"])
def test_without_a_page_of_ours_before_the_address_is_kept(client, before):
    answer = client.post("/en/request/new/?slot=x", {}, headers={"Referer": before})
    assert answer["Location"] == "/en/account/login/?next=/en/request/new/%3Fslot%3Dx"


def test_a_page_asked_for_without_a_session_keeps_its_address(client):
    answer = client.get("/en/my/appointments/?page=2", headers={"Referer": PAGE})
    assert answer["Location"] == "/en/account/login/?next=/en/my/appointments/%3Fpage%3D2"
    assert "Nothing was sent" not in client.get(answer["Location"]).content.decode()


def test_an_address_for_forms_only_says_so_in_words(client):
    opened = make_open_provider()
    client.force_login(opened.owner)
    answer = client.get(f"/fr/workspace/{opened.provider.public_id}/page/publish/")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "rien n’a été modifié" in answer.content.decode().lower().replace("'", "’")


def test_the_page_for_405_takes_nothing_from_machines(client):
    client.force_login(PatientFactory())
    assert client.head("/en/saved-searches/save/").content == b""
    assert client.post("/healthz").status_code == 405

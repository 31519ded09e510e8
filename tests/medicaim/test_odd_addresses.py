"""Addresses that nobody types by accident: a NUL in them, which PostgreSQL cannot even look for."""

import pytest

from tests.support.factories import CareteamFactory, PatientFactory, make_open_provider

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "request/a%00b/",
        "terms/versions/terms/1%00/",
        "terms/versions/%00/1/",
        "me/dependants/%00/",
        "my/appointments/%00/",
        "my/appointments/%00/cancel/",
        "workspace/appointments/%00/",
        "workspace/calendar/%00/",
    ],
)
def test_a_nul_in_an_address_is_a_page_that_does_not_exist(client, path):
    opened = make_open_provider(owner=PatientFactory())
    client.force_login(opened.owner)
    assert client.get(f"/en/{path}").status_code == 404


def test_a_nul_in_an_address_of_a_form(client):
    client.force_login(PatientFactory())
    assert client.post("/en/saved-searches/%00/delete/").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/en/find-care/?words=a%00b",
        "/en/find-care/?a%00b=1",
        "/en/find-care/?words=%%00",
        "/en/account/login/?next=%00",
        "/en/nowhere/?x=%00",
        "/healthz?x=%00",
    ],
)
def test_a_nul_in_a_query_is_a_page_that_does_not_exist(client, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert "We cannot find this page" in answer.text
    assert "Content-Security-Policy" in answer.headers


def test_a_nul_in_what_names_a_timetable(client):
    opened = make_open_provider()
    client.force_login(opened.owner)
    week = f"/en/workspace/{opened.provider.public_id}/hours/{opened.practitioner.public_id}/week/"
    assert client.get(f"{week}?place=x%00").status_code == 404
    assert client.get(f"{week}?place={opened.location.public_id}&service=x%00").status_code == 404


def test_a_nul_in_a_filter_of_the_careteam(client):
    """PostgreSQL answers such a look-up with an error: the admin hands it over as it was typed."""
    client.force_login(CareteamFactory())
    assert client.get("/en/careteam/bookings/appointment/?state__exact=%00").status_code == 404
    assert client.get("/en/careteam/bookings/appointment/?state__exact=confirmed").status_code == 200


def test_what_only_looks_like_a_nul_is_read(client):
    assert client.get("/en/find-care/?words=%2500").status_code == 200

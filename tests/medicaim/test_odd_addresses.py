"""Addresses that nobody types by accident: a NUL in them, which PostgreSQL cannot even look for."""

import pytest

from tests.support.factories import PatientFactory, make_open_provider

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


def test_a_nul_in_what_names_a_timetable(client):
    opened = make_open_provider()
    client.force_login(opened.owner)
    week = f"/en/workspace/{opened.provider.public_id}/hours/{opened.practitioner.public_id}/week/"
    assert client.get(f"{week}?place=x%00").status_code == 404
    assert client.get(f"{week}?place={opened.location.public_id}&service=x%00").status_code == 404

"""The sheet that a patient takes along to a confirmed appointment."""

import sys

import pytest
import time_machine
from django.urls import reverse
from django.utils import translation

from bookings import services
from medicaim.common import pdf
from providers.models import Location
from tests.common.test_pdf import read, words_of
from tests.support.factories import PatientFactory, make_open_provider
from tests.support.html import parse

from .support import NOW, ask, confirm

pytestmark = pytest.mark.django_db
ACCESS = "Lift <script>alert(1)</script> at the left & ring twice."


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def made():
    made = make_open_provider(
        name="Oncology Centre",
        practitioner={"name": "Dr <b>Mallory</b>"},
        location={"name": "North Pavilion", "address": "12 rue des Lilas", "city": "Paris"},
        service={"name_en": "Tumour board", "name_fr": "Tumour board"},
    )
    Location.objects.filter(pk=made.location.pk).update(access=ACCESS, step_free=True)
    return made


@pytest.fixture
def alice():
    return PatientFactory(first_name="Alice", language="fr", time_zone="America/New_York")


def sheet_url(appointment, language="en") -> str:
    with translation.override(language):
        return reverse("bookings:appointment_sheet", args=[appointment.public_id])


def sheet(client, appointment, language="en"):
    response = client.get(sheet_url(appointment, language))
    assert response.status_code == 200, response
    return response


def test_the_sheet_says_when_where_with_whom_and_whom_to_ask(made, alice, client_of, settings):
    appointment = confirm(made, alice)
    words = words_of(sheet(client_of(alice), appointment).content)

    for said in (
        appointment.public_id,
        "Thursday, 14 January 2027, 10:00–10:",
        "Paris time, UTC+1",
        "04:00–04:",
        "New York time, UTC−5",
        "Oncology Centre",
        "Dr <b>Mallory</b>",
        "North Pavilion",
        "12 rue des Lilas, Paris, France",
        ACCESS,
        "Step-free access",
        alice.get_full_name(),
        "Passport or identity card",
        f"/en/my/appointments/{appointment.public_id}/",
        settings.CARETEAM_EMAIL,
        "112",
    ):
        assert said in words, said


def test_a_sheet_that_lies_about_names_no_service_and_no_subject(made, alice, client_of):
    """As e-mails do: the word of health stands on the page, behind a sign-in, and not in the name of the file."""
    response = sheet(client_of(alice), confirm(made, alice))
    words = words_of(response.content)

    assert "Tumour" not in words
    assert "sore knee" not in words
    assert response.headers["Content-Disposition"] == 'attachment; filename="appointment-2027-01-14.pdf"'


@pytest.mark.parametrize(
    ("language", "title", "date", "filename"),
    [
        ("fr", "À emporter avec vous", "jeudi 14 janvier 2027", 'attachment; filename="rendez-vous-2027-01-14.pdf"'),
        ("ar", "خذ هذه الورقة معك", "يناير", "attachment; filename*=utf-8''%D9%85%D9%88%D8%B9%D8%AF-2027-01-14.pdf"),
    ],
)
def test_the_sheet_speaks_the_language_of_the_page(made, alice, client_of, language, title, date, filename):
    response = sheet(client_of(alice), confirm(made, alice), language)

    assert read(response.content).trailer["/Root"]["/Lang"] == language
    assert read(response.content).metadata.title == title
    assert title in words_of(response.content)
    assert date in words_of(response.content)
    assert response.headers["Content-Disposition"] == filename
    assert len(read(response.content).pages) == 1


def test_nobody_on_the_way_keeps_it(made, alice, client_of):
    response = sheet(client_of(alice), confirm(made, alice))

    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Content-Type"] == "application/pdf"


def test_it_is_for_its_patient_alone(made, alice, client_of):
    appointment = confirm(made, alice)

    assert client_of(PatientFactory()).get(sheet_url(appointment)).status_code == 404
    assert client_of(made.owner).get(sheet_url(appointment)).status_code in (403, 404)
    assert "/account/login/" in client_of().get(sheet_url(appointment)).headers["Location"]


def test_only_what_is_confirmed_has_a_sheet(made, alice, client_of):
    asked = ask(made, alice)
    client = client_of(alice)
    with translation.override("en"):
        page = reverse("bookings:appointment", args=[asked.public_id])
    links = {link.get("href") for link in parse(client.get(page).text).iter("a")}
    assert sheet_url(asked) not in links
    assert client.get(sheet_url(asked)).headers["Location"] == page

    services.accept_request(appointment=asked, actor=made.owner)
    links = {link.get("href") for link in parse(client.get(page).text).iter("a")}
    assert sheet_url(asked) in links

    services.cancel_appointment(appointment=asked, actor=alice)
    assert client.get(sheet_url(asked)).headers["Location"] == page


class WithoutPango:
    """Importing WeasyPrint ends as it does where the libraries are not there."""

    def find_spec(self, name, path, target=None):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")


def test_without_what_draws_documents_the_page_says_so(made, alice, client_of, monkeypatch):
    """A machine without Pango: the page answers, and says that everything stands on it."""
    appointment = confirm(made, alice)
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [WithoutPango(), *sys.meta_path])
    response = client_of(alice).get(sheet_url(appointment), follow=True)

    assert response.status_code == 200
    assert str(pdf.DocumentNotMade.message) in response.text

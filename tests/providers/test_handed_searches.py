"""A search that a patient hands to the careteam (Rules 2, point 1)."""

import pytest
from django.urls import reverse

from medicaim.common.models import AuditEntry
from providers.models import HandedSearch, SavedSearch
from providers.saved_searches import MAX_OPEN_SEARCHES
from tests.support.factories import CareteamFactory, PatientFactory, make_open_provider
from tests.support.html import parse

pytestmark = pytest.mark.django_db
ASK = "providers:ask_careteam"
KEPT = "providers:saved_searches"


@pytest.fixture
def alice():
    return PatientFactory(first_name="Alice", language="en")


@pytest.fixture
def hers(client_of, alice):
    return client_of(alice)


@pytest.fixture
def desk(client_of):
    return client_of(CareteamFactory())


def hand_over(browser, name="Oncology in Lisbon", query="q=oncology&city=Lisbon"):
    return browser.post(reverse(ASK), {"name": name, "query": query})


def answer(desk, handed, **data):
    return desk.post(reverse("admin:providers_handedsearch_change", args=[handed.pk]), data)


def words(mail):
    return " ".join(mail.get_body(("plain",)).get_content().split())


def test_a_kept_search_has_the_button_that_hands_it_over(hers, alice, outbox):
    SavedSearch.objects.create(user=alice, name="Oncology in Lisbon", query="q=oncology&city=Lisbon")
    page = hers.get(reverse(KEPT))
    assert "Ask our team to search for me" in page.text
    assert "Our team reads this search" in page.text
    (form,) = [form for form in parse(page.text).iter("form") if form.get("action") == reverse(ASK)]
    fields = {field.get("name"): field.get("value") for field in form.iter("input")}
    assert hers.post(reverse(ASK), fields)["Location"] == reverse(KEPT)
    handed = HandedSearch.objects.get()
    assert (handed.user, handed.name, handed.query) == (alice, "Oncology in Lisbon", "q=oncology&city=Lisbon")
    assert handed.state == "open"
    page = hers.get(reverse(KEPT))
    assert "Our team is searching" in page.text
    assert reverse(ASK) not in page.text  # handed over once is enough
    outbox.deliver()
    (mail,) = outbox.mails
    assert mail["To"] == "careteam@medicaim.example"
    assert "oncology" not in (mail["Subject"] + words(mail)).lower()
    assert reverse("admin:providers_handedsearch_change", args=[handed.pk]) in words(mail)


def test_a_search_that_finds_nothing_can_be_handed_over_at_once(hers, client):
    address = f"{reverse('search')}?q=nothing-like-this"
    button = next(
        button for button in parse(hers.get(address).text).iter("button") if button.get("formaction") == reverse(ASK)
    )
    assert button.get("form") == "save-search"
    assert hand_over(hers, "Nothing", "q=nothing-like-this&evil=1&page=3").status_code == 302
    assert HandedSearch.objects.get().query == "q=nothing-like-this"
    visitor = client.get(address)
    assert reverse(ASK) not in visitor.text
    assert "Sign in to ask our team to search for you" in visitor.text


def test_handing_over_twice_is_once_and_there_is_a_bound(hers):
    for _ in range(2):
        hand_over(hers)
    assert HandedSearch.objects.count() == 1
    for number in range(MAX_OPEN_SEARCHES):
        page = hers.post(reverse(ASK), {"name": "x", "query": f"q=word{number}"}, follow=True)
    assert HandedSearch.objects.count() == MAX_OPEN_SEARCHES
    assert "already searching" in page.text
    assert hers.post(reverse(ASK), {"name": "", "query": "q=x"}).status_code == 422


def test_the_careteam_sees_and_answers_it_and_the_patient_is_told(hers, desk, alice, outbox):
    made = make_open_provider(name="Centro de Oncologia")
    hand_over(hers)
    handed = HandedSearch.objects.get()
    outbox.deliver()
    outbox.clear()
    listed = desk.get(reverse("admin:providers_handedsearch_changelist"), {"state__exact": "open"})
    assert "Oncology in Lisbon" in listed.text
    page = desk.get(reverse("admin:providers_handedsearch_change", args=[handed.pk]))
    assert f"{reverse('search')}?q=oncology&amp;city=Lisbon" in page.text
    assert alice.get_full_name() in page.text

    assert answer(desk, handed, note=" ", suggestion="").status_code == 200
    assert answer(desk, handed, note="They answer in French", suggestion=made.provider.pk).status_code == 302
    handed.refresh_from_db()
    assert (handed.state, handed.note, handed.suggestion) == ("answered", "They answer in French", made.provider)
    assert handed.answered_by.is_staff
    assert AuditEntry.objects.get(action="search.answered").actor == handed.answered_by
    outbox.deliver()
    (mail,) = outbox.mails
    assert mail["To"] == alice.email
    assert "oncolog" not in mail["Subject"].lower()
    assert "They answer" not in words(mail)
    assert reverse(KEPT) in words(mail)
    page = hers.get(reverse(KEPT))
    assert "They answer in French" in page.text
    assert made.provider.public_id in page.text

    answer(desk, handed, note="Something else", suggestion="")
    handed.refresh_from_db()
    assert handed.note == "They answer in French"
    outbox.deliver()
    assert len(outbox.mails) == 1


def test_a_provider_that_is_not_public_is_not_suggested_or_linked(hers, desk):
    made = make_open_provider(state="suspended")
    hand_over(hers)
    handed = HandedSearch.objects.get()
    assert answer(desk, handed, note="", suggestion=made.provider.pk).status_code == 200
    type(made.provider).objects.update(state="active")
    assert answer(desk, handed, note="", suggestion=made.provider.pk).status_code == 302
    assert made.provider.public_id in hers.get(reverse(KEPT)).text
    type(made.provider).objects.update(state="suspended")
    assert made.provider.public_id not in hers.get(reverse(KEPT)).text


def test_nobody_else_sees_it(hers, client_of):
    hand_over(hers)
    handed = HandedSearch.objects.get()
    other = client_of(PatientFactory())
    assert "Oncology in Lisbon" not in other.get(reverse(KEPT)).text
    assert other.get(reverse("admin:providers_handedsearch_change", args=[handed.pk])).status_code == 403

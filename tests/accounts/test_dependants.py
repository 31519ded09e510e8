"""People for whom a patient acts (Rules 1, point 2)."""

from datetime import date

import pytest
from django.urls import reverse

from accounts import services
from accounts.errors import (
    DecisionIncomplete,
    DependantDecided,
    DependantLocked,
    DependantNotApproved,
    EmailNotVerified,
    ProfileMissing,
)
from accounts.models import Dependant
from accounts.queries import bookable_for
from medicaim.common.models import AuditEntry
from tests.accounts.helpers import body_of
from tests.support.factories import PatientFactory, UserFactory

pytestmark = pytest.mark.django_db

CHILD = {
    "first_name": "Léo",
    "last_name": "Exemple",
    "date_of_birth_day": "1",
    "date_of_birth_month": "9",
    "date_of_birth_year": "2018",
    "gender": "male",
    "relation": "child",
    "authority": "Parental authority",
}


def make_dependant(representative, **changes) -> Dependant:
    values = {
        "first_name": "Léo",
        "last_name": "Exemple",
        "date_of_birth": date(2018, 9, 1),
        "gender": "male",
        "relation": "child",
        "authority": "Parental authority",
        **changes,
    }
    return services.add_dependant(representative=representative, actor=representative, **values)


def test_add_wait_be_refused_correct_and_be_approved(client, patient, careteam, client_of, outbox):
    client.force_login(patient)
    assert client.post("/en/me/dependants/add/", CHILD)["Location"] == "/en/me/dependants/"
    dependant = Dependant.objects.get(representative=patient)
    assert "Waiting for our check" in client.get("/en/me/dependants/").text
    assert not bookable_for(patient).exists()

    staff = client_of(careteam)
    staff.post(f"/en/careteam/accounts/dependant/{dependant.pk}/reject/", {"reason": "The page is not readable."})
    assert "The page is not readable." in client.get("/en/me/dependants/").text
    outbox.deliver()
    assert "The page is not readable." in body_of(outbox.mails_to(patient.email)[-1])

    client.post(f"/en/me/dependants/{dependant.public_id}/", {**CHILD, "first_name": "Léon"})
    dependant.refresh_from_db()
    assert (dependant.state, dependant.first_name, dependant.decided_at) == ("pending", "Léon", None)

    staff.post(f"/en/careteam/accounts/dependant/{dependant.pk}/approve/", {"reason": "Family record, seen 24 Nov."})
    dependant.refresh_from_db()
    assert (dependant.state, dependant.proof_seen, dependant.decided_by) == (
        "approved",
        "Family record, seen 24 Nov.",
        careteam,
    )
    outbox.deliver()
    assert "has approved" in body_of(outbox.mails_to(patient.email)[-1])
    assert "Family record" not in body_of(outbox.mails_to(patient.email)[-1])
    assert list(bookable_for(patient)) == [dependant]
    actions = AuditEntry.objects.filter(object_ref=f"accounts.dependant:{dependant.pk}").order_by("pk")
    assert [entry.action for entry in actions] == [
        "dependant.added",
        "dependant.rejected",
        "dependant.changed",
        "dependant.approved",
    ]


def test_nothing_for_a_dependant_before_approval_nor_for_that_of_others(patient, careteam):
    dependant = make_dependant(patient)
    with pytest.raises(DependantNotApproved):
        services.ensure_can_request(patient, dependant)
    services.approve_dependant(dependant=dependant, proof_seen="Seen.", actor=careteam)
    services.ensure_can_request(patient, dependant)
    with pytest.raises(DependantNotApproved):
        services.ensure_can_request(PatientFactory(), dependant)


def test_who_may_request_at_all():
    """pains 40: verified e-mail before a request."""
    services.ensure_can_request(PatientFactory())
    with pytest.raises(EmailNotVerified):
        services.ensure_can_request(PatientFactory(verified=False))
    with pytest.raises(ProfileMissing):
        services.ensure_can_request(UserFactory())


def test_decisions_are_complete_and_final(patient, careteam):
    dependant = make_dependant(patient)
    with pytest.raises(DecisionIncomplete):
        services.approve_dependant(dependant=dependant, proof_seen="  ", actor=careteam)
    with pytest.raises(DecisionIncomplete):
        services.reject_dependant(dependant=dependant, reason="", actor=careteam)
    services.approve_dependant(dependant=dependant, proof_seen="Seen.", actor=careteam)
    with pytest.raises(DependantDecided):
        services.reject_dependant(dependant=dependant, reason="Too late.", actor=careteam)
    with pytest.raises(DependantLocked):
        services.change_dependant(dependant=dependant, changes={"first_name": "Max"}, actor=patient)


def test_approved_one_is_shown_and_cannot_be_changed(client, patient, careteam):
    dependant = make_dependant(patient)
    services.approve_dependant(dependant=dependant, proof_seen="Seen.", actor=careteam)
    client.force_login(patient)
    page = client.post(f"/en/me/dependants/{dependant.public_id}/", {**CHILD, "first_name": "Max"}).text
    assert "can no longer be changed" in page
    dependant.refresh_from_db()
    assert dependant.first_name == "Léo"


def test_of_another_is_not_found(client, patient):
    dependant = make_dependant(PatientFactory())
    client.force_login(patient)
    assert client.get(f"/en/me/dependants/{dependant.public_id}/").status_code == 404
    assert client.get(f"/en/me/dependants/{dependant.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"date_of_birth_year": "1990"}, "This person is of age"),
        ({"relation": "adult_ward"}, "This person is under 18"),
        ({"date_of_birth_year": "2090"}, "A date of birth lies in the past"),
        ({"authority": ""}, "On what you rely"),
    ],
)
def test_what_cannot_be_is_refused_and_kept(client, patient, changes, words):
    client.force_login(patient)
    page = client.post("/en/me/dependants/add/", {**CHILD, **changes}).text
    assert words in page
    assert "error-summary" in page
    assert 'value="Léo"' in page
    assert not Dependant.objects.exists()


def test_adult_under_guardianship(client, patient):
    client.force_login(patient)
    client.post("/en/me/dependants/add/", {**CHILD, "date_of_birth_year": "1950", "relation": "adult_ward"})
    assert Dependant.objects.get().relation == "adult_ward"


def test_patients_cannot_decide(client, patient):
    dependant = make_dependant(patient)
    client.force_login(patient)
    answer = client.post(f"/en/careteam/accounts/dependant/{dependant.pk}/approve/", {"reason": "me"})
    assert answer.status_code == 403
    dependant.refresh_from_db()
    assert dependant.state == "pending"
    assert reverse("accounts:dependants")

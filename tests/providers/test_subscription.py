"""A provider applies, careteam decides: Rules 3, point 1."""

import pytest
from django.urls import reverse

from medicaim.common.models import AuditEntry
from providers import services
from providers.enums import MemberRole, ProviderState
from providers.errors import ContractMissing, WrongState
from providers.models import Provider, Registration
from tests.support.factories import ProviderFactory, UserFactory, make_open_provider

pytestmark = pytest.mark.django_db

APPLICATION = {
    "kind": "practitioner",
    "name": "Dr Alma Exemple",
    "country": "FR",
    "profession": "10",
    "register": "",
    "number": "8 10999990053",
    "contract": "on",
    "ethics": "on",
}


def apply_through_the_site(browser, **changes):
    data = {name: value for name, value in {**APPLICATION, **changes}.items() if value is not None}
    return browser.post(reverse("providers:apply"), data)


def test_application_is_recorded_and_both_sides_are_told(client, user, outbox):
    client.force_login(user)
    answer = apply_through_the_site(client)
    provider = Provider.objects.get()
    assert answer.url == reverse("providers:overview", args=[provider.public_id])
    assert provider.state == ProviderState.APPLIED
    assert provider.contract_accepted_at
    assert provider.ethics_accepted_at
    assert provider.memberships.get().role == MemberRole.OWNER
    assert provider.practitioners.get().profession_id == "10"
    registration = provider.registrations.get()
    assert (registration.register, registration.number) == ("RPPS", "10999990053")
    assert registration.checked_at is None
    outbox.deliver()
    assert {mail["To"] for mail in outbox.mails} == {user.email, "careteam@medicaim.example"}
    assert all("Alma" not in mail["Subject"] + mail.get_body().get_content() for mail in outbox.mails)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"number": "10999990054"}, "RPPS"),
        ({"profession": ""}, "Choose your profession"),
        ({"contract": None}, "membership contract"),
        ({"ethics": None}, "code of ethics"),
        ({"kind": "public", "number": "060016218"}, "FINESS"),
        ({"register": "GMC"}, "GMC"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_the_input_kept(client, user, changes, sentence):
    client.force_login(user)
    answer = apply_through_the_site(client, **changes)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in text
    assert "Dr Alma Exemple" in text
    assert not Provider.objects.exists()


def test_a_number_is_taken_once_until_its_holder_was_refused(client, client_of, careteam):
    client.force_login(UserFactory())
    apply_through_the_site(client)
    other = client_of(UserFactory())
    assert "already registered" in apply_through_the_site(other).content.decode()
    services.end_provider(provider=Provider.objects.get(), reason="Not the holder", actor=careteam)
    assert apply_through_the_site(other).status_code == 302


def test_applications_waiting_are_capped(client, user):
    client.force_login(user)
    for number in ("10999990053", "10999990061", "10999990012"):
        assert apply_through_the_site(client, number=number).status_code == 302
    assert apply_through_the_site(client, number="10999990020").status_code == 422
    assert Provider.objects.count() == 3


def test_a_waiting_provider_is_on_no_public_page(client, client_of, careteam, outbox):
    """pains 43: an unverified provider has 0 public pages; only careteam lets it in."""
    made = make_open_provider(state=ProviderState.APPLIED, name="Dr Nova Exemple")
    address = reverse("providers:page", args=["dr-nova-exemple", made.provider.public_id])
    photo = reverse("providers:photo_file", args=[made.provider.public_id, "2" * 23, ".webp"])
    assert client.get(address).status_code == client.get(photo).status_code == 404
    services.activate_provider(provider=made.provider, actor=careteam)
    assert client.get(address).status_code == 200
    services.suspend_provider(provider=made.provider, reason="Number under review", actor=careteam)
    assert client.get(address).status_code == 404
    assert (
        "Number under review"
        in client_of(made.owner).get(reverse("providers:overview", args=[made.provider.public_id])).content.decode()
    )
    outbox.deliver()
    # Activated is no longer true when it is sent: only the suspension is told.
    assert [mail["To"] for mail in outbox.mails] == [made.owner.email]
    assert "Number under review" in outbox.mails[0].get_body().get_content()


def test_ending_is_final_and_needs_a_reason(careteam):
    provider = ProviderFactory()
    with pytest.raises(WrongState):
        services.end_provider(provider=provider, reason=" ", actor=careteam)
    services.end_provider(provider=provider, reason="Left", actor=careteam)
    with pytest.raises(WrongState):
        services.activate_provider(provider=provider, actor=careteam)
    assert AuditEntry.objects.get(action="provider.ended").actor == careteam


def test_service_refuses_an_application_without_the_undertakings(user):
    with pytest.raises(ContractMissing):
        services.apply_as_provider(
            kind="practitioner",
            name="X",
            country="FR",
            register="RPPS",
            number="10999990053",
            profession=None,
            contract_accepted=True,
            ethics_accepted=False,
            actor=user,
        )


def test_careteam_decides_in_admin_with_a_reason_and_records_a_check(client, careteam):
    made = make_open_provider(state=ProviderState.APPLIED)
    registration = Registration.objects.create(
        provider=made.provider, register="RPPS", country="FR", number="10999990053"
    )
    client.force_login(careteam)
    providers, numbers = reverse("admin:providers_provider_changelist"), "admin:providers_registration_changelist"
    client.post(providers, {"action": "activate", "_selected_action": made.provider.pk})
    made.provider.refresh_from_db()
    assert made.provider.state == ProviderState.ACTIVE
    asked = client.post(providers, {"action": "suspend", "_selected_action": made.provider.pk})
    assert "reason" in asked.content.decode()
    made.provider.refresh_from_db()
    assert made.provider.state == ProviderState.ACTIVE
    client.post(providers, {"action": "suspend", "_selected_action": made.provider.pk, "reason": "Under review"})
    made.provider.refresh_from_db()
    assert (made.provider.state, made.provider.state_reason) == (ProviderState.SUSPENDED, "Under review")
    client.post(
        reverse(numbers),
        {"action": "check_number", "_selected_action": registration.pk, "reason": "Register, name and number"},
    )
    registration.refresh_from_db()
    assert (registration.checked_by, registration.evidence) == (careteam, "Register, name and number")
    client.post(
        reverse(numbers), {"action": "revoke_check", "_selected_action": registration.pk, "reason": "Another person"}
    )
    registration.refresh_from_db()
    assert registration.checked_at is None


def test_mediation_fee_is_careteams_alone(client, careteam):
    made = make_open_provider()
    client.force_login(careteam)
    client.post(
        reverse("admin:providers_provider_change", args=[made.provider.pk]),
        {
            "mediation_fee_bp": 250,
            "name": "Changed",
            "state": "ended",
            **{
                f"{prefix}-{part}": 0
                for prefix in ("registrations", "memberships")
                for part in ("TOTAL_FORMS", "INITIAL_FORMS")
            },
        },
    )
    before = made.provider.name
    made.provider.refresh_from_db()
    assert (made.provider.mediation_fee_bp, made.provider.name, made.provider.state) == (250, before, "active")

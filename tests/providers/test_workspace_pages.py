"""Every page of the workspace, drawn for the roles that may see it."""

import pytest
from django.urls import reverse

from providers.enums import MemberRole, ProviderKind, ProviderState
from tests.support.factories import MembershipFactory, PractitionerFactory, UserFactory, make_open_provider

pytestmark = pytest.mark.django_db

EDITOR_PAGES = [
    "edit_page",
    "preview",
    "practitioners",
    "practitioner_add",
    "locations",
    "location_add",
    "services",
    "service_add",
    "hours",
    "closure_add",
    "opening_add",
    "calendar_add",
]


def url(name, *args):
    return reverse(f"providers:{name}", args=args)


def detail_pages(made):
    page = made.provider.public_id
    return [
        url("practitioner_edit", page, made.practitioner.public_id),
        url("location_edit", page, made.location.public_id),
        url("service_edit", page, made.service.public_id),
        url("week_edit", page, made.practitioner.public_id),
        url("week_edit", page, made.practitioner.public_id) + f"?place={made.location.public_id}",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
def test_owner_sees_every_page(client, language):
    made = make_open_provider(kind=ProviderKind.ESPIC, name="Clinique Exemple")
    PractitionerFactory(provider=made.provider, name="Dr Beta")
    client.force_login(made.owner)
    client.cookies["django_language"] = language
    page = made.provider.public_id
    addresses = [url(name, page) for name in (*EDITOR_PAGES, "overview", "members")] + detail_pages(made)
    for address in addresses:
        answer = client.get(address.replace("/en/", f"/{language}/", 1))
        assert answer.status_code == 200, address
        assert "Clinique Exemple" in answer.content.decode(), address


@pytest.mark.slow
@pytest.mark.parametrize(
    ("role", "editor_status", "owner_status"),
    [(MemberRole.OWNER, 200, 200), (MemberRole.EDITOR, 200, 403), (MemberRole.RECEPTION, 403, 403)],
)
def test_what_each_role_may_open(client_of, role, editor_status, owner_status):
    made = make_open_provider()
    browser = client_of(MembershipFactory(provider=made.provider, role=role).user)
    page = made.provider.public_id
    assert browser.get(url("overview", page)).status_code == 200
    for name in EDITOR_PAGES:
        assert browser.get(url(name, page)).status_code == editor_status, name
    assert browser.get(url("members", page)).status_code == owner_status


@pytest.mark.parametrize(
    ("role", "is_led"), [(MemberRole.OWNER, True), (MemberRole.RECEPTION, True), (MemberRole.EDITOR, False)]
)
def test_the_overview_leads_to_requests_only_who_may_open_them(client_of, role, is_led):
    made = make_open_provider()
    browser = client_of(MembershipFactory(provider=made.provider, role=role).user)
    markup = browser.get(url("overview", made.provider.public_id)).content.decode()
    for name in ("bookings:inbox", "bookings:agenda"):
        assert (browser.get(reverse(name)).status_code == 200) == is_led
        assert (f'href="{reverse(name)}"' in markup) == is_led


def test_a_role_elsewhere_opens_nothing_here(client_of):
    """An owner of one provider who is reception at another passes the table's door, not the view's."""
    mine, other = make_open_provider(), make_open_provider()
    MembershipFactory(provider=other.provider, user=mine.owner, role=MemberRole.RECEPTION)
    browser = client_of(mine.owner)
    assert browser.get(url("edit_page", mine.provider.public_id)).status_code == 200
    assert browser.get(url("edit_page", other.provider.public_id)).status_code == 403
    assert browser.post(url("publish", other.provider.public_id)).status_code == 403


def test_somebody_elses_provider_and_its_parts_do_not_exist(client_of):
    mine, other = make_open_provider(), make_open_provider()
    browser = client_of(mine.owner)
    page, foreign = mine.provider.public_id, other.provider.public_id
    for name in (*EDITOR_PAGES, "overview", "members"):
        assert browser.get(url(name, foreign)).status_code == 404, name
    for name in ("publish", "unpublish", "photo", "photo_remove", "leave"):
        assert browser.post(url(name, foreign)).status_code == 404, name
    # Parts of the other one under one's own address.
    assert browser.get(url("practitioner_edit", page, other.practitioner.public_id)).status_code == 404
    assert browser.get(url("location_edit", page, other.location.public_id)).status_code == 404
    assert browser.get(url("service_edit", page, other.service.public_id)).status_code == 404
    assert browser.get(url("week_edit", page, other.practitioner.public_id)).status_code == 404
    member = other.provider.memberships.get()
    assert browser.post(url("member_remove", page, member.public_id)).status_code == 404


def test_an_ended_provider_is_gone_for_its_team_too(client_of):
    made = make_open_provider(state=ProviderState.ENDED)
    assert client_of(made.owner).get(url("overview", made.provider.public_id)).status_code in (403, 404)


def test_next_step_stands_first_and_leads_on(client):
    made = make_open_provider(published_at=None)
    client.force_login(made.owner)
    text = client.get(url("overview", made.provider.public_id)).content.decode()
    assert text.index("Your next step") < text.index("The way to a page")
    assert "Write who you are and what you do" in text


def test_workspace_leads_to_the_only_page_or_lists_several(client_of):
    made = make_open_provider()
    browser = client_of(made.owner)
    assert browser.get(url("workspace")).url == url("overview", made.provider.public_id)
    second = make_open_provider(owner=made.owner, name="Second Exemple")
    assert second.provider.name in browser.get(url("workspace")).content.decode()


def test_who_is_in_no_team_has_no_workspace_but_may_apply(client_of):
    browser = client_of(UserFactory())
    assert browser.get(url("workspace")).status_code == 403
    assert browser.get(url("apply")).status_code == 200
    assert client_of().get(url("contract")).status_code == 200

"""What a team writes, through the pages: texts, photo, people, places, services, hours, team."""

import io
from datetime import date, time, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image

from providers import services
from providers.enums import MemberRole, ProviderKind
from providers.errors import HoursOverlap, NotOurs
from providers.links import page_url
from providers.models import Closure, ExternalCalendar, ExtraOpening, Membership, Provider, WeeklyHours
from providers.search_index import refresh_search_entries
from providers.services import WeekKey
from tests.support.factories import LocationFactory, ServiceFactory, UserFactory, make_open_provider
from tests.support.html import parse

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(client):
    made = make_open_provider(kind=ProviderKind.PUBLIC)
    client.force_login(made.owner)
    Provider.objects.update(search_stale_since=None)
    return made


def post(client, made, name, data, *args, query=""):
    return client.post(reverse(f"providers:{name}", args=[made.provider.public_id, *args]) + query, data)


def is_stale(made):
    return Provider.objects.get(pk=made.provider.pk).search_stale_since is not None


# --- the page -------------------------------------------------------------------------------------


def page_data(**changes):
    return {"name": "Hôpital Exemple", "languages": ["fr", "de"], "draft_en": "Hello <b>", "draft_fr": "", **changes}


def test_draft_is_seen_by_the_public_only_after_publishing(client, client_of, made):
    public = reverse("providers:page", args=["hopital-exemple", made.provider.public_id])
    assert post(client, made, "edit_page", page_data(then="preview")).url.endswith("/preview/")
    assert is_stale(made)
    preview = client.get(reverse("providers:preview", args=[made.provider.public_id])).content.decode()
    assert "Hello &lt;b&gt;" in preview
    assert "Hello &lt;b&gt;" not in client_of().get(public).content.decode()
    post(client, made, "publish", {})
    assert "Hello &lt;b&gt;" in client_of().get(public).content.decode()
    post(client, made, "unpublish", {})
    assert client_of().get(public).status_code == 404


def test_an_empty_page_is_not_published(client, made):
    Provider.objects.update(published_at=None)
    answer = post(client, made, "edit_page", page_data(draft_en=" ", then="publish"))
    assert "Write a presentation" in client.get(answer.url).content.decode()
    assert Provider.objects.get().published_at is None


def test_state_contract_and_fee_cannot_be_posted(client, made):
    post(client, made, "edit_page", page_data(state="ended", mediation_fee_bp="9", kind="espic", published_at=""))
    provider = Provider.objects.get()
    assert (provider.state, provider.mediation_fee_bp, provider.kind) == ("active", 0, "public")
    assert provider.published_at is not None


def picture(kind="JPEG", size=(1200, 900), **options):
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **options)
    return out.getvalue()


def test_photo_is_made_anew_without_what_the_camera_noted(client, client_of, made):
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    sent = SimpleUploadedFile("a.jpg", picture(exif=exif), "image/jpeg")
    post(client, made, "photo", {"photo": sent})
    provider = Provider.objects.get()
    answer = client_of().get(provider.photo_url)
    content = b"".join(answer.streaming_content)
    assert answer.headers["Content-Type"] == "image/webp"
    assert "immutable" in answer.headers["Cache-Control"]
    assert b"secret place" not in content
    with Image.open(io.BytesIO(content)) as shown:
        assert shown.format == "WEBP"
        assert max(shown.size) == 800
    old = provider.photo_url
    post(client, made, "photo", {"photo": SimpleUploadedFile("b.png", picture("PNG"), "image/png")})
    assert client_of().get(old).status_code == 404
    post(client, made, "photo_remove", {})
    assert not Provider.objects.get().photo


def test_a_photo_is_offered_in_small_files_of_its_size(client, client_of, made):
    """A phone on a weak line gets a portrait of a few kilobytes, the newest format first, and nothing moves."""
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    post(client, made, "photo", {"photo": SimpleUploadedFile("a.jpg", picture(exif=exif), "image/jpeg")})
    provider = Provider.objects.get()
    face = parse(client_of().get(page_url(provider)).text).find(".//picture")
    offered = [(source.get("type"), source.get("srcset").split(", ")) for source in face.iter("source")]
    assert [kind for kind, _files in offered] == ["image/avif", "image/webp"]
    image = face.find("img")
    assert int(image.get("width")) == int(image.get("height")) > 0
    assert image.get("loading") is None  # it stands on top of the page
    for kind, files in offered:
        for file in files:
            address, width = file.split(" ")
            answer = client_of().get(address)
            content = b"".join(answer.streaming_content)
            assert answer.headers["Content-Type"] == kind
            assert b"secret place" not in content
            assert len(content) < 15_000
            with Image.open(io.BytesIO(content)) as shown:
                assert (f"image/{shown.format.lower()}", shown.size) == (kind, (int(width[:-1]),) * 2)


def test_a_photo_from_before_there_were_small_files_is_shown_all_the_same(client, client_of, made):
    post(client, made, "photo", {"photo": SimpleUploadedFile("a.jpg", picture(), "image/jpeg")})
    provider = Provider.objects.get()
    storage, name = provider.photo.storage, provider.photo.name
    small = f"{name.removesuffix('.webp')}-160.avif"
    storage.delete(small)
    address = provider.photo_url.removesuffix(".webp") + "-160.avif"
    answer = client_of().get(address)
    with Image.open(io.BytesIO(b"".join(answer.streaming_content))) as shown:
        assert (answer.headers["Content-Type"], shown.format, shown.size) == ("image/avif", "AVIF", (160, 160))
    assert not storage.exists(small)  # a page that is read writes nothing
    storage.delete(name)
    assert client_of().get(address).status_code == 404


def test_results_load_photos_when_they_come_into_view(client, client_of, made):
    post(client, made, "photo", {"photo": SimpleUploadedFile("a.jpg", picture(), "image/jpeg")})
    refresh_search_entries([made.provider.pk])
    images = list(parse(client_of().get("/en/find-care/").text).iterfind(".//picture/img"))
    assert [image.get("loading") for image in images] == ["lazy"]


def test_files_of_a_photo_go_with_it(client, client_of, made):
    post(client, made, "photo", {"photo": SimpleUploadedFile("a.jpg", picture(), "image/jpeg")})
    provider = Provider.objects.get()
    files = [file for _kind, srcset in provider.portrait_photo.sources for file in srcset.split(", ")]
    addresses = [file.split(" ")[0] for file in files]
    assert {client_of().get(address).status_code for address in addresses} == {200}
    post(client, made, "photo_remove", {})
    assert {client_of().get(address).status_code for address in addresses} == {404}
    assert not [file for file in provider.photo.storage.listdir("providers")[1] if provider.photo_version in file]


@pytest.mark.parametrize(
    "content", [b"<svg onload=alert(1)>", b"GIF89a" + b"0" * 50, picture(size=(20, 20)), b"\xff\xd8\xff"]
)
def test_what_is_no_picture_is_refused_kindly(client, made, content):
    answer = post(client, made, "photo", {"photo": SimpleUploadedFile("a.jpg", content, "image/jpeg")})
    assert "picture" in client.get(answer.url).content.decode()
    assert not Provider.objects.get().photo


# --- people, places, services ---------------------------------------------------------------------


def test_practitioner_is_added_with_specialties_of_the_profession(client, made):
    data = {"name": "Dr Beta", "profession": "10", "specialties": ["SM04"], "titles": "MD", "is_active": "on"}
    assert post(client, made, "practitioner_add", data).status_code == 302
    person = made.provider.practitioners.get(name="Dr Beta")
    assert [row.code for row in person.specialties.all()] == ["SM04"]
    refused = post(client, made, "practitioner_edit", {**data, "profession": "40"}, person.public_id)
    assert refused.status_code == 422
    assert "not a specialty of this profession" in refused.content.decode()


def test_single_practitioner_stays_single(client_of):
    made = make_open_provider()
    answer = post(client_of(made.owner), made, "practitioner_add", {"name": "Dr B", "profession": "10"})
    assert answer.status_code == 422
    assert made.provider.practitioners.count() == 1


PLACE = {"name": "West", "address": "1 Road", "city": "Apia", "is_active": "on"}


@pytest.mark.parametrize(
    ("country", "zone", "expected"),
    [
        ("NP", "", "Asia/Kathmandu"),
        ("US", "America/Denver", "America/Denver"),
        ("US", "", None),
        ("FR", "Asia/Tokyo", None),
    ],
)
def test_time_zone_is_one_of_the_country(client, made, country, zone, expected):
    answer = post(client, made, "location_add", {**PLACE, "country": country, "time_zone": zone})
    if expected is None:
        assert answer.status_code == 422
        assert "West" in answer.content.decode()
    else:
        assert made.provider.locations.get(name="West").time_zone == expected
        assert is_stale(made)


def service_data(made, **changes):
    return {
        "name_en": "Check-up",
        "mode": "on_site",
        "duration": 45,
        "currency": "EUR",
        "fee_minor": "90,50",
        "practitioners": [made.practitioner.pk],
        "locations": [made.location.pk],
        "slot_step": 15,
        "buffer_before": 0,
        "buffer_after": 10,
        "notice_hours": 12,
        "horizon_days": 60,
        "is_published": "on",
        **changes,
    }


@pytest.mark.parametrize(
    ("currency", "typed", "minor"), [("EUR", "90,50", 9050), ("JPY", "9000", 9000), ("TND", "90.125", 90125)]
)
def test_fee_is_typed_in_the_currencys_own_units(client, made, currency, typed, minor):
    assert post(client, made, "service_add", service_data(made, currency=currency, fee_minor=typed)).status_code == 302
    service = made.provider.services.get(name_en="Check-up")
    assert (service.fee_minor, service.currency, service.minimum_notice) == (minor, currency, 720)
    assert (service.deposit_kind, service.deposit_minor) == ("none", 0)


def test_service_refuses_what_belongs_to_another_provider(client, made):
    other = make_open_provider()
    answer = post(client, made, "service_add", service_data(made, practitioners=[other.practitioner.pk]))
    assert answer.status_code == 422
    with pytest.raises(NotOurs):
        services.save_service(
            provider=made.provider,
            service=None,
            values={"name_en": "X", "practitioners": [other.practitioner], "locations": []},
            actor=made.owner,
        )


def test_wrong_fee_keeps_the_rest(client, made):
    answer = post(client, made, "service_add", service_data(made, currency="JPY", fee_minor="90.5"))
    assert answer.status_code == 422
    assert "Check-up" in answer.content.decode()


# --- hours ----------------------------------------------------------------------------------------


def week_data(made, **changes):
    return {"location": made.location.pk, "service": "", **changes}


def test_half_a_stretch_of_hours_is_asked_for_by_its_day(client, made):
    data = week_data(made, d1_0_from="09:00", d2_0_to="12:00")
    with translation.override("fr"):
        page = post(client, made, "week_edit", data, made.practitioner.public_id)
    assert page.status_code == 422
    for words in ("Lundi, fin\u00a0: Jusqu’à quand\u202f?", "Mardi, début\u00a0: À partir de quand\u202f?"):
        assert words in page.text


def test_iso_weekday_makes_the_round_trip(client, made):
    """pains 12: Monday typed is Monday stored (1), shown again as Monday; Sunday is 7, not 0."""
    WeeklyHours.objects.all().delete()
    data = week_data(made, d1_0_from="09:00", d1_0_to="12:00", d7_0_from="10:00", d7_0_to="00:00")
    assert post(client, made, "week_edit", data, made.practitioner.public_id).status_code == 302
    rows = WeeklyHours.objects.values_list("weekday", "starts", "ends")
    assert list(rows) == [(1, time(9), time(12)), (7, time(10), time(0))]
    assert date(2027, 1, 11).isoweekday() == 1  # a Monday
    address = reverse("providers:week_edit", args=[made.provider.public_id, made.practitioner.public_id])
    form = client.get(f"{address}?place={made.location.public_id}").context["form"]
    monday, sunday = form.days[0], form.days[6]
    assert (monday["name"], monday["pairs"][0][0].value()) == ("Monday", time(9))
    assert (sunday["name"], sunday["pairs"][0][0].value()) == ("Sunday", time(10))
    page = client.get(reverse("providers:hours", args=[made.provider.public_id])).content.decode()
    assert page.index("Monday") < page.index("09:00–12:00") < page.index("Sunday") < page.index("10:00–00:00")


def test_a_day_is_copied_to_others_without_script(client, made):
    data = week_data(made, d2_0_from="08:00", d2_0_to="11:30", copy_from="2", copy_to=["3", "4"])
    query = f"?place={made.location.public_id}"
    post(client, made, "week_edit", data, made.practitioner.public_id, query=query)
    assert list(WeeklyHours.objects.values_list("weekday", "starts")) == [(2, time(8)), (3, time(8)), (4, time(8))]
    assert is_stale(made)


@pytest.mark.parametrize(
    "wrong",
    [
        {"d1_0_from": "09:00", "d1_0_to": "12:00", "d1_1_from": "11:00", "d1_1_to": "13:00"},
        {"d1_0_from": "12:00", "d1_0_to": "09:00"},
        {"d1_0_from": "09:00"},
        {"valid_from": "2027-02-01", "valid_until": "2027-01-01"},
    ],
)
def test_contradictory_hours_are_refused_and_nothing_is_lost(client, made, wrong):
    before = WeeklyHours.objects.count()
    query = f"?place={made.location.public_id}"
    answer = post(client, made, "week_edit", week_data(made, **wrong), made.practitioner.public_id, query=query)
    assert answer.status_code == 422
    assert any(value in answer.content.decode() for value in wrong.values())
    assert WeeklyHours.objects.count() == before


def test_two_places_at_once_are_refused_two_services_are_not(made):
    elsewhere = LocationFactory(provider=made.provider, name="Annex")
    hours = {"provider": made.provider, "practitioner": made.practitioner, "actor": made.owner}
    with pytest.raises(HoursOverlap) as refused:
        services.set_weekly_hours(key=WeekKey(elsewhere), openings=[(1, time(16), time(18))], **hours)
    assert "16:00–18:00" in str(refused.value.message)
    assert "09:00–17:00" in str(refused.value.message)
    one, other = ServiceFactory(provider=made.provider), ServiceFactory(provider=made.provider)
    for service in (one, other):
        assert services.set_weekly_hours(
            key=WeekKey(made.location, service), openings=[(6, time(9), time(10))], **hours
        )


def test_seasons_follow_each_other_without_overlap(made):
    WeeklyHours.objects.all().delete()
    hours = {"provider": made.provider, "practitioner": made.practitioner, "actor": made.owner}
    winter = WeekKey(made.location, None, None, date(2027, 3, 31))
    summer = WeekKey(made.location, None, date(2027, 4, 1), None)
    for key in (winter, summer):
        services.set_weekly_hours(key=key, openings=[(1, time(9), time(12))], **hours)
    assert WeeklyHours.objects.count() == 2


def test_closed_days_and_extra_hours_come_and_go(client, made):
    soon = timezone.localdate() + timedelta(days=20)
    data = {
        "starts_on": soon,
        "ends_on": soon + timedelta(days=2),
        "label": "",
        "practitioners": [made.practitioner.pk],
    }
    assert post(client, made, "closure_add", data).status_code == 302
    closure = Closure.objects.get()
    assert (closure.starts_on, closure.ends_on) == (soon, soon + timedelta(days=2))
    wrong = {**data, "ends_on": soon - timedelta(days=1)}
    assert post(client, made, "closure_add", wrong).status_code == 422
    opening = {
        "on": soon,
        "starts": "18:00",
        "ends": "20:00",
        "location": made.location.pk,
        "practitioner": made.practitioner.pk,
    }
    assert post(client, made, "opening_add", opening).status_code == 302
    assert post(client, made, "opening_add", {**opening, "ends": "17:00"}).status_code == 422
    post(client, made, "closure_remove", {}, closure.public_id)
    post(client, made, "opening_remove", {}, ExtraOpening.objects.get().public_id)
    assert not Closure.objects.exists()
    assert not ExtraOpening.objects.exists()


def undo_of(page):
    """The address and fields of the one form that undoes."""
    (form,) = parse(page.text).findall(".//form[@data-undo]")
    return form.get("action"), {field.get("name"): field.get("value") for field in form.iter("input")}


@pytest.mark.parametrize("what", ["closure", "opening"])
def test_what_was_removed_comes_back_with_one_press(client, made, what):
    soon = timezone.localdate() + timedelta(days=20)
    rows = {
        "closure": Closure.objects.create(
            practitioner=made.practitioner, starts_on=soon, ends_on=soon + timedelta(days=2), label="Été à la mer"
        ),
        "opening": ExtraOpening.objects.create(
            practitioner=made.practitioner, location=made.location, on=soon, starts=time(18), ends=time(20)
        ),
    }
    row, hours = rows[what], reverse("providers:hours", args=[made.provider.public_id])
    new = ("_state", "id", "public_id", "created_at")
    before = {name: value for name, value in vars(row).items() if name not in new}
    assert "data-undo" not in client.get(hours).text
    post(client, made, f"{what}_remove", {}, row.public_id)
    page = client.get(hours)
    assert not type(row).objects.exists()
    assert "data-undo" not in client.get(hours).text
    address, fields = undo_of(page)
    assert client.post(address, fields)["Location"] == hours
    again = vars(type(row).objects.get())
    assert {name: again[name] for name in before} == before


def test_removing_closed_days_is_one_press(client, made):
    soon = timezone.localdate() + timedelta(days=20)
    Closure.objects.create(practitioner=made.practitioner, starts_on=soon, ends_on=soon)
    page = parse(client.get(reverse("providers:hours", args=[made.provider.public_id])).text)
    forms = [form for details in page.iter("details") for form in details.iter("form")]
    assert not [form for form in forms if "/closed/" in form.get("action")]


def test_an_undo_of_another_workspace_is_not_shown_here(client, made):
    other = make_open_provider(owner=made.owner)
    closure = Closure.objects.create(
        practitioner=made.practitioner, starts_on=timezone.localdate(), ends_on=timezone.localdate()
    )
    post(client, made, "closure_remove", {}, closure.public_id)
    assert "data-undo" not in client.get(reverse("providers:hours", args=[other.provider.public_id])).text


@pytest.mark.parametrize(
    ("zone", "on", "starts", "ends", "missing"),
    [
        ("Europe/Paris", "2027-03-28", "02:30", "04:00", "starts"),
        ("Europe/Paris", "2027-03-28", "02:00", "03:00", "starts"),
        ("Europe/Paris", "2027-03-28", "01:00", "02:30", "ends"),
        ("Australia/Lord_Howe", "2027-10-03", "01:00", "02:15", "ends"),
        ("Africa/Cairo", "2027-04-30", "00:15", "02:00", "starts"),
        ("Europe/Paris", "2027-03-28", "01:00", "02:00", ""),
        ("Europe/Paris", "2027-03-28", "01:30", "04:00", ""),
        ("Europe/Paris", "2027-03-28", "03:00", "04:00", ""),
        ("Europe/Paris", "2027-10-31", "02:00", "02:30", ""),
        ("Africa/Cairo", "2027-04-29", "22:00", "00:00", ""),
        ("Africa/Tunis", "2027-03-28", "02:30", "04:00", ""),
    ],
)
def test_an_hour_that_the_clocks_leave_out_is_refused(client, made, zone, on, starts, ends, missing):
    type(made.location).objects.filter(pk=made.location.pk).update(time_zone=zone)
    opening = {"on": on, "starts": starts, "ends": ends}
    opening |= {"location": made.location.pk, "practitioner": made.practitioner.pk}
    answer = post(client, made, "opening_add", opening)
    assert ExtraOpening.objects.exists() is not bool(missing)
    if missing:
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [missing]
        assert f"the clocks go forward and {opening[missing]} does not exist" in answer.text


def test_weekly_hours_are_removed(client, made):
    query = f"?place={made.location.public_id}"
    post(client, made, "week_remove", {}, made.practitioner.public_id, query=query)
    assert not WeeklyHours.objects.exists()


# --- calendars ------------------------------------------------------------------------------------


def test_calendar_address_is_remembered_and_its_age_and_error_shown(client, made, enqueued):
    """pains 32 and 44: how old the busy times are, and what went wrong, stand on the page; the secret does not."""
    data = {
        "url": "webcal://cal.example.org/secret-token.ics",
        "practitioner": made.practitioner.pk,
        "time_zone": "Europe/Paris",
    }
    assert post(client, made, "calendar_add", data).status_code == 302
    calendar = ExternalCalendar.objects.get()
    assert calendar.url == "https://cal.example.org/secret-token.ics"
    page = reverse("providers:hours", args=[made.provider.public_id])
    assert "not read yet" in client.get(page).content.decode()
    ExternalCalendar.objects.update(fetched_at=timezone.now() - timedelta(minutes=3))
    text = client.get(page).content.decode()
    assert "3\xa0minutes ago" in text
    assert "secret-token" not in text
    assert "older than it should" not in text
    ExternalCalendar.objects.update(fetched_at=timezone.now() - timedelta(hours=7))
    assert "older than it should" in client.get(page).content.decode()
    ExternalCalendar.objects.update(error="This address answers with an error.")
    assert "answers with an error" in client.get(page).content.decode()
    assert post(client, made, "calendar_add", data).status_code == 422
    post(client, made, "calendar_refresh", {}, calendar.public_id)
    post(client, made, "calendar_remove", {}, calendar.public_id)
    assert not ExternalCalendar.objects.exists()


@pytest.mark.parametrize(
    "url", ["ftp://x.example/a.ics", "https://user:pw@x.example/a.ics", "javascript:alert(1)", "x"]
)
def test_odd_calendar_addresses_are_refused(client, made, url):
    data = {"url": url, "practitioner": made.practitioner.pk, "time_zone": "Europe/Paris"}
    assert post(client, made, "calendar_add", data).status_code == 422
    assert not ExternalCalendar.objects.exists()


# --- the team -------------------------------------------------------------------------------------


def test_owner_adds_somebody_who_is_told_and_can_leave(client, client_of, made, outbox):
    somebody = UserFactory()
    assert post(client, made, "members", {"email": somebody.email.upper(), "role": "reception"}).status_code == 302
    assert post(client, made, "members", {"email": somebody.email, "role": "editor"}).status_code == 422
    outbox.deliver()
    assert [mail["To"] for mail in outbox.mails] == [somebody.email]
    browser = client_of(somebody)
    assert browser.get(reverse("providers:overview", args=[made.provider.public_id])).status_code == 200
    post(browser, made, "leave", {})
    assert not Membership.objects.filter(user=somebody).exists()


def test_unknown_address_is_said_kindly(client, made):
    answer = post(client, made, "members", {"email": "nobody@example.org", "role": "editor"})
    assert answer.status_code == 422
    assert "no account with this e-mail address yet" in answer.content.decode()


def test_last_owner_stays(client, made):
    own = made.provider.memberships.get()
    post(client, made, "leave", {})
    post(client, made, "member_remove", {}, own.public_id)
    post(client, made, "member_role", {f"{own.public_id}-role": "editor"}, own.public_id)
    own.refresh_from_db()
    assert own.role == MemberRole.OWNER
    second = services.add_member(
        provider=made.provider, email=UserFactory().email, role=MemberRole.OWNER, actor=made.owner
    )
    post(client, made, "member_role", {f"{own.public_id}-role": "editor"}, own.public_id)
    own.refresh_from_db()
    assert (own.role, second.role) == (MemberRole.EDITOR, MemberRole.OWNER)

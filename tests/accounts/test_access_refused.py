"""The careteam refuses access (Rules 1, point 5; security 16)."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.urls import reverse

from accounts import services
from accounts.errors import ReasonMissing
from medicaim.common.models import AuditEntry
from tests.accounts.helpers import is_signed_in, sign_in
from tests.support.factories import PASSWORD, PatientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return PatientFactory(username="ada")


def sessions_of(user) -> int:
    return sum(session.get_decoded().get("_auth_user_id") == str(user.pk) for session in Session.objects.all())


def test_sessions_end_within_the_request_and_the_next_page_says_how_to_reach_us(
    client_of, ada, careteam, settings, outbox
):
    here, there = client_of(), client_of()
    sign_in(here, "ada", PASSWORD)
    sign_in(there, "ada", PASSWORD)
    assert sessions_of(ada) == 2
    staff = client_of(careteam)
    answer = staff.post(f"/en/careteam/accounts/user/{ada.pk}/refuse-access/", {"reason": "False identity."})
    assert answer.status_code == 302
    assert (sessions_of(ada), UserSession.objects.filter(user=ada).count()) == (0, 0)

    page = here.get(reverse("accounts:profile"))
    assert page.status_code == 403
    assert settings.CARETEAM_EMAIL in page.text
    assert "False identity" not in page.text
    assert here.get("/en/").status_code == 200
    assert there.post(reverse("accounts:raise_alarm")).status_code == 403

    answer = sign_in(here, "ada", PASSWORD)
    assert answer["Location"] == reverse("accounts:access_refused")
    assert settings.CARETEAM_EMAIL in here.get(answer["Location"]).text
    assert not is_signed_in(here)
    entry = AuditEntry.objects.get(action="access.refused")
    assert (entry.actor, entry.reason, entry.object_ref) == (careteam, "False identity.", f"accounts.user:{ada.pk}")


def test_a_session_that_nobody_listed_ends_too(client_of, ada, careteam):
    forced = client_of(ada)
    services.refuse_access(user=ada, reason="x", actor=careteam)
    assert not is_signed_in(forced)


def test_the_reason_for_a_wrong_password_is_not_told(client_of, ada, careteam):
    services.refuse_access(user=ada, reason="x", actor=careteam)
    assert "do not go together" in sign_in(client_of(), "ada", "wrong").text


def test_access_is_given_back(client_of, ada, careteam):
    services.refuse_access(user=ada, reason="x", actor=careteam)
    client_of(careteam).post(f"/en/careteam/accounts/user/{ada.pk}/restore-access/", {"reason": "Identity proved."})
    browser = client_of()
    sign_in(browser, "ada", PASSWORD)
    assert is_signed_in(browser)
    assert AuditEntry.objects.filter(action="access.restored", reason="Identity proved.").count() == 1


def test_a_reason_is_needed(client_of, ada, careteam):
    with pytest.raises(ReasonMissing):
        services.refuse_access(user=ada, reason=" ", actor=careteam)
    page = client_of(careteam).post(f"/en/careteam/accounts/user/{ada.pk}/refuse-access/", {"reason": ""})
    assert page.status_code == 200
    ada.refresh_from_db()
    assert ada.access_refused_at is None


def test_patients_cannot_refuse_each_other(client_of, ada):
    answer = client_of(PatientFactory()).post(f"/en/careteam/accounts/user/{ada.pk}/refuse-access/", {"reason": "x"})
    assert answer.status_code == 403


class TestAdminPages:
    def test_careteam_finds_people_and_sees_the_log_but_changes_no_role(self, client_of, ada, careteam):
        services.refuse_access(user=ada, reason="Written here.", actor=careteam)
        staff = client_of(careteam)
        assert "ada" in staff.get("/en/careteam/accounts/user/", {"q": ada.last_name}).text
        page = staff.get(f"/en/careteam/accounts/user/{ada.pk}/change/").text
        assert "Written here." in page
        assert 'name="is_staff"' not in page
        answer = staff.post(f"/en/careteam/accounts/user/{ada.pk}/change/", {"is_staff": "on", "is_active": "on"})
        assert answer.status_code == 403
        for path in ("user/add/", f"user/{ada.pk}/delete/", "dependant/add/"):
            assert staff.get(f"/en/careteam/accounts/{path}").status_code == 403

    def test_superuser_sets_roles_and_it_is_logged(self, client_of, ada, careteam):
        careteam.is_superuser = True
        careteam.save(update_fields=["is_superuser"])
        boss = client_of(careteam)
        page = f"/en/careteam/accounts/user/{ada.pk}/change/"
        assert 'name="is_coordinator"' in boss.get(page).text
        forms = {}
        for prefix in ("patient_profile", "dependants", "consents"):
            forms |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
        boss.post(page, {"is_active": "on", "is_coordinator": "on", "username": "stolen", **forms})
        ada.refresh_from_db()
        assert (ada.is_coordinator, ada.is_staff, ada.username) == (True, False, "ada")
        entry = AuditEntry.objects.get(action="roles.changed")
        assert (entry.actor, entry.reason) == (careteam, "is_coordinator=True")

    @pytest.mark.parametrize("page", ["user", "dependant", "termsversion", "accountmail"])
    def test_lists_open(self, client_of, ada, careteam, page):
        assert client_of(careteam).get(f"/en/careteam/accounts/{page}/").status_code == 200

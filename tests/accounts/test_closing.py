"""Closing an account: by its holder, on a letter by the careteam; and accounts that nobody ever confirmed."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.errors import ClosingBlocked, NotYourAccount, ReasonMissing
from accounts.models import Dependant, User
from accounts.tasks import purge_unverified_accounts
from bookings.enums import AppointmentState as State
from bookings.tasks import end_for_closed_accounts
from medicaim.common import audit
from medicaim.common.models import AuditEntry
from providers.enums import MemberRole
from providers.models import Membership
from tests.accounts.helpers import body_of, is_signed_in, sign_in, sign_up
from tests.bookings.support import NOW, ask, confirm
from tests.support.factories import (
    PASSWORD,
    CareteamFactory,
    MembershipFactory,
    PatientFactory,
    UserFactory,
    make_open_provider,
)
from tests.support.html import parse

pytestmark = pytest.mark.django_db
CLOSE = "accounts:close"


@pytest.fixture
def ada():
    return PatientFactory(username="ada", email="ada@example.org")


@pytest.fixture
def made():
    with time_machine.travel(NOW, tick=False):
        yield make_open_provider()


def sign_in_again(browser, login):
    """Sign in, and give the password once more as the page of dangerous acts asks."""
    sign_in(browser, login, PASSWORD)
    browser.post(f"{reverse('account_reauthenticate')}?next=/", {"password": PASSWORD})


def close(browser):
    return browser.post(reverse(CLOSE))


def test_the_way_leads_from_the_security_page_to_a_closed_account(client_of, ada, outbox):
    here, there = client_of(), client_of()
    sign_in_again(here, "ada")
    sign_in(there, "ada", PASSWORD)
    assert reverse(CLOSE) in here.get(reverse("accounts:security")).text
    page = here.get(reverse(CLOSE))
    assert page.status_code == 200
    assert "coming visits are cancelled" in page.text
    assert "does not erase your data" in page.text
    ada.refresh_from_db()
    assert ada.closed_at is None

    assert close(here)["Location"] == reverse("accounts:closed")
    done = here.get(reverse("accounts:closed")).text
    assert "Your account is closed" in done
    assert "If you had open requests" in done
    assert parse(done).find(f".//main//a[@href='{reverse('home')}']") is not None
    assert not is_signed_in(here)
    assert not is_signed_in(there)
    ada.refresh_from_db()
    assert (ada.is_active, ada.closed_by) == (False, ada)
    browser = client_of()
    assert sign_in(browser, "ada", PASSWORD)["Location"] == reverse("account_inactive")
    assert not is_signed_in(browser)
    outbox.deliver()
    (mail,) = outbox.mails_to("ada@example.org")
    assert mail["Subject"] == "Your account is closed"
    assert "Nobody can sign in with it any more" in body_of(mail)
    entry = AuditEntry.objects.get(action="account.closed")
    assert (entry.actor, entry.object_ref) == (ada, f"accounts.user:{ada.pk}")


def test_the_password_is_asked_for_again(client_of, ada):
    browser = client_of()
    sign_in(browser, "ada", PASSWORD)
    for answer in (browser.get(reverse(CLOSE)), close(browser)):
        assert answer["Location"].startswith(reverse("account_reauthenticate"))
    ada.refresh_from_db()
    assert ada.closed_at is None


def test_what_is_open_with_providers_ends_with_messages_to_both(
    ada, made, outbox, enqueued, django_capture_on_commit_callbacks
):
    asked, agreed, past = ask(made, ada), confirm(made, ada, days=3), confirm(made, ada, days=6)
    type(past).objects.filter(pk=past.pk).update(starts_at=NOW - timedelta(hours=1))
    outbox.deliver()
    outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        services.close_account(user=ada, actor=ada)
    assert enqueued.named("bookings.tasks.end_for_closed_accounts")
    assert end_for_closed_accounts() == 2
    assert end_for_closed_accounts() == 0
    for row in (asked, agreed, past):
        row.refresh_from_db()
    assert (asked.state, agreed.state, past.state) == (State.WITHDRAWN, State.CANCELLED, State.CONFIRMED)
    step = agreed.transitions.last()
    assert (step.side, step.actor, step.on_behalf_of) == ("patient", ada, "")
    outbox.deliver()
    assert len(outbox.mails_to(made.owner.email)) == 2
    assert len(outbox.mails_to(ada.email)) == 2  # the visit, and the closing


def test_on_a_letter_the_careteam_closes_with_a_reason(client_of, ada, made, outbox):
    agreed, careteam, hers = confirm(made, ada), CareteamFactory(), client_of(ada)
    browser = client_of(careteam)
    assert "Close the account" in browser.get(reverse("admin:accounts_user_change", args=[ada.pk])).text
    page = reverse("admin:accounts_user_close", args=[ada.pk])
    browser.post(page, {"reason": " "})
    ada.refresh_from_db()
    assert ada.closed_at is None
    browser.post(page, {"reason": "Letter of 3 January"})
    ada.refresh_from_db()
    assert ada.closed_by == careteam
    assert not is_signed_in(hers)
    assert AuditEntry.objects.get(action="account.closed").reason == "Letter of 3 January"
    end_for_closed_accounts()
    step = agreed.transitions.last()
    assert (step.event, step.side, step.on_behalf_of) == ("cancelled", "careteam", "patient")


def test_only_the_holder_or_the_careteam_closes(ada):
    with pytest.raises(NotYourAccount):
        services.close_account(user=ada, actor=UserFactory())
    with pytest.raises(ReasonMissing):
        services.close_account(user=ada, actor=CareteamFactory())


def test_the_only_owner_of_a_provider_hands_it_over_first(client_of):
    made, other = make_open_provider(owner=UserFactory(username="owner")), make_open_provider()
    MembershipFactory(provider=other.provider, user=made.owner, role=MemberRole.RECEPTION)
    browser = client_of()
    sign_in_again(browser, "owner")
    page = browser.get(reverse(CLOSE))
    assert made.provider.name in page.text
    assert other.provider.name not in page.text
    assert reverse("providers:members", args=[made.provider.public_id]) in page.text
    assert "Your account cannot be closed yet" in page.text
    assert reverse("accounts:security") in parse(page.text).find(".//main//p[@class='actions']/a").get("href")
    assert "Close your account?" not in page.text
    assert close(browser).status_code == 409
    with pytest.raises(ClosingBlocked):
        services.close_account(user=made.owner, actor=CareteamFactory(), reason="Letter")
    assert Membership.objects.filter(user=made.owner).count() == 2

    MembershipFactory(provider=made.provider, role=MemberRole.OWNER)
    assert close(browser)["Location"] == reverse("accounts:closed")
    assert not Membership.objects.filter(user=made.owner).exists()


def test_closing_twice_changes_nothing(ada):
    first = services.close_account(user=ada, actor=ada)
    again = services.close_account(user=ada, actor=CareteamFactory(), reason="Letter")
    assert (again.closed_at, again.closed_by) == (first.closed_at, ada)
    assert AuditEntry.objects.filter(action="account.closed").count() == 1


def test_a_superuser_opens_it_again(ada):
    services.close_account(user=ada, actor=ada)
    services.change_roles(user=ada, flags={"is_active": True}, actor=UserFactory(is_superuser=True))
    ada.refresh_from_db()
    assert (ada.is_active, ada.closed_at, ada.closed_by) == (True, None, None)


# --- Accounts that nobody confirmed -------------------------------------------------------------------


def age(days):
    User.objects.update(created_at=timezone.now() - timedelta(days=days))


def test_an_address_that_nobody_confirmed_is_free_again(client_of):
    sign_up(client_of())
    age(6)
    assert purge_unverified_accounts() == 0
    age(8)
    assert purge_unverified_accounts() == 1
    assert not User.objects.filter(email="ada@example.org").exists()
    assert AuditEntry.objects.filter(action="account.purged").count() == 1
    sign_up(client_of())
    assert User.objects.filter(email="ada@example.org").exists()


def test_what_belongs_to_somebody_keeps_the_account(made):
    kept = [PatientFactory(verified=False) for _ in range(5)]
    for user in kept:
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    MembershipFactory(provider=made.provider, user=kept[0], role=MemberRole.EDITOR)
    asked = ask(made, PatientFactory())
    Dependant.objects.create(
        representative=kept[1], first_name="Kim", last_name="Exemple", date_of_birth="2018-01-01", gender="other",
        relation="child", authority="parental",
    )  # fmt: skip
    User.objects.filter(pk=kept[2].pk).update(is_staff=True)
    EmailAddress.objects.filter(user=kept[3]).update(verified=True)
    type(asked).objects.filter(pk=asked.pk).update(requested_by=kept[4])
    confirmed, by_command = PatientFactory(), UserFactory(verified=False)
    age(30)
    assert purge_unverified_accounts() == 0
    assert User.objects.filter(pk__in=[row.pk for row in (*kept, confirmed, by_command)]).count() == 7


def test_what_the_log_says_of_an_account_alone_does_not_keep_it(client_of):
    """Accounts opened earlier stand as the actor in the line about their own opening."""
    sign_up(client_of())
    ada, bob = User.objects.get(email="ada@example.org"), PatientFactory(verified=False)
    EmailAddress.objects.create(user=bob, email=bob.email, primary=True, verified=False)
    opened = audit.record(action="account.opened", actor=ada, obj=ada)
    audit.record(action="account.opened", actor=bob, obj=bob)
    audit.record(action="closure.added", actor=bob, obj=ada)
    age(8)
    assert purge_unverified_accounts() == 1
    assert not User.objects.filter(pk=ada.pk).exists()
    opened.refresh_from_db()
    assert (opened.actor, opened.object_ref) == (None, f"accounts.user:{ada.pk}")
    assert User.objects.filter(pk=bob.pk).exists()  # did something to somebody else

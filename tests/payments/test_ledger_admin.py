"""The careteam reads the ledger, and can change nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from payments.models import LedgerAccount, LedgerEntry
from tests.payments.support import ask_refund, capture

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client_of, careteam):
    return client_of(careteam)


def test_the_list_shows_what_was_moved_when_and_why(browser, careteam):
    capture("deposit1", 12_345, actor=careteam)
    page = browser.get(reverse("admin:payments_ledgerentry_changelist")).text
    for words in ("Capture", "€123.45", "capture:deposit1", str(careteam)):
        assert words in page


def test_one_entry_shows_both_sides(browser):
    entry = capture("deposit1", 12_345)
    page = browser.get(reverse("admin:payments_ledgerentry_change", args=[entry.pk])).text
    for words in ("Stripe clearing EUR", "Patient’s deposit in trust EUR deposit1", "€123.45", entry.hash):
        assert words in page
    assert 'name="_save"' not in page
    assert "deletelink" not in page


def test_the_entries_of_one_deposit_are_found_by_its_id(browser):
    capture("deposit1")
    capture("deposit2")
    ask_refund("deposit1", 500)
    page = browser.get(reverse("admin:payments_ledgerentry_changelist"), {"q": "deposit1"}).text
    assert "capture:deposit1" in page
    assert "refund:1" in page
    assert "capture:deposit2" not in page


def test_accounts_show_their_balance(browser):
    capture("deposit1", 1_500, "JPY")
    page = browser.get(reverse("admin:payments_ledgeraccount_changelist"), {"q": "deposit1"}).text
    assert "¥1,500" in page
    account = LedgerAccount.objects.get(holder="deposit1")
    assert "¥1,500" in browser.get(reverse("admin:payments_ledgeraccount_change", args=[account.pk])).text


@pytest.mark.parametrize("model", ["ledgerentry", "ledgeraccount"])
def test_nothing_can_be_added_changed_or_deleted(browser, model):
    entry = capture()
    before = list(LedgerEntry.objects.values())
    pk = {"ledgerentry": entry.pk, "ledgeraccount": LedgerAccount.objects.latest("pk").pk}[model]
    name = f"admin:payments_{model}"
    assert browser.post(reverse(f"{name}_add"), {}).status_code == 403
    assert browser.post(reverse(f"{name}_change", args=[pk]), {"reference": "x", "holder": "x"}).status_code == 403
    assert browser.post(reverse(f"{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    assert list(LedgerEntry.objects.values()) == before


def test_the_queries_of_a_list_do_not_grow(browser, careteam):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            browser.get(reverse("admin:payments_ledgerentry_changelist"))
        return len(captured)

    capture("deposit0", actor=careteam)
    queries()
    few = queries()
    for number in range(1, 30):
        capture(f"deposit{number}", actor=careteam)
    assert queries() == few

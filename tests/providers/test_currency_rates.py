"""Rates are careteam's data: a change reaches what search compares."""

import pytest
from django.urls import reverse

from providers.models import CurrencyRate, SearchEntry
from providers.search_index import refresh_search_entries
from providers.tasks import refresh_fees
from tests.support.factories import UserFactory, make_open_provider


@pytest.mark.django_db
def test_a_changed_rate_changes_what_a_budget_is_compared_with(client_of, enqueued):
    made = make_open_provider(service={"fee_minor": 10_000, "currency": "USD"})
    refresh_search_entries([made.provider.pk])
    rate = CurrencyRate.objects.get(currency="USD")
    browser = client_of(UserFactory(is_staff=True))
    answer = browser.post(
        reverse("admin:providers_currencyrate_change", args=["USD"]),
        {"currency": "USD", "per_euro": rate.per_euro * 2, "as_of": rate.as_of},
    )
    assert answer.status_code == 302
    assert enqueued.named("providers.tasks.refresh_fees") == [()]
    before = SearchEntry.objects.get().fee_euro_cents
    refresh_fees()
    assert SearchEntry.objects.get().fee_euro_cents == pytest.approx(before / 2, abs=1)

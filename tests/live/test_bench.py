"""What measures the pages prints figures one can use, from the real pages, and leaves nothing behind.

It stands with the live tests because it takes their time: each bench draws every page many times.
"""

import json

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from bookings.models import Appointment, SlotHold
from medicaim.management.measure import percentile
from medicaim.notifications.models import Message
from payments.models import LedgerEntry, LedgerHead
from providers.models import Provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def bench(capsys):
    """`bench(WHAT)`: the object that two calls of each page print."""

    def run(what):
        call_command("bench", what, repeat=2)
        return json.loads(capsys.readouterr().out)

    return run


def check_figures(figures):
    assert 0 < figures["median_ms"] <= figures["max_ms"]
    assert figures["median_ms"] <= figures["p95_ms"] <= figures["max_ms"]
    assert figures["queries"] >= 0


@pytest.mark.parametrize(
    ("what", "pages"),
    [
        ("search", {"no filter", "everything"}),
        ("slots", {"free times, first page", "agenda, a week", "inbox", "my appointments"}),
        ("booking", {"request", "accept", "cancel"}),
    ],
)
def test_figures_of_each_page_beside_the_floor(bench, capsys, what, pages):
    if what == "search":
        call_command("demo", providers=5, only_providers=True)
    else:
        call_command("demo", busy=60)
    capsys.readouterr()
    printed = bench(what)
    assert (printed["bench"], printed["repeat"]) == (what, 2)
    assert pages <= set(printed["pages"])
    for figures in [printed["floor"], *printed["pages"].values()]:
        check_figures(figures)


def test_the_clinic_to_be_measured_has_to_be_made_and_is_made_once(bench):
    with pytest.raises(CommandError, match="--busy"):
        bench("slots")
    call_command("demo", busy=1)
    with pytest.raises(CommandError, match="already"):
        call_command("demo", busy=1)


def test_the_busy_clinic_has_the_diary_it_promises(client):
    call_command("demo", busy=3000)
    provider = Provider.objects.get()
    assert Appointment.objects.count() == 3000
    assert not User.objects.exclude(email__endswith="@demo.example.org").exists()
    full = provider.practitioners.order_by("pk")[0]
    page = client.get(f"/en/request/{provider.services.get().public_id}/?practitioner={full.public_id}")
    assert "no free time at all" in page.text


def test_booking_leaves_nothing_behind(bench, capsys):
    call_command("demo", busy=60)
    capsys.readouterr()
    before = [set(model.objects.values_list("pk", flat=True)) for model in (Appointment, SlotHold, Message)]
    bench("booking")
    assert [set(model.objects.values_list("pk", flat=True)) for model in (Appointment, SlotHold, Message)] == before


def test_postings_beside_the_bare_inserts_of_the_same_rows(capsys):
    call_command("bench", "ledger", entries=5)
    printed = json.loads(capsys.readouterr().out)
    assert (printed["bench"], printed["entries"], printed["postings"]) == ("ledger", 5, 10)
    for figures in (printed["post_entry"], printed["bare_inserts"]):
        assert figures["postings_per_second"] > 0
        assert 0 < figures["median_ms"] <= figures["p95_ms"]
    assert not LedgerEntry.objects.exists()
    assert LedgerHead.objects.get().number == 0


def test_the_95th_percentile_is_one_of_the_values():
    assert percentile([float(value) for value in range(1, 101)], 0.95) == 95.0
    assert percentile([3.0], 0.95) == 3.0

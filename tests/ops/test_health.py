"""Liveness and readiness: what they ask, what they answer when a part is gone, and how long they take."""

import time

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from medicaim import health


@pytest.fixture(autouse=True)
def _fresh_look():
    health.forget_last_look()
    yield
    health.forget_last_look()


def test_alive_without_any_database(client):
    # No database fixture here: pytest-django would refuse a connection.
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"alive\n")
    assert "no-store" in answer.headers["Cache-Control"]
    assert not answer.cookies


@pytest.mark.django_db(transaction=True)
def test_ready_names_every_part(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.content
    assert answer.json()["ready"] is True
    assert set(answer.json()["parts"]) == {"database", "migrations", "broker", "storage"}
    assert not answer.cookies


@pytest.mark.django_db(transaction=True)
def test_a_missing_migration_is_not_ready(client):
    row = MigrationRecorder(connection).migration_qs.filter(app="bookings").latest("pk")
    row.delete()
    try:
        answer = client.get("/readyz")
    finally:
        MigrationRecorder(connection).record_applied(row.app, row.name)
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    parts = {name: part["ok"] for name, part in answer.json()["parts"].items()}
    assert parts == {"database": True, "migrations": False, "broker": True, "storage": True}


@pytest.mark.django_db(transaction=True)
def test_a_storage_that_cannot_be_written_is_not_ready(client, settings, tmp_path):
    blocked = tmp_path / "not-a-folder"
    blocked.write_text("")
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(blocked), "base_url": "/media/"},
        },
    }
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["storage"]["ok"] is False
    assert str(tmp_path) not in answer.content.decode()


def test_a_look_that_hangs_is_bounded_and_not_repeated():
    probe = health.Probe("slow", lambda: time.sleep(1))
    started = time.monotonic()
    first = probe.start()(started + 0.1)
    second = probe.start()(started + 0.1)
    assert time.monotonic() - started < 0.9
    assert not first.is_ok
    assert "no answer" in first.detail
    assert not second.is_ok
    assert "earlier look" in second.detail


def test_an_error_is_told_by_its_kind_only():
    def look():
        raise ConnectionError("user=admin password=hunter2")

    outcome = health.Probe("broken", look).start()(time.monotonic() + 2)
    assert (outcome.is_ok, outcome.detail) == (False, "ConnectionError")


@pytest.mark.django_db(transaction=True)
def test_probes_may_not_post(client):
    assert client.post("/healthz").status_code == 405
    assert client.post("/readyz").status_code == 405

"""The schedule: every sweep exists, and can be published as beat publishes it."""

import pytest
from celery import current_app

from medicaim.celery import app


@pytest.mark.parametrize("name", sorted(app.conf.beat_schedule))
def test_every_sweep_exists_and_can_be_sent(name):
    app.loader.import_default_modules()
    entry = app.conf.beat_schedule[name]
    assert entry["task"] in current_app.tasks
    assert app.send_task(entry["task"], **entry["options"]).id

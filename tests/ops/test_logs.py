"""Logs: one JSON object a line, and nothing of the variables around an error."""

import json
import subprocess
import sys

import pytest

from tests.support.servers import ROOT, clean_environment

SCRIPT = """
import django, structlog
django.setup()
def fail(name):
    raise ValueError("broken")
try:
    fail("Amelie Durand")
except ValueError:
    structlog.get_logger("medicaim.test").exception("it_failed", message=7)
"""


@pytest.mark.slow
def test_a_log_line_is_json_without_the_values_around_an_error(tmp_path):
    env = clean_environment(DJANGO_SETTINGS_MODULE="medicaim.settings.dev", DATA_DIR=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    line = json.loads(done.stderr.splitlines()[-1])
    assert line["event"] == "it_failed"
    assert line["message"] == 7
    assert "ValueError: broken" in line["exception"]
    assert "name=" not in done.stderr

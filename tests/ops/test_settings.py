"""Production settings: everything from the environment, nothing weak, and every variable documented."""

import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.servers import ROOT, clean_environment

READ = re.compile(r"(?:env(?:\.\w+)?|secret|os\.environ(?:\.get|\.setdefault)?)[(\[]\s*\"([A-Z][A-Z0-9_]+)\"")
#: Read by what surrounds us, not by the project.
FOREIGN = {"DJANGO_SETTINGS_MODULE", "PYTEST_XDIST_WORKER", "DJANGO_ALLOW_ASYNC_UNSAFE"}

GOOD = {
    "DJANGO_SETTINGS_MODULE": "medicaim.settings.base",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "SITE_URL": "https://medicaim.example",
    "DATABASE_URL": "postgres://somebody:something@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def start(**changes):
    """Load the production settings in a process of their own."""
    env = clean_environment(**GOOD)
    for name in ("S3_BUCKET", "EMAIL_URL"):
        env.pop(name, None)
    for name, value in changes.items():
        env.pop(name, None)
        if value is not None:
            env[name] = value
    return subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def variables_read():
    files = [*ROOT.glob("medicaim/settings/*.py"), ROOT / "medicaim" / "gunicorn_conf.py"]
    return {name for file in files for name in READ.findall(file.read_text())} - FOREIGN


def variables_documented():
    return set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_every_variable_is_documented():
    assert len(variables_read()) > 20
    assert variables_read() - variables_documented() == set()


def test_nothing_is_documented_that_nobody_reads():
    composed = set(re.findall(r"\$\{([A-Z][A-Z0-9_]+)", (ROOT / "docker-compose.yml").read_text()))
    documented = {name.removesuffix("_FILE") for name in variables_documented()}
    assert documented - variables_read() - composed == set()


@pytest.mark.slow
def test_production_starts_with_its_variables():
    done = start()
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"SECRET_KEY": None},
        {"SECRET_KEY": ""},
        {"SECRET_KEY": "short"},
        {"SECRET_KEY": "change-me-" + "x" * 60},
        {"SECRET_KEY": "django-insecure-" + "x" * 60},
        {"SITE_URL": None},
        {"S3_BUCKET": "documents", "S3_ACCESS_KEY": None, "S3_SECRET_KEY": None},
        {"SITE_URL": "http://medicaim.example"},
    ],
    ids=lambda changes: ",".join(f"{name}={(value or '')[:8]}" for name, value in changes.items()),
)
def test_production_refuses_to_start_without_or_with_a_weak(changes):
    done = start(**changes)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr


@pytest.mark.slow
def test_a_secret_may_stand_in_a_file(tmp_path: Path):
    (tmp_path / "key").write_text(secrets.token_urlsafe(64) + "\n")
    done = start(SECRET_KEY=None, SECRET_KEY_FILE=str(tmp_path / "key"))
    assert done.returncode == 0, done.stderr


def test_the_example_is_reached_under_the_name_that_its_certificate_bears():
    example = (ROOT / ".env.example").read_text()
    compose = (ROOT / "docker-compose.yml").read_text()
    host, port = re.search(r"^SITE_URL=https://([\w.-]+):(\d+)$", example, re.MULTILINE).groups()
    assert set(re.findall(r"\$\{SITE_HOST:-([^}]+)\}", compose)) == {host}
    assert f'"${{HTTPS_PORT:-{port}}}:443"' in compose

"""The production settings in the processes that docker-compose.yml starts, behind the proxy with TLS.

The same commands, the same proxy file, an S3 store, Redis where the run has one, PostgreSQL in its phase.
"""

import contextlib
import http.client
import json
import os
import secrets
import ssl
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.support.servers import ROOT, clean_environment, free_port, manage, running, wait_for

BUCKET = "medicaim"


class Site:
    """The site as a browser reaches it: over TLS, through the proxy."""

    def __init__(self, port: int, plain_port: int, certificate: Path) -> None:
        self.port, self.plain_port = port, plain_port
        # The certificate is self-made, and checked all the same: nothing here trusts blindly.
        self.context = ssl.create_default_context(cafile=certificate)

    def request(self, method, path, *, body=None, headers=None, plain=False):
        """Status, headers and text of an answer."""
        if plain:
            connection = http.client.HTTPConnection("localhost", self.plain_port, timeout=15)
        else:
            connection = http.client.HTTPSConnection("localhost", self.port, timeout=15, context=self.context)
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()


@contextlib.contextmanager
def own_database(folder: Path):
    """The address of a fresh database: in the cluster of DATABASE_URL where there is one, else a SQLite file."""
    address = os.environ.get("DATABASE_URL")
    if not address:
        yield f"sqlite:///{folder / 'production.sqlite3'}"
        return
    server, name = address.rsplit("/", 1)[0], f"production_{secrets.token_hex(4)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield f"{server}/{name}"
    finally:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("production")


@pytest.fixture(scope="module")
def site(folder):
    """Everything that docker-compose.yml starts, without the containers."""
    web, https, http_, store = (free_port() for _ in range(4))
    with contextlib.ExitStack() as stack:
        env = clean_environment(
            DJANGO_SETTINGS_MODULE="medicaim.settings.base",
            SECRET_KEY=secrets.token_urlsafe(64),
            SITE_URL=f"https://localhost:{https}",
            DATA_DIR=str(folder),
            DATABASE_URL=stack.enter_context(own_database(folder)),
            S3_BUCKET=BUCKET,
            S3_ENDPOINT_URL=f"http://127.0.0.1:{store}",
            S3_REGION="us-east-1",
            S3_ACCESS_KEY=secrets.token_hex(10),
            S3_SECRET_KEY=secrets.token_hex(20),
            STATIC_ROOT=str(folder / "static"),
            EMAIL_URL="smtp://127.0.0.1:9",
        )
        for name in ("broker/queue", "broker/control"):
            (folder / name).mkdir(parents=True)

        def start(name, *command):
            stack.enter_context(running(command, env=env, log=folder / f"{name}.log"))

        start("store", "-m", "moto.server", "--host", "127.0.0.1", "--port", str(store))
        make_certificate = [sys.executable, ".docker/make_certificate.py", str(folder), "localhost"]
        subprocess.run(make_certificate, cwd=ROOT, check=True)
        manage("collectstatic", "--no-input", "--verbosity", "0", env=env)
        manage("prepare", env=env)
        subprocess.run([sys.executable, ".docker/make_bucket.py"], cwd=ROOT, env=env, check=True)
        gunicorn = ("-m", "gunicorn", "--config", "medicaim/gunicorn_conf.py", "--bind", f"127.0.0.1:{web}")
        start("web", *gunicorn, "medicaim.wsgi")
        celery = ("-m", "celery", "--app", "medicaim")
        start("worker", *celery, "worker", "--concurrency", "1", "--loglevel", "WARNING", "--without-mingle")
        start("beat", *celery, "beat", "--loglevel", "WARNING", "--pidfile", "", "--schedule", str(folder / "beat"))
        proxy_file = write_proxy_file(folder, web=web, https=https, http=http_)
        start("proxy", "nginx", "-c", str(proxy_file), "-p", str(folder), "-g", "daemon off;")
        wait_for(f"http://127.0.0.1:{web}/readyz", log=folder / "web.log", host=f"localhost:{https}")
        wait_for(f"http://127.0.0.1:{http_}/", log=folder / "proxy.log", any_status=True)
        yield Site(https, http_, folder / "site.crt")


def write_proxy_file(folder: Path, *, web: int, https: int, http: int) -> Path:
    """The very file of the container, its variables filled in, inside the frame that the image brings."""
    text = (ROOT / ".docker" / "nginx" / "default.conf.template").read_text()
    values = {
        "SITE_URL": f"https://localhost:{https}",
        "SITE_HTTP": f"127.0.0.1:{http}",
        "SITE_HTTPS": f"127.0.0.1:{https}",
        "SITE_UPSTREAM": f"127.0.0.1:{web}",
        "SITE_CERTIFICATE": str(folder / "site.crt"),
        "SITE_KEY": str(folder / "site.key"),
    }
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    temporary = "".join(
        f"{kind}_temp_path {folder}/proxy-{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    head = f"{user}pid {folder}/proxy.pid;\nerror_log stderr;\nevents {{}}\n"
    frame = f"{head}http {{\naccess_log off;\n{temporary}{text}}}\n"
    file = folder / "proxy.conf"
    file.write_text(frame)
    return file


def test_every_part_is_ready_through_the_proxy(site):
    status, _, text = site.request("GET", "/readyz")
    assert status == 200, text
    assert all(part["ok"] for part in json.loads(text)["parts"].values())


def test_the_home_page_over_tls_is_hardened(site):
    status, headers, text = site.request("GET", "/en/")
    assert status == 200
    assert "<h1" in text
    assert int(headers["Strict-Transport-Security"].split("max-age=")[1].split(";")[0]) >= 365 * 24 * 3600
    assert "includeSubDomains" in headers["Strict-Transport-Security"]
    assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_static_files_have_names_of_their_content_and_are_kept(site):
    _, _, text = site.request("GET", "/en/")
    address = next(
        part.split('"')[0] for part in text.split('href="')[1:] if part.startswith("/static/") and ".css" in part
    )
    status, headers, _ = site.request("GET", address)
    assert status == 200
    assert "immutable" in headers["Cache-Control"]
    assert len(Path(urlsplit(address).path).name.split(".")[-2]) == 12


def test_plain_http_is_sent_to_https(site):
    status, headers, _ = site.request("GET", "/en/?q=1", plain=True)
    assert status == 308
    assert headers["Location"] == f"https://localhost:{site.port}/en/?q=1"


def test_a_foreign_host_name_is_not_sent_anywhere_but_to_us(site):
    _, headers, _ = site.request("GET", "/en/", headers={"Host": "evil.example"}, plain=True)
    assert headers["Location"] == f"https://localhost:{site.port}/en/"


def test_cookies_stay_on_tls_and_on_this_host(site):
    _, headers, _ = site.request("GET", "/en/account/login/")
    cookie = headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie
    assert "SameSite=Lax" in cookie


def test_the_proxy_refuses_a_body_that_is_too_large(site):
    status, _, _ = site.request("POST", "/en/account/login/", headers={"Content-Length": str(2 * 1024**3)})
    assert status == 413


def test_nobody_sees_the_development_outbox(site):
    assert site.request("GET", "/dev/outbox")[0] in {403, 404}


def test_another_host_name_is_not_answered(site):
    assert site.request("GET", "/en/", headers={"Host": "evil.example"})[0] == 400


def test_readiness_writes_to_the_object_store_and_leaves_nothing(site, folder):
    site.request("GET", "/readyz")
    assert not (folder / "media").exists()

"""The product as real processes: gunicorn, a Celery worker and beat on a fresh database, and what they send.

    def test_story(live_site):                      # web (2 processes x 8 threads), worker and beat, all running
        live_site.manage("demo", "--providers", "20")
        requests.get(live_site.url + "/en/")
        mail = live_site.wait_for_mail(to="a@example.org")      # a parsed e-mail: mail["Subject"], .get_body()
        live_site.wait_for_sms(to="+33639980001")   # {"to": "+336…", "body": "…"}

    def test_other(make_live_site):                 # choose the parts, the sizes and the settings
        site = make_live_site(beat=False, worker_processes=4, env={"NOTIFICATION_LEASE_SECONDS": "3"})
        site.stop("worker"); site.start_worker()    # or site.kill("worker"): SIGKILL for the whole group

    with LiveSite() as site: ...                    # in a fixture of your own, for a whole module

The database is a file of SQLite with the filesystem broker, or, where `DATABASE_URL` names a PostgreSQL, a new
database there; where `REDIS_URL` names a Redis, broker and cache are one of its numbered databases. Migrations run
once per test session, each site gets a copy. `site.mail_server` speaks SMTP and can misbehave: `.mode` is "ok",
"blackhole" (accepts the connection, says nothing) or "refuse" (nobody listens), `.delay` seconds per e-mail,
`.refused` addresses get a 550. `site.shell(code)` runs Python inside the product and returns what it prints.
Every wait is bounded; only processes started here are ever stopped. Logs are in `site.directory / "log"`, and their
ends are part of every error. Mark tests that use this with `@pytest.mark.live`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60
STOP_SECONDS = 10


class LiveSiteError(AssertionError):
    """A process did not do what it was started for."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition: Callable[[], Any], *, seconds: float = 30, every: float = 0.1, what: str = "") -> Any:
    """The first true value of `condition()`; an AssertionError when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or condition}")
        time.sleep(every)


# --- Where messages arrive --------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReceivedMail:
    """One e-mail as it came over the line."""

    recipients: list[str]
    message: EmailMessage
    at: float


class _Silence(asyncio.Protocol):
    """Takes the connection and never says a word."""


class MailServer:
    """An SMTP server on loopback that keeps what it gets."""

    def __init__(self) -> None:
        self.port = free_port()
        self.delay = 0.0
        self.refused: set[str] = set()
        self.received: list[ReceivedMail] = []
        self._mode = "ok"
        self._controller: Controller | None = None
        self._listen()

    @property
    def mode(self) -> str:
        return self._mode

    @mode.setter
    def mode(self, mode: str) -> None:
        self._mode = mode
        if mode == "refuse":
            self.stop()
        elif self._controller is None:
            self._listen()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def _listen(self) -> None:
        server = self

        class Switch(Controller):
            def factory(self) -> Any:
                if server.mode == "blackhole":
                    return _Silence()
                return SMTP(self.handler, hostname="mail.test", enable_SMTPUTF8=True)

            def _trigger_server(self) -> None:
                """The controller's own trial conversation would wait for a silent server."""
                with socket.create_connection((self.hostname, self.port), timeout=5):
                    pass

        self._controller = Switch(self, hostname="127.0.0.1", port=self.port, ready_timeout=10)
        self._controller.start()

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - the library's name
        if address in self.refused:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
        # It arrives half-way: a sender killed in the second half does not know that it did.
        await asyncio.sleep(self.delay / 2)
        message = BytesParser(policy=default).parsebytes(envelope.content)
        self.received.append(ReceivedMail(list(envelope.rcpt_tos), message, time.time()))
        await asyncio.sleep(self.delay / 2)
        return "250 OK"


class SmsGateway:
    """An SMS service on loopback, spoken to over HTTP by apprise's json:// service."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.status = 200
        self.received: list[dict[str, Any]] = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                time.sleep(gateway.delay / 2)
                if gateway.status == 200:
                    gateway.received.append({"to": body["to"], "body": body["message"], "at": time.time()})
                time.sleep(gateway.delay / 2)
                with contextlib.suppress(OSError):  # the sender may be dead by now
                    self.send_response(gateway.status)
                    self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"json://127.0.0.1:{self._server.server_port}/sms?:to={{to}}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


# --- Databases --------------------------------------------------------------------------------------------


def _is_postgres() -> bool:
    return os.environ.get("DATABASE_URL", "").startswith("postgres")


def _database_url(name: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def _execute_on_server(statement: str) -> None:
    with psycopg.connect(_database_url("postgres"), autocommit=True) as connection:
        connection.execute(statement)


class _Migrated:
    """The database with all migrations, made once per session and copied for each site."""

    def __init__(self) -> None:
        self._source: str | None = None
        self._directory = Path(tempfile.mkdtemp(prefix="medicaim-live-source-"))

    def copy_for(self, directory: Path) -> tuple[str, Callable[[], None]]:
        """The address of a fresh database and what removes it."""
        source = self._source or self._make()
        if not _is_postgres():
            shutil.copy(source, directory / "medicaim.sqlite3")
            return f"sqlite:///{directory / 'medicaim.sqlite3'}", lambda: None
        name = f"medicaim_live_{secrets.token_hex(6)}"
        _execute_on_server(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        return _database_url(name), lambda: _execute_on_server(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _make(self) -> str:
        if _is_postgres():
            name = f"medicaim_source_{secrets.token_hex(6)}"
            _execute_on_server(f'CREATE DATABASE "{name}"')
            source, url = name, _database_url(name)
        else:
            source = str(self._directory / "medicaim.sqlite3")
            url = f"sqlite:///{source}"
        env = environment(self._directory, DATABASE_URL=url)
        done = subprocess.run(
            [sys.executable, "manage.py", "prepare", "--verbosity", "0"],
            cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        if done.returncode:
            raise LiveSiteError(f"the database could not be prepared:\n{done.stdout}{done.stderr}")
        self._source = source
        return source

    def remove(self) -> None:
        if self._source and _is_postgres():
            _execute_on_server(f'DROP DATABASE "{self._source}" WITH (FORCE)')
        shutil.rmtree(self._directory, ignore_errors=True)
        self._source = None


_migrated: _Migrated | None = None
_redis_turn = 0


def environment(directory: Path, **more: str) -> dict[str, str]:
    """Only what the processes need: nothing of the tester's own settings reaches them."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    kept |= {name: value for name, value in os.environ.items() if name.startswith("PG")}
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "medicaim.settings.dev",
        "DATA_DIR": str(directory),
        "DEBUG": "0",
        "LOG_LEVEL": "INFO",
        "PYTHONUNBUFFERED": "1",
        **more,
    }


# --- The site ---------------------------------------------------------------------------------------------


class LiveSite:
    """See the top of this file. Nothing runs before `start()` (or `with`)."""

    def __init__(
        self,
        *,
        web: bool = True,
        worker: bool = True,
        beat: bool = True,
        web_processes: int = 2,
        web_threads: int = 8,
        worker_processes: int = 2,
        sms_gateway: bool = False,
        env: dict[str, str] | None = None,
    ) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="medicaim-live-"))
        self._parts = [name for name, wanted in (("web", web), ("worker", worker), ("beat", beat)) if wanted]
        self._worker_processes = worker_processes
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._clean_up = contextlib.ExitStack()
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.mail_server = MailServer()
        self._clean_up.callback(self.mail_server.stop)
        self.sms_gateway = SmsGateway() if sms_gateway else None
        if self.sms_gateway:
            self._clean_up.callback(self.sms_gateway.stop)
        self._env_wish = {"WEB_CONCURRENCY": str(web_processes), "WEB_THREADS": str(web_threads), **(env or {})}
        self.env: dict[str, str] = {}

    def __enter__(self) -> LiveSite:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def start(self) -> LiveSite:
        global _migrated
        _migrated = _migrated or _Migrated()
        for folder in ("broker/queue", "broker/control", "log", "media", "outbox"):
            (self.directory / folder).mkdir(parents=True, exist_ok=True)
        database_url, drop = _migrated.copy_for(self.directory)
        self._clean_up.callback(drop)
        more = {
            "DATABASE_URL": database_url,
            "SECRET_KEY": secrets.token_urlsafe(64),
            "SITE_URL": self.url,
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mail_server.port}",
        }
        if self.sms_gateway:
            more["SMS_URL"] = self.sms_gateway.url
        if os.environ.get("REDIS_URL"):
            more["REDIS_URL"] = more["CELERY_BROKER_URL"] = _own_redis()
        self.env = environment(self.directory, **{**more, **self._env_wish})
        for part in self._parts:
            getattr(self, f"start_{part}")()
        if "web" in self._parts:
            self._wait_ready("web", self._answers)
        if "worker" in self._parts:
            self._wait_ready("worker", lambda: "ready." in self.log("worker"))
        return self

    def close(self) -> None:
        """End everything at once: nothing of it is used again, and a worker takes seconds to end in order."""
        for name in list(self._processes):
            self.kill(name)
        self._clean_up.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    # Processes

    def start_web(self) -> None:
        address = f"127.0.0.1:{self.port}"
        self._spawn("web", "gunicorn", "--config", "medicaim/gunicorn_conf.py", "--bind", address, "medicaim.wsgi")

    def start_worker(self) -> None:
        self._spawn(
            "worker", "celery", "--app", "medicaim", "worker", "--loglevel", "INFO", "--without-mingle",
            "--without-gossip", "--concurrency", str(self._worker_processes),
        )  # fmt: skip

    def start_beat(self) -> None:
        schedule = str(self.directory / "beat-schedule")
        self._spawn("beat", "celery", "--app", "medicaim", "beat", "--pidfile", "", "--schedule", schedule)

    def _spawn(self, name: str, *command: str) -> None:
        with (self.directory / "log" / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

    def process(self, name: str) -> subprocess.Popen[bytes]:
        return self._processes[name]

    def children(self, name: str) -> list[int]:
        """The ids of the processes that this one has forked, as they are now (whichever of its threads did)."""
        pid, found = self._processes[name].pid, []
        for listing in Path(f"/proc/{pid}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(child) for child in listing.read_text().split()]
        return found

    def stop(self, name: str) -> None:
        """Ask the process group to end, and make it."""
        process = self._processes.pop(name)
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                # SIGTERM to the parent, who knows how to end in order; SIGKILL to all that is left.
                (os.killpg if number == signal.SIGKILL else os.kill)(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)

    def kill(self, name: str) -> None:
        """SIGKILL for the process and all its children, at once."""
        process = self._processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)

    def kill_child(self, name: str, child: int) -> None:
        """SIGKILL for one of `children(name)`; it may just have ended by itself."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)

    def log(self, name: str) -> str:
        path = self.directory / "log" / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
            return True
        return False

    def _wait_ready(self, name: str, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready():
            if self._processes[name].poll() is not None or time.monotonic() > deadline:
                raise LiveSiteError(f"{name} did not become ready:\n{self.log(name)[-4000:]}")
            time.sleep(0.1)

    # Inside the product

    def manage(self, *command: str, timeout: float = 300, stdin: str | None = None) -> str:
        """Run a management command and return what it prints; a failure raises with its output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT, env=self.env, input=stdin, capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip
        if done.returncode:
            raise LiveSiteError(f"manage.py {' '.join(command)}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done.stdout

    def shell(self, code: str, *, timeout: float = 300) -> str:
        """Run Python code with the models at hand (as `manage.py shell` does); return what it prints."""
        return self.manage("shell", "--verbosity", "0", "--command", code, timeout=timeout)

    def shell_json(self, code: str, *, timeout: float = 300) -> Any:
        """The same for code that prints one JSON value in its last line."""
        return json.loads(self.shell(code, timeout=timeout).strip().splitlines()[-1])

    # What came out

    def mails(self, to: str | None = None) -> list[EmailMessage]:
        """The e-mails that arrived, oldest first, repetitions included; those to one address where it is given."""
        return [mail.message for mail in list(self.mail_server.received) if to is None or to in mail.recipients]

    def wait_for_mail(self, to: str, *, count: int = 1, seconds: float = 30) -> EmailMessage:
        """The newest e-mail to that address once `count` have arrived."""
        found = wait_until(
            lambda: (mails := self.mails(to)) and len(mails) >= count and mails,
            seconds=seconds,
            what=f"{count} e-mails to {to}",
        )
        return found[-1]

    def wait_for_sms(self, to: str, *, count: int = 1, seconds: float = 30) -> dict[str, Any]:
        """The newest SMS to that number once `count` have arrived."""
        found = wait_until(
            lambda: (lines := self.sms(to)) and len(lines) >= count and lines,
            seconds=seconds,
            what=f"{count} SMS to {to}",
        )
        return found[-1]

    def sms(self, to: str | None = None) -> list[dict[str, Any]]:
        """The SMS that arrived, oldest first."""
        if self.sms_gateway:
            found = list(self.sms_gateway.received)
        else:
            path = self.directory / "outbox" / "sms.jsonl"
            found = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [line for line in found if to is None or line["to"] == to]


def _own_redis() -> str:
    """One of the numbered databases of the Redis at hand, emptied."""
    global _redis_turn
    import redis

    _redis_turn += 1
    parts = urlsplit(os.environ["REDIS_URL"])
    url = urlunsplit(parts._replace(path=f"/{(os.getpid() + _redis_turn) % 15 + 1}"))
    with redis.Redis.from_url(url) as connection:
        connection.flushdb()
    return url


@pytest.fixture(scope="session")
def _live_databases() -> Iterator[None]:
    yield
    if _migrated is not None:
        _migrated.remove()


@pytest.fixture
def make_live_site(_live_databases) -> Iterator[Callable[..., LiveSite]]:
    """Start a site of the parts that the test names; it ends with the test."""
    with contextlib.ExitStack() as sites:
        yield lambda **options: sites.enter_context(LiveSite(**options))


@pytest.fixture
def live_site(make_live_site) -> LiveSite:
    """The whole product, running: web, worker and beat."""
    return make_live_site()

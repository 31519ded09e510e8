"""Races between real processes on a real database."""

from __future__ import annotations

import http.client
import json
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support.live import ROOT, LiveSite, wait_until

ACTOR_SECONDS = 90
ANSWER_SECONDS = 30
CSRF = "c" * 32


@dataclass(frozen=True)
class Answer:
    """What one client got; `status` 0 where it got nothing in time."""

    status: int
    location: str
    body: str
    seconds: float


class Arena:
    """A live site whose web processes, and whose actors, race for slots."""

    def __init__(self, site: LiveSite) -> None:
        self.site = site

    def do(self, what: str, **arguments: Any) -> Any:
        """Run one function of `actors` in a process of the product."""
        done = subprocess.run(
            self._command(what, arguments, Path("alone")),
            cwd=ROOT, env=self.site.env, capture_output=True, text=True, timeout=ACTOR_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.strip().splitlines()[-1])

    def race(self, *actors: tuple[str, dict[str, Any]], wait: float = 0) -> list[Any]:
        """Run several of them, each in its own process, all let go at one instant."""
        with tempfile.TemporaryDirectory(prefix="medicaim-race-") as name:
            directory = Path(name)
            processes = [
                subprocess.Popen(
                    self._command(what, arguments, directory),
                    cwd=ROOT, env=self.site.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                )
                for what, arguments in actors
            ]  # fmt: skip
            try:
                wait_until(
                    lambda: (
                        len(list(directory.glob("ready-*"))) == len(processes)
                        or any(process.poll() is not None for process in processes)
                    ),
                    seconds=ACTOR_SECONDS,
                    what="actors ready",
                )
                time.sleep(wait)
                (directory / "go").touch()
                outputs = [process.communicate(timeout=ACTOR_SECONDS) for process in processes]
            finally:
                for process in processes:
                    if process.poll() is None:
                        process.kill()
                        process.wait()
        failed = [errors[-3000:] for process, (_, errors) in zip(processes, outputs, strict=True) if process.returncode]
        assert not failed, failed[0]
        return [json.loads(output.strip().splitlines()[-1]) for output, _ in outputs]

    @staticmethod
    def _command(what: str, arguments: dict[str, Any], directory: Path) -> list[str]:
        return [sys.executable, "-m", "tests.concurrency.actors", what, json.dumps(arguments), str(directory)]

    def post_together(self, posts: list[tuple[str, str, str]]) -> list[Answer]:
        """Post the request form of each (session, slot token, key) at the same instant, each on its own line."""
        answers: list[Answer | None] = [None] * len(posts)
        start = threading.Barrier(len(posts))

        def one(number: int, session: str, token: str, key: str) -> None:
            fields = {"slot": token, "who": "myself", "subject": f"Words {number}", "request_key": key, "website": ""}
            connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=ANSWER_SECONDS)
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": f"session={session}; csrf={CSRF}",
                "Host": f"localhost:{self.site.port}",
            }
            start.wait()
            began = time.monotonic()
            try:
                body = urlencode({**fields, "csrfmiddlewaretoken": CSRF})
                connection.request("POST", "/en/request/new/", body, headers)
                got = connection.getresponse()
                text = got.read().decode()
                answers[number] = Answer(got.status, got.headers.get("Location", ""), text, time.monotonic() - began)
            except OSError as error:
                answers[number] = Answer(0, "", repr(error), time.monotonic() - began)
            finally:
                connection.close()

        threads = [threading.Thread(target=one, args=(number, *post)) for number, post in enumerate(posts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [answer for answer in answers if answer is not None]


def statuses(answers: list[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


def new_key() -> str:
    """As the form makes one."""
    text = secrets.token_hex(16)
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    """One site for the races of a module: web processes only; messages stay in the outbox until asked for."""
    with LiveSite(worker=False, beat=False, web_processes=2, web_threads=16) as site:
        yield Arena(site)


@pytest.fixture
def make_arena() -> Iterator[Any]:
    """A throw-away database without web processes, for controls that take a guard away."""
    sites: list[LiveSite] = []

    def make() -> Arena:
        site = LiveSite(web=False, worker=False, beat=False)
        sites.append(site)
        return Arena(site.start())

    yield make
    for site in sites:
        site.close()

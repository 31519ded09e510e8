"""Races between real processes on a real database."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import secrets
import shutil
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
        self._actors: subprocess.Popen[str] | None = None
        self._directory = Path(tempfile.mkdtemp(prefix="medicaim-race-"))
        self._jobs = itertools.count(1)

    def close(self) -> None:
        if self._actors is not None:
            assert self._actors.stdin is not None
            self._actors.stdin.close()
            self._actors.wait(ACTOR_SECONDS)
        shutil.rmtree(self._directory, ignore_errors=True)

    def do(self, what: str, **arguments: Any) -> Any:
        """Run one function of `actors` in a process of the product."""
        return self._result(self._start(what, arguments))

    def race(self, *actors: tuple[str, dict[str, Any]], wait: float = 0) -> list[Any]:
        """Run several of them, each in its own process, all let go at one instant."""
        go = self._new_path("go")
        readies = [self._new_path("ready") for _ in actors]
        answers = [
            self._start(what, arguments, ready=str(ready), go=str(go))
            for (what, arguments), ready in zip(actors, readies, strict=True)
        ]
        wait_until(lambda: all(ready.exists() for ready in readies), seconds=ACTOR_SECONDS, what="actors ready")
        time.sleep(wait)
        go.touch()
        return [self._result(answer) for answer in answers]

    def _start(self, what: str, arguments: dict[str, Any], **race: str) -> Path:
        """Hand a job to the actors; the file in which its answer will stand."""
        if self._actors is None:
            self._actors = subprocess.Popen(
                [sys.executable, "-m", "tests.concurrency.actors"],
                cwd=ROOT, env=self.site.env, stdin=subprocess.PIPE, text=True,
            )  # fmt: skip
        assert self._actors.stdin is not None
        answer = self._new_path("answer")
        job = {"what": what, "arguments": arguments, "answer": str(answer), **race}
        self._actors.stdin.write(json.dumps(job) + "\n")
        self._actors.stdin.flush()
        return answer

    @staticmethod
    def _result(answer: Path) -> Any:
        wait_until(answer.exists, seconds=ACTOR_SECONDS, every=0.02, what="an actor's answer")
        found = json.loads(answer.read_text())
        assert "error" not in found, found["error"][-3000:]
        return found["value"]

    def _new_path(self, kind: str) -> Path:
        return self._directory / f"{kind}-{next(self._jobs)}"

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
    with (
        LiveSite(worker=False, beat=False, web_processes=2, web_threads=16) as site,
        contextlib.closing(Arena(site)) as arena,
    ):
        yield arena


@pytest.fixture
def make_arena() -> Iterator[Any]:
    """A throw-away database without web processes, for controls that take a guard away."""
    with contextlib.ExitStack() as opened:

        def make() -> Arena:
            site = opened.enter_context(LiveSite(web=False, worker=False, beat=False))
            return opened.enter_context(contextlib.closing(Arena(site)))

        yield make

"""Real processes for tests: started on loopback, waited for, and ended whatever happens."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
#: Set by the test settings for the test process itself; a server of its own kind must not inherit them.
OF_THE_TEST_PROCESS = (
    "CELERY_BROKER_URL",
    "DATA_DIR",
    "DJANGO_SETTINGS_MODULE",
    "SECRET_KEY",
    "SECURE_SSL_REDIRECT",
    "SITE_URL",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def clean_environment(**values: str) -> dict[str, str]:
    """The environment without what the test settings put there, with `values` added."""
    return {name: value for name, value in os.environ.items() if name not in OF_THE_TEST_PROCESS} | values


@contextlib.contextmanager
def running(command: Sequence[str], *, env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process while the block runs. Python's modules are named like `["-m", "gunicorn", ...]`."""
    words = [sys.executable, *command] if command[0].startswith("-") else list(command)
    with log.open("wb") as output:
        process = subprocess.Popen(
            words, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(
    url: str, *, seconds: float = 30, log: Path | None = None, any_status: bool = False, host: str = ""
) -> None:
    """Wait until the address answers 200 (or anything at all); fail with the last answer and the log."""
    deadline, last = time.monotonic() + seconds, "no answer"
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(request, timeout=5):
                return
        except urllib.error.HTTPError as answer:
            if any_status:
                return
            last = answer.read().decode(errors="replace")[:1000]
        except OSError as error:
            last = str(error)
        time.sleep(0.1)
    raise AssertionError(f"{url}: {last}\n{log.read_text(errors='replace')[-3000:] if log else ''}")


def manage(*arguments: str, env: dict[str, str]) -> str:
    """Run a management command to its end and return what it printed."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout

"""`bin/run` looks after its processes: one that ends is started again, one that keeps ending stops everything."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.live import ROOT, environment, free_port, wait_until

pytestmark = [pytest.mark.live, pytest.mark.once]


def workers_below(pid):
    """The process ids of Celery's worker among the children of bin/run."""
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(OSError):
            if b"\0worker\0" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(int(child))
    return found


@pytest.mark.timeout(240)
def test_a_worker_that_ends_is_started_again_three_times(tmp_path):
    log = tmp_path / "run.log"
    command = [sys.executable, "bin/run", "--empty", "--port", str(free_port()), "--data", str(tmp_path / "data")]
    env = environment(tmp_path / "data")
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_until(lambda: "Ctrl-C stops everything" in log.read_text(), seconds=120, what="bin/run is up")
        for times in range(1, 4):
            [worker] = workers_below(process.pid)
            os.kill(worker, signal.SIGKILL)
            wait_until(lambda: log.read_text().count("is started again") == times, seconds=20)  # noqa: B023
            wait_until(lambda: workers_below(process.pid), seconds=20, what="a new worker")
        assert process.poll() is None
        [worker] = workers_below(process.pid)
        os.kill(worker, signal.SIGKILL)
        assert process.wait(40) == 1
        assert "The worker has ended by itself" in log.read_text()
    finally:
        process.terminate()
        process.wait(30)

"""Two gibibytes posted at gunicorn itself, without a session: refused at once, nothing on disk, memory flat."""

import contextlib
import secrets
import socket
import time
from pathlib import Path

import pytest

from tests.support.servers import clean_environment, free_port, manage, running, wait_for

pytestmark = pytest.mark.once

TWO_GIB = 2 * 1024**3
SIGN_IN = "/en/account/login/"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """(port, process, folder of its temporary files): one gunicorn on a SQLite file of its own."""
    folder = tmp_path_factory.mktemp("bodies")
    temporary = folder / "tmp"
    temporary.mkdir()
    port = free_port()
    env = clean_environment(
        DJANGO_SETTINGS_MODULE="medicaim.settings.dev",
        DATA_DIR=str(folder),
        DATABASE_URL=f"sqlite:///{folder / 'bodies.sqlite3'}",
        CELERY_BROKER_URL="memory://",
        SECRET_KEY=secrets.token_urlsafe(64),
        TMPDIR=str(temporary),
        WEB_CONCURRENCY="1",
    )
    manage("prepare", env=env)
    command = [
        "-m",
        "gunicorn",
        "--config",
        "medicaim/gunicorn_conf.py",
        "--bind",
        f"127.0.0.1:{port}",
        "medicaim.wsgi",
    ]
    with running(command, env=env, log=folder / "web.log") as process:
        wait_for(f"http://127.0.0.1:{port}/healthz", log=folder / "web.log")
        yield port, process, temporary


def memory_of(pid: int) -> int:
    """Bytes of resident memory of a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    pages = sum(int(Path(f"/proc/{number}/statm").read_text().split()[1]) for number in [pid, *children])
    return pages * 4096


def post(port: int, header: str, *, chunked: bool):
    """Send as much of a huge multipart body as the server takes: (status line, bytes sent, seconds)."""
    started, sent, answer = time.monotonic(), 0, b""
    block = b"x" * 65536
    if chunked:
        block = b"10000\r\n" + block + b"\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(
            f"POST {SIGN_IN} HTTP/1.1\r\nHost: localhost:{port}\r\n{header}\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n\r\n".encode()
        )
        if not chunked:
            connection.sendall(b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n')
        connection.settimeout(0.2)
        with contextlib.suppress(OSError):
            while sent < TWO_GIB:
                sent += connection.send(block)
        connection.settimeout(10)
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(65536):
                answer += part
    return answer.split(b"\r\n")[0].decode(), sent, time.monotonic() - started


@pytest.mark.parametrize(
    ("header", "chunked", "status"),
    [(f"Content-Length: {TWO_GIB}", False, "413"), ("Transfer-Encoding: chunked", True, "411")],
)
def test_two_gibibytes_are_refused_before_they_are_read(server, header, chunked, status):
    port, process, temporary = server
    before = memory_of(process.pid)
    line, sent, seconds = post(port, header, chunked=chunked)
    assert f" {status} " in line
    assert sent < 32 * 1024**2
    assert seconds < 15
    assert list(temporary.iterdir()) == []
    assert memory_of(process.pid) - before < 64 * 1024**2


def test_the_answer_reaches_a_client_that_waits_for_it(server):
    port, _, _ = server
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(
            f"POST {SIGN_IN} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: {TWO_GIB}\r\n\r\n".encode()
        )
        started = time.monotonic()
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert time.monotonic() - started < 3


def test_an_ordinary_post_after_it_is_answered(server):
    port, _, _ = server
    wait_for(f"http://127.0.0.1:{port}/healthz")
    wait_for(f"http://127.0.0.1:{port}{SIGN_IN}")

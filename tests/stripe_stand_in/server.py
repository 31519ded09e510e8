"""HTTP on loopback."""

import contextlib
import json
import socket
import struct
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from . import control, pages
from .api import Answer, Request, StandIn
from .pages import Page

HOST = "127.0.0.1"
LARGEST_BODY = 1_000_000
Shown = Callable[[StandIn, str], Page]
Submitted = Callable[[StandIn, str, dict[str, str]], Page]
PAGES: dict[str, tuple[Shown, Submitted]] = {
    "/c/pay/": (pages.checkout_page, pages.checkout_submitted),
    "/3ds/": (pages.challenge_page, pages.challenge_submitted),
    "/setup/": (pages.onboarding_page, pages.onboarding_submitted),
}


class Server(ThreadingHTTPServer):
    """The stand-in as a server. `with Server(port=0) as server:` listens and delivers until the block ends."""

    daemon_threads = True

    def __init__(self, port: int = 0, *, seed: int | None = None, hang_seconds: float = 100) -> None:
        super().__init__((HOST, port), Handler)
        self.url = f"http://{HOST}:{self.server_address[1]}"
        self.stand_in = StandIn(self.url, seed=seed, hang_seconds=hang_seconds)

    def __enter__(self) -> "Server":
        self.stand_in.delivery.start()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stand_in.closing.set()
        self.stand_in.delivery.stop()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "StripeStandIn"
    server: Server
    quiet: ClassVar[bool] = True
    timeout = 120

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def _handle(self) -> None:
        url = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= LARGEST_BODY:
            self._write(413, b"", {})
            return
        body = self.rfile.read(length).decode("utf-8", "replace")
        if url.path.startswith("/v1/"):
            headers = {name.title(): value for name, value in self.headers.items()}
            request = Request(self.command, url.path.rstrip("/"), url.query, body, headers)
            self._send(self.server.stand_in.answer(request))
        elif url.path.startswith("/_control/"):
            self._control(url.path.removeprefix("/_control/"), body)
        elif url.path == "/pages.css":
            self._write(200, pages.STYLE.read_bytes(), {"Content-Type": "text/css"})
        else:
            self._page(url.path, body)

    # --- the API ----------------------------------------------------------------------------------------

    def _send(self, answer: Answer) -> None:
        if answer.wire == "drop":
            self._drop()
        else:
            text = json.dumps(answer.body) if answer.wire == "send" else '{"id": "'
            with contextlib.suppress(ConnectionError):
                self._write(answer.status, text.encode(), {"Content-Type": "application/json"} | answer.headers)
        self.server.stand_in.delivery.let_go(answer.parcels)

    def _drop(self) -> None:
        """Break the connection: the other side reads a reset instead of an answer."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    # --- people and tests -------------------------------------------------------------------------------

    def _page(self, path: str, body: str) -> None:
        stand_in = self.server.stand_in
        prefix = next((prefix for prefix in PAGES if path.startswith(prefix)), None)
        if prefix is None:
            self._write(404, b"Not found", {"Content-Type": "text/plain"})
            return
        shown, submitted = PAGES[prefix]
        with stand_in.acting() as parcels:
            if self.command == "POST":
                page = submitted(stand_in, path.removeprefix(prefix), dict(parse_qsl(body, keep_blank_values=True)))
            else:
                page = shown(stand_in, path.removeprefix(prefix))
        headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
        headers |= {"Content-Security-Policy": "default-src 'none'; style-src 'self'"}
        self._write(page.status, page.html.encode(), headers | ({"Location": page.location} if page.location else {}))
        stand_in.delivery.let_go(parcels)

    def _control(self, path: str, body: str) -> None:
        try:
            data = json.loads(body) if body else {}
        except ValueError:
            data = None
        if not isinstance(data, dict):
            self._write(400, b'{"error": {"message": "A JSON object is expected."}}', {})
            return
        status, answer = control.obey(self.server.stand_in, self.command, path, data)
        self._write(status, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _write(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        if not self.quiet:
            super().log_message(*args)

"""Read an address that a stranger gave us, without letting it lead us anywhere inside.

A name is resolved once and the connection goes to the address that was checked (nothing can change in between);
private, loopback, link-local and reserved addresses are refused, after each redirect again. What comes back is
bounded in size, also after unpacking, and in time.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from django.utils.translation import gettext_lazy as _

from medicaim.common.errors import DomainError

MAX_BYTES = 2 * 1024 * 1024
MAX_SECONDS = 10.0
MAX_REDIRECTS = 3
_STATUS_WORDS = {
    401: _("This address asks for a password. Use the secret address of the calendar."),
    403: _("This address does not let us read. Use the secret address of the calendar."),
    404: _("There is no calendar at this address."),
    410: _("There is no calendar at this address."),
}
_REDIRECTS = {301, 302, 303, 307, 308}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class FetchFailed(DomainError):
    """The address cannot be read; the message says why, without naming what stands behind it."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the address answered: None where it says that nothing changed since `etag`."""

    content: bytes | None
    etag: str


def is_public_address(address: str) -> bool:
    """Whether an IP address is one of the open internet, whatever form it hides in."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        hidden = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if hidden is not None:
            return is_public_address(str(hidden))
        if ip in _NAT64:
            return is_public_address(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not (
        ip.is_private or ip.is_loopback or ip.is_link_local or ip.is_reserved or ip.is_multicast or ip.is_unspecified
    )


class _Deadline:
    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left; FetchFailed where none are."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise FetchFailed(_("The calendar took too long to answer."))
        return left


def _resolve(host: str, port: int, deadline: _Deadline, *, allow_private: bool) -> str:
    """One address of the host, where all of them are allowed."""
    executor = ThreadPoolExecutor(max_workers=1)
    try:
        waiting: Future = executor.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in waiting.result(timeout=deadline.left())]
    except (OSError, UnicodeError) as error:
        raise FetchFailed(_("We could not find this address.")) from error
    except FutureTimeoutError as error:
        raise FetchFailed(_("The calendar took too long to answer.")) from error
    finally:
        executor.shutdown(wait=False)
    if not allow_private and not all(is_public_address(address) for address in addresses):
        raise FetchFailed(_("This address is not on the open internet."))
    return addresses[0]


def _connect(parts: SplitResult, deadline: _Deadline, *, allow_private: bool) -> http.client.HTTPConnection:
    """A connection to the checked address; the certificate is checked against the name that was asked for."""
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _resolve(host, port, deadline, allow_private=allow_private)
    connection = http.client.HTTPConnection(host, port, timeout=deadline.left())
    try:
        plain = socket.create_connection((address, port), timeout=deadline.left())
        if parts.scheme == "https":
            plain = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except ssl.SSLError as error:
        raise FetchFailed(_("The certificate of this address is not valid.")) from error
    except OSError as error:
        raise FetchFailed(_("We could not reach this address.")) from error
    connection.sock = plain
    return connection


def _checked(url: str, before: SplitResult | None, *, allow_private: bool) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise FetchFailed(_("We could not find this address.")) from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise FetchFailed(_("Only web addresses (https) can be read."))
    if before is not None and before.scheme == "https" and parts.scheme == "http":
        raise FetchFailed(_("This address leads from a protected one to an open one."))
    if port is not None and port < 1024 and port not in (80, 443) and not allow_private:
        raise FetchFailed(_("Only web addresses (https) can be read."))
    return parts


def fetch(url: str, *, etag: str = "", allow_private: bool = False) -> Fetched:
    """The content behind an http(s) address. FetchFailed with a sentence for the person who gave the address."""
    deadline = _Deadline(MAX_SECONDS)
    parts = _checked(url, None, allow_private=allow_private)
    for _hop in range(MAX_REDIRECTS + 1):
        connection = _connect(parts, deadline, allow_private=allow_private)
        # However slowly the other side drips its bytes: when the time is over the line is cut.
        guard = threading.Timer(deadline.left(), _cut, [connection.sock])
        guard.daemon = True
        guard.start()
        try:
            answer, location = _ask(connection, parts, etag, deadline)
        finally:
            guard.cancel()
            connection.close()
        if answer is not None:
            return answer
        url = urljoin(parts.geturl(), location)
        parts = _checked(url, parts, allow_private=allow_private)
    raise FetchFailed(_("This address leads on and on to others."))


def _cut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _ask(
    connection: http.client.HTTPConnection, parts: SplitResult, etag: str, deadline: _Deadline
) -> tuple[Fetched | None, str]:
    """One request: the answer, or None and where it leads."""
    headers = {"Accept": "text/calendar, */*;q=0.1", "Accept-Encoding": "gzip", "User-Agent": "MEDICAIM calendar"}
    if etag:
        headers["If-None-Match"] = etag
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        if response.status in _REDIRECTS and response.headers.get("Location"):
            return None, response.headers["Location"]
        if response.status == 304 and etag:
            return Fetched(None, etag), ""
        if response.status != 200:
            raise FetchFailed(_STATUS_WORDS.get(response.status, _("This address answers with an error.")))
        return Fetched(_body(response, deadline), response.headers.get("ETag", "")[:200]), ""
    except (OSError, http.client.HTTPException, ValueError, zlib.error) as error:
        deadline.left()
        raise FetchFailed(_("The connection to this address broke off.")) from error


def _body(response: http.client.HTTPResponse, deadline: _Deadline) -> bytes:
    packed = response.headers.get("Content-Encoding", "identity").lower()
    if packed not in ("identity", "gzip", ""):
        raise FetchFailed(_("The address answered in a form that we cannot read."))
    unpack = zlib.decompressobj(wbits=31) if packed == "gzip" else None
    content = bytearray()
    while chunk := response.read(64 * 1024):
        deadline.left()
        # One byte more than allowed is enough to know; a bomb never unfolds.
        content += unpack.decompress(chunk, MAX_BYTES + 1 - len(content)) if unpack else chunk
        if len(content) > MAX_BYTES:
            raise FetchFailed(_("This calendar is larger than 2 MB."))
    if unpack and not unpack.eof:
        raise FetchFailed(_("The connection to this address broke off."))
    return bytes(content)

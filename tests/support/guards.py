"""What the suite watches in every test, whatever the test is about.

Each guard has a planted violation in `tests/test_guards.py` that it must catch.
"""

import ipaddress
import re
import socket
import sys
from pathlib import Path
from typing import Any

from celery.signals import before_task_publish
from django.conf import settings
from django.template.base import FilterExpression, Node
from django.test import Client, TestCase


class UndefinedTemplateVariable(AssertionError):
    """A template of ours named something that its context does not have."""


class UndefinedVariableGuard(str):
    """Stands in the template engine as `string_if_invalid`, which Django uses for each unknown variable.

    `{% if x %}` and `{{ x|default:"…" }}` may ask for something that is not there: that is what they are for.
    Templates of libraries (Django's own, allauth's) are left alone.
    """

    __slots__ = ()
    OURS = str(Path(settings.BASE_DIR) / "templates")
    FORGIVING = {"default", "default_if_none", "yesno"}

    def __bool__(self) -> bool:
        return True

    def __contains__(self, part: object) -> bool:
        return part == "%s"

    def __mod__(self, variable: Any) -> str:
        frame = sys._getframe(1)
        expression, context = frame.f_locals.get("self"), frame.f_locals.get("context")
        origin = self._origin(frame)
        is_ours = str(origin).startswith(self.OURS)
        if isinstance(expression, FilterExpression):
            first_filter = expression.filters[0][0].__name__ if expression.filters else ""
            if not is_ours or first_filter in self.FORGIVING:
                engine = context.template.engine
                engine.string_if_invalid = ""
                try:
                    return expression.resolve(context)
                finally:
                    engine.string_if_invalid = self
        if not is_ours and origin is not None:
            return ""
        raise UndefinedTemplateVariable(f"{origin} uses {variable!s}, which is not in its context")

    @staticmethod
    def _origin(frame) -> Any:
        """The template whose node is being rendered: the nearest one on the stack."""
        while frame is not None:
            owner = frame.f_locals.get("self")
            if isinstance(owner, Node) and hasattr(owner, "origin"):
                return owner.origin
            frame = frame.f_back
        return None


class NetworkForbidden(AssertionError):
    """A test tried to leave this machine."""


def is_loopback(host: Any) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def forbid_network(monkeypatch) -> None:
    """Let sockets reach loopback and Unix sockets only, and names be resolved only where no server is asked."""
    originals = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex")}
    resolve = socket.getaddrinfo

    def guarded(name):
        def call(self, address):
            if self.family != socket.AF_UNIX and not is_loopback(address[0]):
                raise NetworkForbidden(f"{name} to {address!r}")
            return originals[name](self, address)

        return call

    def guarded_resolve(host, *args, **kwargs):
        try:
            is_literal = bool(host) and bool(ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host))
        except ValueError:
            is_literal = False
        if not is_literal and not is_loopback(host):
            raise NetworkForbidden(f"the address of {host!r} was looked up")
        return resolve(host, *args, **kwargs)

    for name in originals:
        monkeypatch.setattr(socket.socket, name, guarded(name))
    monkeypatch.setattr(socket, "getaddrinfo", guarded_resolve)


LEAKED = re.compile(r"\{\{|\{%|\{#|%\(\w+\)s|&lt;django\.|&lt;bound method|object at 0x")


class LeakedTemplate(AssertionError):
    """A page shows template syntax, an unfilled message or a Python object."""


class SiteClient(Client):
    """The test client, nearer to the real server.

    What a request wants done on commit is done when it ends (a test's own transaction never commits), and no
    page that comes back may show raw template syntax.
    """

    def request(self, **request):
        with TestCase.captureOnCommitCallbacks(execute=True):
            response = super().request(**request)
        if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            found = LEAKED.search(response.text)
            if found:
                start = max(found.start() - 80, 0)
                raise LeakedTemplate(f"{request.get('PATH_INFO')}: …{response.text[start : found.end() + 80]}…")
        return response


class Enqueued(list):
    """Every wake-up that was published, as (task name, arguments), in order. Nothing runs them."""

    def __enter__(self) -> "Enqueued":
        before_task_publish.connect(self._note, weak=False)
        return self

    def __exit__(self, *exc_info) -> None:
        before_task_publish.disconnect(self._note)

    def _note(self, sender=None, body=None, **kwargs) -> None:
        self.append((sender, tuple(body[0])))

    def named(self, task_name: str) -> list[tuple]:
        """The arguments of each wake-up of that task."""
        return [args for name, args in self if name == task_name]

"""Hand one e-mail or SMS over, and say truthfully how that ended.

Nothing here touches the database; every wait has an end. `Unreachable` is raised only where surely nothing was
handed over; where nobody can tell, it is `Unknown`.
"""

from __future__ import annotations

import logging
import re
import smtplib
from contextvars import ContextVar
from urllib.parse import quote

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from .errors import DeliveryError, Refused, TryLater, Unknown, Unreachable

SMS_CONNECT_SECONDS = 5
SMS_ANSWER_SECONDS = 20


def send_email(mail: EmailMessage) -> None:
    """Hand it to the mail server of the settings. Raises a DeliveryError where that did not work."""
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(_say(error)) from error
    try:
        connection.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _answer in error.recipients.values()]
        kind: type[DeliveryError] = Refused if all(500 <= code < 600 for code in codes) else TryLater
        raise kind(f"the mail server refused the recipient: {', '.join(map(str, codes))}") from error
    except smtplib.SMTPDataError as error:
        raise (Refused if 500 <= error.smtp_code < 600 else TryLater)(_say(error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise TryLater(_say(error)) from error
    finally:
        _close(connection)


def send_sms(to: str, body: str) -> None:
    """Hand it to the gateway of `settings.SMS_URL`; `to` is a number in E.164. Raises a DeliveryError.

    The gateways' libraries only say yes or no, and a no may be a lost answer. So a no is believed only where
    their log proves that no connection came about (`Unreachable`) or that the gateway itself refused the request
    (`TryLater` for "too many", else `Refused`). Everything else is `Unknown`.
    """
    if not settings.SMS_URL:
        raise Refused("no gateway is set (SMS_URL)")
    # Loaded here: only a process that sends pays for the many services that apprise knows.
    import apprise

    from . import outbox_gateway  # noqa: F401 - registers outbox:// for development and tests

    gateway = apprise.Apprise()
    with _Listener() as log:
        if not gateway.add(sms_address(settings.SMS_URL, to)):
            raise Refused("SMS_URL is not an address that apprise understands")
        if not gateway.notify(body=body, body_format=apprise.NotifyFormat.TEXT):
            raise judge_refusal(log.text)


_listening: ContextVar[_Listener | None] = ContextVar("listening", default=None)


class _Listener(logging.Handler):
    """Hears what apprise says about this one SMS, and lets nobody else hear it: it names numbers.

    apprise sends in a thread of its own, which it gives a copy of our context.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._said: list[str] = []
        self._logger = logging.getLogger("apprise")

    def __enter__(self) -> _Listener:
        self._logger.propagate = False
        self._logger.setLevel(logging.DEBUG)
        self._logger.addHandler(self)
        self._token = _listening.set(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        _listening.reset(self._token)
        self._logger.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        if _listening.get() is self:
            self._said.append(record.getMessage())

    @property
    def text(self) -> str:
        return "\n".join(self._said)


def sms_address(url: str, to: str) -> str:
    """The apprise address of one recipient: see `SMS_URL` in the settings."""
    if "{to}" in url or "{to_digits}" in url:
        address = url.replace("{to}", quote(to, safe="")).replace("{to_digits}", re.sub(r"\D", "", to))
    else:
        head, mark, options = url.partition("?")
        address = f"{head.rstrip('/')}/{quote(to, safe='')}{mark}{options}"
    waits = f"cto={SMS_CONNECT_SECONDS}&rto={SMS_ANSWER_SECONDS}"
    return f"{address}{'&' if '?' in address else '?'}{waits}"


NEVER_CONNECTED = re.compile(r"NewConnectionError|ConnectTimeoutError|NameResolutionError|Connection refused")
REFUSED_WITH = re.compile(r"error=(4\d\d)\b")


def judge_refusal(log: str) -> DeliveryError:
    """What a gateway's library wrote about an SMS that it calls not sent."""
    if "Socket Exception" in log and NEVER_CONNECTED.search(log):
        return Unreachable("the SMS gateway cannot be reached")
    refused = REFUSED_WITH.search(log)
    if refused:
        code = refused.group(1)
        return (TryLater if code in ("408", "425", "429") else Refused)(f"the SMS gateway answered {code}")
    return Unknown("the SMS gateway gave no clear answer")


def _say(error: Exception) -> str:
    """An error for the log and for staff: kind and code, never the address that a server may repeat."""
    code = getattr(error, "smtp_code", None) or getattr(error, "errno", None)
    return f"{type(error).__name__}{f' {code}' if code else ''}"


def _close(connection) -> None:
    """The mail is with the server or it is not; a rude goodbye changes nothing about that."""
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        return

"""Where messages go in development and tests: into files, through the same code as the real gateways.

E-mails are `mail/<time>-<random>.eml`, SMS are lines of `sms.jsonl`, both under `settings.OUTBOX_DIR`.
"""

import json
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage as ParsedMail
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


def new_entry_id() -> str:
    """An id that sorts by time."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"


class FileEmailBackend(BaseEmailBackend):
    """One file per e-mail; a reader sees a whole file or none."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        directory = Path(settings.OUTBOX_DIR) / "mail"
        directory.mkdir(parents=True, exist_ok=True)
        for mail in email_messages:
            name = new_entry_id()
            unfinished = directory / f".{name}.part"
            unfinished.write_bytes(mail.message().as_bytes(linesep="\r\n"))  # type: ignore[call-arg]
            unfinished.replace(directory / f"{name}.eml")
        return len(email_messages)


def append_sms(directory: Path, number: str, body: str) -> None:
    """One line per SMS, as {"id", "at", "to", "body"}."""
    line = {"id": new_entry_id(), "at": datetime.now(UTC).isoformat(), "to": number, "body": body}
    directory.mkdir(parents=True, exist_ok=True)
    # One write to a file opened for appending: lines of several processes never mix.
    descriptor = os.open(directory / "sms.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, (json.dumps(line, ensure_ascii=False) + "\n").encode())
    finally:
        os.close(descriptor)


# --- Reading it again: /dev/outbox ------------------------------------------------------------------------

ENTRY_ID = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")


@dataclass(frozen=True)
class Part:
    """A part of an e-mail that is neither its text nor its HTML."""

    number: int
    filename: str
    mime_type: str
    content: bytes


@dataclass(frozen=True)
class Entry:
    """One message that went out. `mail` is None for an SMS."""

    id: str
    at: datetime
    to: str
    subject: str
    text: str
    mail: ParsedMail | None = None

    @property
    def is_sms(self) -> bool:
        return self.mail is None

    @property
    def html(self) -> str:
        body = self.mail.get_body(("html",)) if self.mail is not None else None
        return body.get_content() if body is not None else ""

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.mail.items()] if self.mail is not None else []

    @property
    def parts(self) -> list[Part]:
        """The attachments, numbered from 1."""
        if self.mail is None:
            return []
        return [
            Part(
                number,
                part.get_filename() or f"part-{number}",
                part["Content-Type"] or "application/octet-stream",
                bytes(part.get_payload(decode=True) or b""),
            )
            for number, part in enumerate(self.mail.iter_attachments(), start=1)
        ]


def entries(limit: int = 200) -> list[Entry]:
    """The newest messages of both channels, newest first."""
    mails = sorted((Path(settings.OUTBOX_DIR) / "mail").glob("[0-9]*.eml"), reverse=True)[:limit]
    found = [_read_mail(path) for path in mails] + _read_sms()[-limit:]
    return sorted(found, key=lambda entry: entry.id, reverse=True)[:limit]


def entry(entry_id: str) -> Entry | None:
    """The message of that id; None where there is none (or the id is none of ours)."""
    if not ENTRY_ID.fullmatch(entry_id):
        return None
    path = Path(settings.OUTBOX_DIR) / "mail" / f"{entry_id}.eml"
    if path.exists():
        return _read_mail(path)
    return next((found for found in _read_sms() if found.id == entry_id), None)


def _read_mail(path: Path) -> Entry:
    mail = BytesParser(policy=default).parsebytes(path.read_bytes())
    at = datetime.strptime(path.stem[:21], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    body = mail.get_body(("plain",))
    return Entry(path.stem, at, mail["To"] or "", mail["Subject"] or "", body.get_content() if body else "", mail)


def _read_sms() -> list[Entry]:
    path = Path(settings.OUTBOX_DIR) / "sms.jsonl"
    if not path.exists():
        return []
    lines = (json.loads(line) for line in path.read_text().splitlines())
    return [
        Entry(line["id"], datetime.fromisoformat(line["at"]), line["to"], line["body"], line["body"]) for line in lines
    ]

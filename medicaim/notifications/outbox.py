"""Where messages go in development and tests: into files, through the same code as the real gateways.

E-mails are `mail/<time>-<random>.eml`, SMS are lines of `sms.jsonl`, both under `settings.OUTBOX_DIR`.
"""

import json
import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
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
            unfinished.write_bytes(mail.message().as_bytes(linesep="\r\n"))
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

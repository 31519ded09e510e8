"""What came out: for tests in the process of the test."""

import json
from email.message import EmailMessage as ParsedMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

from medicaim.notifications import services


class Outbox:
    """The mails and SMS of one test. Nothing is sent before `deliver()`."""

    def __init__(self, directory: Path, mailoutbox: list) -> None:
        self.directory = directory
        self._mails = mailoutbox

    def deliver(self, now=None) -> None:
        """Send all that is due (at `now`), as the sweep does."""
        services.send_due_messages(now=now)

    @property
    def mails(self) -> list[ParsedMessage]:
        """The e-mails as they went over the line: `["Subject"]`, `.get_body()`, `.iter_attachments()`."""
        return [BytesParser(policy=default).parsebytes(mail.message().as_bytes()) for mail in self._mails]

    def mails_to(self, address: str) -> list[ParsedMessage]:
        return [mail for mail in self.mails if address in mail["To"]]

    @property
    def sms(self) -> list[dict[str, str]]:
        """The SMS, oldest first, as {"id", "at", "to", "body"}."""
        path = self.directory / "sms.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def clear(self) -> None:
        """Forget what came out so far."""
        self._mails.clear()
        (self.directory / "sms.jsonl").unlink(missing_ok=True)

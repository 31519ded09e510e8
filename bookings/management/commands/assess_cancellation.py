"""Ask the table of cancellation fees about many cancellations at once, without a database."""

import json
import sys
from typing import Any

from django.core.management import BaseCommand, CommandError

from bookings.cancellation_json import UnreadableLine, assess_line


class Command(BaseCommand):
    help = (
        "Read cancellations from standard input, one JSON object a line, and write what each comes to, one JSON object "
        'a line, in order. A line that cannot be read is answered by {"line": …, "error": …}; the others are '
        "answered all the same, and the command ends with status 1."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        lines = unreadable = 0
        for line in sys.stdin.buffer:
            lines += 1
            try:
                answer = assess_line(line)
            except UnreadableLine as error:
                unreadable += 1
                answer = {"line": lines, "error": str(error)}
            self.stdout.write(json.dumps(answer))
            self.stdout.flush()  # whoever asks line by line is answered line by line
        if unreadable:
            raise CommandError(f"{unreadable} of {lines} lines could not be read")

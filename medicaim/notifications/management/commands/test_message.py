"""Find out whether this installation can send: queue a message to an address or a number of one's own."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import transaction

from medicaim.common.ids import new_public_id
from medicaim.notifications.enums import Channel
from medicaim.notifications.services import queue_message
from medicaim.notifications.trial import EVENT


class Command(BaseCommand):
    help = "Queue test messages, as any other message: the worker sends them, the careteam's pages show their state."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", default="", help="an e-mail address")
        parser.add_argument("--sms", default="", help="a phone number in international form (+33…)")
        parser.add_argument("--count", type=int, default=1, help="how many of each")

    def handle(self, *args: Any, **options: Any) -> None:
        targets = [(Channel.EMAIL, options["email"]), (Channel.SMS, options["sms"])]
        targets = [(channel, address) for channel, address in targets if address]
        if not targets:
            raise CommandError("Say where to: --email ADDRESS, --sms NUMBER, or both.")
        run = new_public_id()
        with transaction.atomic():
            for number in range(1, options["count"] + 1):
                for channel, address in targets:
                    queue_message(event=EVENT, object_id=number, channel=channel, address=address, occurrence=run)
        self.stdout.write(f"queued: {options['count'] * len(targets)}")

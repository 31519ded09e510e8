"""Fill an installation with demonstration data."""

import sys
import time
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from bookings.tasks import refresh_availability
from medicaim.demo.busy import busy_provider, create_busy_provider
from medicaim.demo.people import accounts, create_people, join_provider
from medicaim.demo.providers import Size, create_providers
from medicaim.demo.search import fill_search
from medicaim.demo.story import create_appointments
from providers.care_areas import refresh_care_areas
from providers.models import Provider
from providers.offered import refresh_offered


class Command(BaseCommand):
    help = "Create fictitious providers, accounts for each role, and appointments in every state."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--providers", type=int, default=96, help="how many (up to 1,000,000; default 96)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same data")
        parser.add_argument("--accounts", action="store_true", help="only list the demo accounts that are there")
        parser.add_argument("--only-providers", action="store_true", help="no accounts, no appointments: for measuring")
        parser.add_argument(
            "--busy",
            type=int,
            metavar="APPOINTMENTS",
            help="only add one clinic with so many appointments: for measuring",
        )

    def handle(self, *args, **options) -> None:
        if options["accounts"]:
            listed = accounts()
            there = set(
                User.objects.filter(username__in=[name for _, name, _ in listed]).values_list("username", flat=True)
            )
            for role, username, password in listed:
                if username in there:
                    self.stdout.write(f"{role:<24} {username:<14} {password}")
            return
        if options["busy"] is not None:
            self._add_busy(options["busy"])
            return
        if not 1 <= options["providers"] <= 1_000_000:
            raise CommandError("--providers takes a number from 1 to 1,000,000")
        if not options["only_providers"] and Provider.objects.exists():
            raise CommandError("There are providers already; demonstration data goes into an empty installation.")
        self._fill(options)

    def _add_busy(self, appointments: int) -> None:
        if not 1 <= appointments <= 100_000:
            raise CommandError("--busy takes a number from 1 to 100,000")
        if busy_provider() is not None:
            raise CommandError("There is such a clinic already.")
        provider = create_busy_provider(appointments=appointments, now=timezone.now())
        refresh_availability(provider.pk)
        self.stdout.write(f"{provider.name}: {provider.appointments.count()} appointments.")

    def _fill(self, options) -> None:
        now = timezone.now()
        size = Size(providers=options["providers"], lean=options["providers"] > 5000)
        progress = Progress(size.providers)
        first: list[int] = []
        for ids in create_providers(size=size, seed=options["seed"], now=now):
            fill_search(ids, lean=size.lean, now=now)
            first = first or ids
            progress.add(len(ids))
        progress.end()
        refresh_care_areas(now=now)
        refresh_offered()
        if options["only_providers"]:
            return
        users = create_people(now=now)
        join_provider(users=users, provider=Provider.objects.get(pk=first[:6][-1]))
        made = create_appointments(users=users, seed=options["seed"], now=now)
        if not size.lean:
            for provider_id in Provider.objects.order_by("pk").values_list("pk", flat=True):
                refresh_availability(provider_id)
        self.stdout.write(f"{len(users)} accounts, {made} appointments.")


class Progress:
    """A bar on a terminal, one line in ten in a log."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.started, self.shown = total, 0, time.monotonic(), -1

    def add(self, count: int) -> None:
        self.done += count
        tenth = self.done * 10 // self.total
        rate = self.done / max(time.monotonic() - self.started, 0.001)
        text = f"{self.done:>9,} of {self.total:,} providers  {rate:,.0f} a second"
        if sys.stdout.isatty():
            sys.stdout.write(f"\r[{'#' * (tenth * 2):<20}] {text}")
            sys.stdout.flush()
        elif tenth != self.shown:
            print(text, flush=True)
        self.shown = tenth

    def end(self) -> None:
        if sys.stdout.isatty():
            sys.stdout.write("\n")

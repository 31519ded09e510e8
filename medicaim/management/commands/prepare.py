"""Bring the database to where this version of the code needs it. Safe to run at every start."""

from typing import Any

from django.core.cache import caches
from django.core.cache.backends.db import BaseDatabaseCache
from django.core.management import BaseCommand, call_command

from accounts.models import User
from providers.models import Provider


class Command(BaseCommand):
    help = "Apply migrations, make the cache table, and say whether anything is in the database yet."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=options["verbosity"], stdout=self.stdout)
        if any(isinstance(cache, BaseDatabaseCache) for cache in caches.all(initialized_only=False)):
            call_command("createcachetable", stdout=self.stdout)
        is_empty = not User.objects.exists() and not Provider.objects.exists()
        # bin/run reads this line.
        self.stdout.write(f"database: {'empty' if is_empty else 'in use'}")

"""Measure at size: `bin/manage bench search`, `bench slots`, `bench booking`, `bench ledger`."""

import contextlib
import importlib
import json
import pkgutil
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from medicaim.management import benches


class Command(BaseCommand):
    help = "Print medians, 95th percentiles and query counts as one JSON object, beside the empty-page floor."

    def add_arguments(self, parser: ArgumentParser) -> None:
        whats = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
        for found in pkgutil.iter_modules(benches.__path__):
            module = importlib.import_module(f"{benches.__name__}.{found.name}")
            what = whats.add_parser(found.name, help=(module.__doc__ or "").split("\n", 1)[0])
            what.add_argument("--repeat", type=int, default=40, help="calls of each page (default 40)")
            if hasattr(module, "add_arguments"):
                module.add_arguments(what)

    def handle(self, *args, **options) -> None:
        module = importlib.import_module(f"{benches.__name__}.{options['what']}")
        with contextlib.redirect_stdout(sys.stderr):  # nothing but the object goes to standard output
            result = module.run(**options)
        self.stdout.write(json.dumps(result, indent=2, ensure_ascii=False))

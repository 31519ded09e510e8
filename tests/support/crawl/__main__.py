"""`python -m tests.support.crawl`, which `bin/crawl` calls."""

import sys

import django

django.setup()

from .run import main  # noqa: E402 - needs the apps

sys.exit(main())

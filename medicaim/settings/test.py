"""Tests: development, quicker, and with nothing left to chance or to the network."""

import os
import secrets
import tempfile

os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="medicaim-test-"))
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(64))
os.environ.setdefault("CELERY_BROKER_URL", "memory://")  # Wake-ups are recorded (fixture `enqueued`), no worker runs.

if os.environ.get("REDIS_URL") and os.environ.get("PYTEST_XDIST_WORKER"):
    # Tests that run side by side never share a cache.
    os.environ["REDIS_URL"] = os.environ["REDIS_URL"].rsplit("/", 1)[0] + "/" + os.environ["PYTEST_XDIST_WORKER"][2:]

from .dev import *
from .dev import STORAGES

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["*"]
WHITENOISE_AUTOREFRESH = True
STORAGES["default"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
LOG_LEVEL = "ERROR"

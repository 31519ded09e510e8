"""Tests: development, quicker, and with nothing left to chance or to the network."""

import os
import secrets
import tempfile

os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="medicaim-test-"))
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(64))

from .dev import *  # noqa: E402, F403
from .dev import STORAGES  # noqa: E402

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["*"]
WHITENOISE_AUTOREFRESH = True
STORAGES["default"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
LOG_LEVEL = "ERROR"

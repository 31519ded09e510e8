"""Development: one machine, SQLite, local files, no server and no key."""

import os
from pathlib import Path

_data = Path(os.environ.setdefault("DATA_DIR", str(Path(__file__).resolve().parent.parent.parent / "var" / "dev")))
_data.mkdir(parents=True, exist_ok=True)
if not (os.environ.get("SECRET_KEY") or os.environ.get("SECRET_KEY_FILE")):
    import secrets

    _key = _data / "secret-key"
    if not _key.exists():
        _key.touch(mode=0o600)
        _key.write_text(secrets.token_urlsafe(64))
    os.environ["SECRET_KEY_FILE"] = str(_key)
os.environ.setdefault("SITE_URL", "http://localhost:8000")
os.environ.setdefault("SECURE_SSL_REDIRECT", "0")

from .base import *
from .base import DATA_DIR, SITE_URL, STORAGES

DEBUG = os.environ.get("DEBUG", "1") == "1"
DEV_OUTBOX = True
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
INTERNAL_IPS = ["127.0.0.1"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True

EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", "medicaim.notifications.outbox.FileEmailBackend")
OUTBOX_DIR = DATA_DIR / "outbox"
SMS_URL = os.environ.get("SMS_URL", f"outbox://{OUTBOX_DIR}")

SECURE_HSTS_SECONDS = 0
SECURE_HSTS_PRELOAD = SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "session", "csrf"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
TRUSTED_PROXIES = 0
EXTERNAL_CALENDAR_ALLOW_PRIVATE = os.environ.get("EXTERNAL_CALENDAR_ALLOW_PRIVATE") == "1"

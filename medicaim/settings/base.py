"""Production settings. Everything that differs between installations comes from the environment.

`.env.example` documents every variable. A secret may stand in `NAME` or in a file named by
`NAME_FILE`. There is no default for a secret: a missing or weak one stops the process at once.
`dev.py` and `test.py` are thin layers over this file; nothing else knows which one is in use.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()


def secret(name: str, *, min_length: int = 0) -> str:
    """The secret `name`, from the environment or from the file that `<name>_FILE` points to."""
    value = env.str(name, default="")
    path = env.str(f"{name}_FILE", default="")
    if not value and path:
        value = Path(path).read_text().strip()
    if len(value) < max(min_length, 1) or value.lower().startswith(("change", "django-insecure", "insecure", "secret")):
        raise ImproperlyConfigured(f"{name} (or {name}_FILE) must hold a secret of at least {min_length} characters.")
    return value


# --- The installation ---------------------------------------------------------------------------
DEBUG = False
SECRET_KEY = secret("SECRET_KEY", min_length=50)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
SITE_URL = env.str("SITE_URL", default="").rstrip("/")
"""Scheme and host under which people reach the site; links in messages start with it."""
if not SITE_URL:
    raise ImproperlyConfigured("SITE_URL must hold the public address, such as https://www.example.org")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
if SECURE_SSL_REDIRECT and not SITE_URL.startswith("https://"):
    raise ImproperlyConfigured("SITE_URL must start with https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[SITE_URL.split("://", 1)[-1].split(":", 1)[0]])
CSRF_TRUSTED_ORIGINS = [SITE_URL]
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
"""Where this installation keeps local files: SQLite, uploads without S3, the development outbox."""

INSTALLED_APPS = [
    "medicaim.common",
    "medicaim.notifications",
    "accounts",
    "providers",
    "payments",
    "bookings",
    "second_opinion",
    "concierge",
    "medicaim",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_countries",
    "django_htmx",
    "django.forms",
    "django_structlog",
    "phonenumber_field",
]

MIDDLEWARE = [
    # First: nothing may read a body that is larger than its URL allows.
    "medicaim.common.middleware.BodySizeLimitMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "medicaim.caching.CompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    # Outside of what sets cookies, inside of what answers "not modified": it reads the one and rules the other.
    "medicaim.caching.CachePolicyMiddleware",
    # Before all that asks a session or a database: they may be what is being looked after.
    "medicaim.common.middleware.MaintenanceMiddleware",
    "medicaim.common.middleware.NulAddressMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SessionActivityMiddleware",
    "medicaim.common.middleware.WrongMethodPageMiddleware",
    "medicaim.common.middleware.ReadOnlyGetMiddleware",
    "accounts.middleware.RefusedAccessMiddleware",
    "medicaim.access.AccessMiddleware",
    "medicaim.indexing.IndexingMiddleware",
    "accounts.middleware.TermsMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "medicaim.common.middleware.TimeZoneMiddleware",
]

ROOT_URLCONF = "medicaim.urls"
WSGI_APPLICATION = "medicaim.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "medicaim.context_processors.site",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "medicaim.common.templatetags.ui",
                "medicaim.common.templatetags.letters",
            ],
        },
    }
]
FORM_RENDERER = "medicaim.common.forms.FormRenderer"

# --- Data ---------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'medicaim.sqlite3'}")}
_database = DATABASES["default"]
_database["ATOMIC_REQUESTS"] = False
if _database["ENGINE"].endswith("sqlite3"):
    # One writer at a time, who waits instead of failing; readers never wait.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    _database["CONN_MAX_AGE"] = 0
    _database["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL_SIZE", default=20), "timeout": 20},
    }

_redis = env.str("REDIS_URL", default="")
if _redis:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": _redis}}
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_entries"}}

STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA_DIR / "media"), "base_url": "/media/"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if env.str("S3_BUCKET", default=""):
    from botocore.config import Config as S3Config

    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": env.str("S3_BUCKET"),
            "endpoint_url": env.str("S3_ENDPOINT_URL", default=None),
            "region_name": env.str("S3_REGION", default=None),
            "access_key": secret("S3_ACCESS_KEY"),
            "secret_key": secret("S3_SECRET_KEY"),
            "default_acl": "private",
            "file_overwrite": False,
            # A storage that is silent must not keep a request for minutes.
            "client_config": S3Config(connect_timeout=3, read_timeout=20, retries={"total_max_attempts": 3}),
        },
    }
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]

# --- Work in the background ---------------------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=_redis or "filesystem://localhost")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# A process of the pool that was killed is replaced after a second, not after ten: its rows have leases.
CELERY_WORKER_LOST_WAIT = 1.0
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_TIME_LIMIT = 300
if CELERY_BROKER_URL.startswith("filesystem"):
    _broker_dir = DATA_DIR / "broker"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker_dir / "queue"),
        "data_folder_out": str(_broker_dir / "queue"),
        "control_folder": str(_broker_dir / "control"),
        "polling_interval": 0.1,
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 600,
        "unacked_restore_limit": None,
        "socket_timeout": 5,
        "socket_connect_timeout": 5,
    }

# --- Messages -----------------------------------------------------------------------------------
vars().update(env.email_url("EMAIL_URL", default="smtp://localhost:25"))
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="MEDICAIM <no-reply@medicaim.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
CARETEAM_EMAIL = env.str("CARETEAM_EMAIL", default="careteam@medicaim.example")
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="contact@medicaim.example")
CARETEAM_PHONE = env.str("CARETEAM_PHONE", default="")
SMS_URL = env.str("SMS_URL", default="")
"""Where SMS go, as an apprise address; empty: no SMS is sent, and admin says so.

Services differ in where the number stands. `{to}` is replaced by it (+33639980001, percent-encoded), and
`{to_digits}` by its digits alone; an address with neither gets "/<number>" at its end, as most of them want.
"""
NOTIFICATION_LEASE_SECONDS = env.int("NOTIFICATION_LEASE_SECONDS", default=120)
"""A sender that has not settled its message by then is taken for dead. Longer than any conversation with a server."""
NOTIFICATION_RETRY_SECONDS = [30, 120, 600, 3600, 6 * 3600, 12 * 3600, 24 * 3600]
"""Waits after each failed attempt on one message; after the last one it is given up, and careteam sees it."""
NOTIFICATION_OUTAGE_SECONDS = env.int("NOTIFICATION_OUTAGE_SECONDS", default=15)
"""While a mail server or gateway cannot be reached, one message knocks at its door this often, the rest wait."""
NOTIFICATION_OUTAGE_DAYS = 3
"""Messages that waited that long for an unreachable server are given up: by then they are history."""

# --- Language, time, money ----------------------------------------------------------------------
LANGUAGE_CODE = "en"
# Django's own English is that of one country: "Nov. 24, 2026, 9:05 p.m.".
FORMAT_MODULE_PATH = ["medicaim.formats"]
LANGUAGES = [("en", _("English")), ("fr", _("French")), ("ar", _("Arabic"))]
"""French and English are complete; Arabic holds the path of a patient (bin/catalogues.py says which files)."""
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- Sign-in ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.AccountBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.validators.ContextWordsValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "add_email": "accounts.forms.AddEmailForm",
    "change_email": "accounts.forms.ChangeEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "confirm_email_verification_code": "accounts.forms.EmailCodeForm",
    "login": "accounts.forms.LoginForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "signup": "accounts.forms.SignupForm",
}
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 3600
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_TIMEOUT = 3600
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
PASSWORD_RESET_TIMEOUT = 24 * 3600
ACCOUNT_RATE_LIMITS = {
    "alarm": "10/m/ip,5/h/key",
    "login_failed": "10/m/ip,5/5m/key,20/d/key",
}
"""Beside allauth's own: guesses per account are few, and a known browser has a count of its own."""
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_USERNAME_MIN_LENGTH = 3
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE_URL.split(":", 1)[0]
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_FORMS = {
    "activate_totp": "accounts.forms.ActivateTOTPForm",
    "add_webauthn": "accounts.forms.AddPasskeyForm",
    "authenticate": "accounts.forms.SecondFactorForm",
    "edit_webauthn": "accounts.forms.EditPasskeyForm",
    "reauthenticate": "accounts.forms.SecondFactorAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "MEDICAIM"
MFA_PASSKEY_LOGIN_ENABLED = True
USERSESSIONS_TRACK_ACTIVITY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 2 * 3600
"""Nobody used a session for that long: it ends. A shared computer does not stay signed in over lunch."""
CARETEAM_SECOND_FACTOR = env.bool("CARETEAM_SECOND_FACTOR", default=False)
"""Whether the careteam's pages open only to members with a second factor (a passkey or an authenticator app)."""

# --- Hardening ----------------------------------------------------------------------------------
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "medicaim.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "microphone", "usb")
}
MAINTENANCE = env.bool("MAINTENANCE", default=False)
"""Whether every page says that the site is being looked after (503). Health checks and static files still answer."""
MAINTENANCE_RETRY_SECONDS = env.int("MAINTENANCE_RETRY_SECONDS", default=600)
OFFLINE_PAGE = env.bool("OFFLINE_PAGE", default=True)
"""Whether browsers keep a page that they show without a connection; 0 makes them forget it."""
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1)
"""How many proxies of ours stand in front: that many entries of X-Forwarded-For, from the right, are true."""
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
BODY_LIMITS = {"default": 256 * 1024, "providers:photo": 6 * 1024 * 1024}
"""Bytes that a request body may have, per URL name. The first middleware refuses more before anything reads it."""

# --- Rules of the product: every Reading of the rules is a setting (docs/decisions.md) -----------
ADULT_AGE = 18
UNVERIFIED_ACCOUNT_DAYS = env.int("UNVERIFIED_ACCOUNT_DAYS", default=7)
REQUEST_ANSWER_HOURS = 48
PAYMENT_HOURS = 72
RESCHEDULE_ANSWER_HOURS = 48
MEDIATION_ANSWER_DAYS = 30
REMINDER_HOURS_BEFORE = [7 * 24, 24]
PAYMENT_REMINDER_HOURS_BEFORE = 24
MAX_OPEN_REQUESTS_PER_PATIENT = 8
MAX_REQUESTS_PER_ADDRESS_PER_DAY = 30
CARE_PAGE_MIN_PROVIDERS = 2
"""A page about a specialty in a country stands where at least so many providers offer it: fewer say too little."""
EXTERNAL_CALENDAR_REFRESH_MINUTES = 15
EXTERNAL_CALENDAR_STALE_HOURS = 6
EXTERNAL_CALENDAR_ALLOW_PRIVATE = False

# --- What it says of itself -----------------------------------------------------------------------
LOGGING_CONFIG = "medicaim.common.logs.configure"
LOGGING = {"configured by": LOGGING_CONFIG}  # Django calls the function only where this says something.
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
DEV_OUTBOX = False
"""True only in development: messages are files and /dev/outbox shows them."""

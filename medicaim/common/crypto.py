"""Seal what must be read again by this installation and by nobody who only has a copy of the database.

The keys are derived from SECRET_KEY, one per purpose ("<app>.<what>"); keys of SECRET_KEY_FALLBACKS still open what
they sealed.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.crypto import salted_hmac

__all__ = ["InvalidToken", "digest", "digests", "seal", "unseal"]


def _fernet(purpose: str) -> MultiFernet:
    keys = []
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        derived = HKDF(SHA256(), 32, salt=None, info=f"medicaim.{purpose}".encode()).derive(secret.encode())
        keys.append(Fernet(base64.urlsafe_b64encode(derived)))
    return MultiFernet(keys)


def seal(text: str, *, purpose: str) -> str:
    """The text, encrypted and authenticated for one purpose."""
    return _fernet(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """The text again. Raises InvalidToken where it was sealed with another key or for another purpose."""
    return _fernet(purpose).decrypt(sealed.encode()).decode()


def digests(text: str, *, purpose: str) -> list[str]:
    """What the text may be known by, today's first: equal texts are found without the text being readable."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [salted_hmac(f"medicaim.{purpose}", text, secret=key, algorithm="sha256").hexdigest() for key in keys]


def digest(text: str, *, purpose: str) -> str:
    """What the text is known by from now on."""
    return digests(text, purpose=purpose)[0]

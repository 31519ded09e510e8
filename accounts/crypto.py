"""Seal what must be read again by this installation and by nobody who only has a copy of the database.

The keys are derived from SECRET_KEY, one per purpose; keys of SECRET_KEY_FALLBACKS still open what they sealed.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

__all__ = ["InvalidToken", "seal", "unseal"]


def _fernet(purpose: str) -> MultiFernet:
    keys = []
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        derived = HKDF(SHA256(), 32, salt=None, info=f"medicaim.accounts.{purpose}".encode()).derive(secret.encode())
        keys.append(Fernet(base64.urlsafe_b64encode(derived)))
    return MultiFernet(keys)


def seal(text: str, *, purpose: str) -> str:
    """The text, encrypted and authenticated for one purpose."""
    return _fernet(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """The text again. Raises InvalidToken where it was sealed with another key or for another purpose."""
    return _fernet(purpose).decrypt(sealed.encode()).decode()

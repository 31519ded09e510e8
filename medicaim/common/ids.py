"""Random identifiers that may be shown to anyone: they say nothing and cannot be guessed."""

import hashlib
import secrets

_ALPHABET = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
PUBLIC_ID_LENGTH = 23
"""23 signs out of 56 hold 133 bits."""


def new_public_id() -> str:
    """A fresh identifier for a URL: at least 128 random bits, without signs that look alike."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(PUBLIC_ID_LENGTH))


def new_token() -> str:
    """A fresh secret for a link (256 bits). Only its `token_hash` may be stored."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the database keeps of a token, so that a stolen copy of the database opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()

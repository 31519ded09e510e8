"""The name of a slot: opaque in a page, exact on the server.

A page never posts a date and an hour, which a change of zone could shift by a day: it posts the token of a
slot. The token is encrypted and authenticated (AES-SIV), so nobody can make one, read one or alter one, and
deterministic, so the same slot has the same token on every page. It promises nothing: whether the slot is
still free is asked when it is posted.
"""

import base64
import binascii
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from .errors import InvalidSlot

_LAYOUT = struct.Struct(">QQQq")
_CONTEXT = b"medicaim.bookings.slot.1"


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A start time at which a service can be requested at a location; `practitioner_id` None: whoever is free."""

    starts_at: datetime
    service_id: int
    location_id: int
    practitioner_id: int | None = None

    @property
    def token(self) -> str:
        return slot_token(self)


@lru_cache(maxsize=8)
def _cipher(secret: str) -> AESSIV:
    return AESSIV(HKDF(algorithm=SHA256(), length=64, salt=None, info=_CONTEXT).derive(secret.encode()))


def slot_token(slot: Slot) -> str:
    """The opaque, URL-safe name of a slot. Start times are whole seconds."""
    plain = _LAYOUT.pack(slot.service_id, slot.practitioner_id or 0, slot.location_id, int(slot.starts_at.timestamp()))
    sealed = _cipher(settings.SECRET_KEY).encrypt(plain, [_CONTEXT])
    return base64.urlsafe_b64encode(sealed).decode()


def read_slot_token(text: str) -> Slot:
    """The slot of a token made by this site, also under a key that was replaced since; else `InvalidSlot`."""
    try:
        sealed = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise InvalidSlot from error
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            plain = _cipher(secret).decrypt(sealed, [_CONTEXT])
        except (InvalidTag, ValueError):
            continue
        if len(plain) == _LAYOUT.size:
            service, practitioner, location, starts = _LAYOUT.unpack(plain)
            return Slot(datetime.fromtimestamp(starts, UTC), service, location, practitioner or None)
    raise InvalidSlot

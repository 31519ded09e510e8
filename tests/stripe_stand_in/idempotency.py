"""Idempotency keys: the first answer of a key is its answer for a day, even where it is a 500."""

import hashlib
import json
import threading
from dataclasses import dataclass
from typing import Any

from .errors import StripeRefusal, invalid

LIFE = 24 * 3600


@dataclass
class Entry:
    fingerprint: str
    created: int
    request_id: str
    status: int = 0
    body: Any = None

    @property
    def is_running(self) -> bool:
        return self.status == 0


class Idempotency:
    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], Entry] = {}
        self._lock = threading.Lock()

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def begin(self, owner: str, key: str, path: str, params: dict[str, Any], now: int, request_id: str) -> Entry:
        """The entry of the key: a new one is running until `end` or `forget`, an old one has its answer."""
        if len(key) > 255:
            raise invalid("Idempotency keys may have up to 255 characters.")
        fingerprint = hashlib.sha256(json.dumps([path, params], sort_keys=True).encode()).hexdigest()
        with self._lock:
            entry = self._entries.get((owner, key))
            if entry is None or (not entry.is_running and entry.created <= now - LIFE):
                entry = self._entries[owner, key] = Entry(fingerprint, now, request_id)
                return entry
        if entry.fingerprint != fingerprint:
            raise StripeRefusal(
                400,
                "idempotency_error",
                "Keys for idempotent requests can only be used with the same parameters they were first used with."
                f" Try using a key other than '{key}' if you meant to execute a different request.",
            )
        if entry.is_running:
            raise StripeRefusal(
                409,
                "idempotency_error",
                "There is currently another in-progress request using this Idempotent Key.",
                code="idempotency_key_in_use",
            )
        return entry

    def end(self, entry: Entry, status: int, body: Any) -> None:
        entry.body, entry.status = body, status

    def forget(self, entry: Entry) -> None:
        """Nothing was done under the key: it is free again."""
        with self._lock:
            self._entries = {key: value for key, value in self._entries.items() if value is not entry}

"""What goes wrong on purpose: one fault for each coming request that it fits."""

import threading
from dataclasses import dataclass
from typing import Any

KINDS = {
    "500": "an error of the server; stored under the idempotency key",
    "503": "out of service",
    "429": "too many requests",
    "429_retry": "too many requests, with Stripe-Should-Retry: true",
    "hang": "no answer, nothing done",
    "reset": "the connection breaks, nothing done",
    "lost": "everything is done, then the connection breaks",
    "malformed": "everything is done, the answer is no JSON",
    "slow": "everything is done, the answer takes its time",
}


@dataclass(frozen=True)
class Fault:
    kind: str
    path: str = ""
    """Where the address begins with it; any address otherwise."""
    method: str = ""
    seconds: float = 2.0

    @classmethod
    def read(cls, given: Any) -> "Fault":
        """From a word, or from {"kind": "lost", "path": "/v1/refunds"}. ValueError where there is no such fault."""
        fault = cls(given) if isinstance(given, str) else cls(**given)
        if fault.kind not in KINDS:
            raise ValueError(f"no fault {fault.kind!r}; there are {', '.join(KINDS)}")
        return fault

    def fits(self, method: str, path: str) -> bool:
        return path.startswith(self.path) and self.method in {"", method}


class Faults:
    def __init__(self) -> None:
        self.coming: list[Fault] = []
        self._lock = threading.Lock()

    def clear(self) -> None:
        self.coming.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The first that fits; it is used up by this."""
        with self._lock:
            found = next((fault for fault in self.coming if fault.fits(method, path)), None)
            if found:
                self.coming.remove(found)
            return found

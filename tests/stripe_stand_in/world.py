"""Everything that the stand-in knows: objects, ids, the clock, and the jobs that time brings."""

import heapq
import itertools
import random
import string
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .books import Books
from .contract import Contract
from .errors import missing

Object = dict[str, Any]
#: The owner of what belongs to the platform itself; anything else is the id of a connected account.
PLATFORM = ""
DAY = 24 * 3600
CHARACTERS = string.ascii_letters + string.digits
PREFIXES = {
    "account": "acct", "balance_transaction": "txn", "charge": "ch", "checkout.session": "cs_test", "customer": "cus",
    "dispute": "du", "event": "evt", "item": "li", "payment_intent": "pi", "payment_method": "pm", "payout": "po",
    "refund": "re", "setup_intent": "seti", "transfer": "tr", "transfer_reversal": "trr", "webhook_endpoint": "we",
}  # fmt: skip


@dataclass(order=True)
class Job:
    due: int
    number: int
    act: Callable[[], None] = field(compare=False)


class World:
    """One Stripe account in test mode and those connected to it. Whoever touches it holds `lock`."""

    def __init__(self, contract: Contract, base_url: str, seed: int | None = None) -> None:
        self.contract, self.base_url = contract, base_url
        self.lock = threading.RLock()
        #: Told of each event that was made; the delivery listens.
        self.listeners: list[Callable[[Object], None]] = []
        self._random = random.Random(seed)
        self.clear()

    def clear(self) -> None:
        """Forget everything; the clock goes back to that of the machine."""
        self.tables: dict[str, dict[str, Object]] = defaultdict(dict)
        self.owners: dict[str, str] = {}
        #: What the stand-in knows of an object and Stripe does not show: the test card behind a payment method, ...
        self.hidden: dict[str, dict[str, Any]] = defaultdict(dict)
        self.books: dict[str, Books] = defaultdict(Books)
        self.request: dict[str, str | None] = {"id": None, "idempotency_key": None}
        self._jobs: list[Job] = []
        self._numbers = itertools.count()
        self._ahead = 0
        self._moment: int | None = None

    # --- the clock ------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        return int(time.time()) + self._ahead if self._moment is None else self._moment

    def at(self, due: int, act: Callable[[], None]) -> None:
        """Do it then. The job looks for itself whether there is still something to do."""
        heapq.heappush(self._jobs, Job(due, next(self._numbers), act))

    def advance(self, seconds: int = 0) -> None:
        """Let time pass; what falls due happens in its order, each at its own instant."""
        goal = self.now + seconds
        while self._jobs and self._jobs[0].due <= goal:
            job = heapq.heappop(self._jobs)
            self._moment = job.due
            try:
                job.act()
            finally:
                self._moment = None
        self._ahead += seconds

    # --- objects --------------------------------------------------------------------------------------

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_{''.join(self._random.choices(CHARACTERS, k=24))}"

    def new(self, kind: str, *, owner: str = PLATFORM, prefix: str | None = None, **fields: Any) -> Object:
        """An object of that kind with the given fields; the others are as empty as they may be."""
        made = self.contract.blank(kind)
        made |= {"id": self.new_id(prefix or PREFIXES[kind]), "object": kind}
        if "created" in made:
            made["created"] = self.now
        made |= fields
        self.tables[kind][made["id"]] = made
        self.owners[made["id"]] = owner
        return made

    def get(self, kind: str, id_: str, *, owner: str = PLATFORM, param: str | None = None) -> Object:
        found = self.tables[kind].get(id_)
        if found is None or self.owners[id_] != owner:
            raise missing(kind, id_, param)
        return found

    def all(self, kind: str, *, owner: str = PLATFORM) -> Iterator[Object]:
        """Those of the owner, in the order in which they were made."""
        return (made for id_, made in self.tables[kind].items() if self.owners[id_] == owner)

    def anything(self, id_: str) -> Object | None:
        """The object with that id, whatever its kind."""
        return next((table[id_] for table in self.tables.values() if id_ in table), None)

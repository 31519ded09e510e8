"""The broker of a machine without Redis: messages are files that appear whole or not at all.

Kombu's own filesystem transport writes a message under the name by which the worker finds it: the worker can read a
file that is still empty, and ends. Here a file is written beside its place and renamed into it, whoever takes a
message renames it first, and a file that cannot be read is dropped with a line in the log: it was a wake-up, and
the sweeps find what it announced.
"""

import fcntl
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from queue import Empty
from typing import Any

import structlog
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

logger = structlog.get_logger(__name__)

Table = list[filesystem.exchange_queue_t]


def _write_whole(path: Path, content: Any) -> None:
    """Write JSON so that readers see the file before or after, never in between."""
    unfinished = path.with_name(f"{path.name}.{uuid.uuid4()}.part")
    try:
        unfinished.write_text(dumps(content))
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)


class Channel(filesystem.Channel):
    """The queues of `data_folder_in` and `data_folder_out`, and the tables of exchanges in `control_folder`."""

    def _put(self, queue: str, payload: Any, **_kwargs: Any) -> None:  # type: ignore[override] # the parents disagree
        _write_whole(Path(self.data_folder_out) / f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg", payload)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """The oldest message that can be read, taken out of the queue."""
        for name in sorted(os.listdir(self.data_folder_in)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = Path(self.data_folder_in) / f"{name}.{uuid.uuid4()}.taken"
            try:
                taken.with_name(name).rename(taken)
            except FileNotFoundError:
                continue  # another worker was quicker
            content = taken.read_bytes()
            taken.unlink()
            try:
                return loads(content)
            except ValueError:
                logger.warning("wake_up_unreadable", queue=queue, bytes=len(content))
        raise Empty

    def get_table(self, exchange: str) -> Table:
        try:
            content = self._exchange_file(exchange).read_bytes()
        except FileNotFoundError:
            return []
        try:
            return [filesystem.exchange_queue_t(*row) for row in loads(content)]
        except ValueError:
            logger.warning("exchange_unreadable", exchange=exchange, bytes=len(content))
            return []  # whoever consumes from it declares its queue again at the next start

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        row = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        self._change_table(exchange, lambda table: table if row in table else [row, *table])

    def _delete(self, queue: str, exchange: str, routing_key: str, pattern: str, *_args: Any, **_kwargs: Any) -> None:
        self._purge(queue)
        row = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        self._change_table(exchange, lambda table: [other for other in table if other != row])

    def _change_table(self, exchange: str, change: Callable[[Table], Table]) -> None:
        """Read, change and write a table while nobody else does; readers need no lock."""
        file = self._exchange_file(exchange)
        file.parent.mkdir(exist_ok=True)
        with (file.parent / "tables.lock").open("a") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            before = self.get_table(exchange)
            after = change(before)
            if after != before:
                _write_whole(file, after)


class Transport(filesystem.Transport):
    Channel = Channel

"""The broker of files: what is read is whole, every message is taken once, and rubbish ends nobody."""

import multiprocessing
import os
import time
from queue import Empty

import pytest
from kombu import Connection

from medicaim.common.file_broker import Channel

QUEUE = "celery"
WRITERS, READERS, EACH = 3, 3, 200


def channel_in(folder):
    for name in ("queue", "control"):
        (folder / name).mkdir(exist_ok=True)
    options = {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
    }
    return Connection("filesystem://", transport_options=options).channel()


def write_many(folder, writer):
    channel = channel_in(folder)
    for number in range(EACH):
        channel._queue_bind(f"exchange-{number % 5}", f"key-{writer}", "", QUEUE)
        # Longer than one page, so that a file written in its place would be seen half-way.
        channel._put(QUEUE, {"id": f"{writer}-{number}", "filling": "x" * 20_000})


def read_many(folder, reports):
    channel, seen = channel_in(folder), []
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for number in range(5):
            channel.get_table(f"exchange-{number}")
        try:
            seen.append(channel._get(QUEUE)["id"])
        except Empty:
            if (folder / "written").exists():
                break
    reports.put(seen)


@pytest.fixture
def channel(tmp_path):
    return channel_in(tmp_path)


def test_the_project_uses_it(channel):
    assert isinstance(channel, Channel)


@pytest.mark.slow
def test_many_writers_and_readers(tmp_path):
    channel_in(tmp_path)
    processes = multiprocessing.get_context("spawn")
    reports = processes.Queue()
    readers = [processes.Process(target=read_many, args=(tmp_path, reports), daemon=True) for _ in range(READERS)]
    writers = [processes.Process(target=write_many, args=(tmp_path, n), daemon=True) for n in range(WRITERS)]
    for process in [*readers, *writers]:
        process.start()
    for process in writers:
        process.join(60)
        assert process.exitcode == 0
    (tmp_path / "written").touch()
    seen = [name for _ in readers for name in reports.get(timeout=60)]
    assert sorted(seen) == sorted(f"{writer}-{number}" for writer in range(WRITERS) for number in range(EACH))
    assert os.listdir(tmp_path / "queue") == []
    table = channel_in(tmp_path).get_table("exchange-0")
    assert sorted(row.routing_key for row in table) == [f"key-{writer}" for writer in range(WRITERS)]


@pytest.mark.parametrize("rubbish", ["", '{"body": "W1tdLCB7', "\x00\x00"])
def test_what_cannot_be_read_is_dropped(channel, tmp_path, rubbish):
    (tmp_path / "queue" / f"0_broken.{QUEUE}.msg").write_text(rubbish)
    channel._put(QUEUE, {"id": "whole"})
    assert channel._get(QUEUE) == {"id": "whole"}
    with pytest.raises(Empty):
        channel._get(QUEUE)
    assert os.listdir(tmp_path / "queue") == []


def test_a_broken_table_is_made_anew(channel, tmp_path):
    (tmp_path / "control" / "celery.exchange").write_text("")
    assert channel.get_table("celery") == []
    channel._queue_bind("celery", "celery", "", QUEUE)
    assert [row.queue for row in channel.get_table("celery")] == [QUEUE]
    channel._delete(QUEUE, "celery", "celery", "")
    assert channel.get_table("celery") == []


def test_messages_keep_their_order(channel):
    for number in range(20):
        channel._put(QUEUE, number)
    assert [channel._get(QUEUE) for _ in range(20)] == list(range(20))

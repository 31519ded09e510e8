"""A worker on the broker of files lives on when the queue holds a file that says nothing."""

import pytest

from tests.support.live import wait_until

pytestmark = pytest.mark.live


@pytest.mark.once
@pytest.mark.timeout(120)
def test_broken_messages_end_no_worker(make_live_site):
    site = make_live_site(web=False, beat=False, worker_processes=1)
    queue = site.directory / "broker" / "queue"
    (queue / "0_empty.celery.msg").touch()
    (queue / "1_half.celery.msg").write_text('{"body": "W1tdLCB7fSwgeyJjYWxs')
    wait_until(lambda: not list(queue.glob("*.celery.msg")), seconds=30, what="the queue is empty")
    site.manage("test_message", "--email", "after@example.org")
    site.wait_for_mail(to="after@example.org")
    assert site.process("worker").poll() is None
    assert site.log("worker").count("wake_up_unreadable") == 2

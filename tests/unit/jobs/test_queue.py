"""Messages to workers, and what happens without a broker."""

import errno

import pytest
from kombu.exceptions import ChannelError, OperationalError

from jobs import queue

FAULTS = [OperationalError("connection refused"), ChannelError("the folder has no room")]


class Task:
    """A Celery task without a broker."""

    def __init__(self, error=None):
        self.error, self.sent = error, []

    def apply_async(self, **options):
        if self.error:
            raise self.error
        self.sent.append(options)


def test_a_message_has_no_expiry():
    task = Task()
    queue.send(task, 7, task_id="ingestion-7")
    queue.send(task)
    assert task.sent == [{"args": [7], "task_id": "ingestion-7"}, {"args": [], "task_id": None}]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_without_a_broker_the_sweep_tells_later(fault, caplog):
    with queue.left_to_the_sweep("report 1"):
        queue.send(Task(fault), 1)
    assert f"report 1 waits for the sweep: no broker: {fault}" in caplog.text


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_without_a_broker_a_job_ends_whose_sender_is_told(fault, caplog):
    ended = []
    with (
        pytest.raises(type(fault)),
        queue.ended_without_broker("report 1", lambda: ended.append(1)),
    ):
        queue.send(Task(fault), 1)
    assert ended == [1]
    assert "report 1: no broker" in caplog.text


def test_a_fault_of_ours_is_none_of_the_broker():
    fault, ended = OSError(errno.EBADF, "Bad file descriptor"), []
    for guard in (
        queue.left_to_the_sweep("it"),
        queue.ended_without_broker("it", lambda: ended.append(1)),
    ):
        with pytest.raises(OSError, match="Bad file"), guard:
            raise fault
    assert ended == []

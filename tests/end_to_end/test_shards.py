"""A report in many shards, over several workers, one of which is killed with -9."""

import sqlite3
from contextlib import suppress

import pytest

from storemonitor.launch import services
from tests.end_to_end.stack import offline, until

SMALL = {"REPORT_SHARD_POLLS": "4000"}
DONE = "SELECT count(*) FROM reports_shard WHERE status = 'Complete'"
HELD = "SELECT count(*) FROM reports_shard WHERE status = 'Running'"


@pytest.fixture
def workers(filled_well):
    """Two workers that cut the report into shards, in place of the one that does not."""
    filled_well.kill("worker")
    filled_well.start("worker", (*services.WORKER, services.EMBEDDED_BEAT), **SMALL)
    filled_well.start("second", (*services.WORKER, "--hostname=second@%h"), **SMALL)
    return filled_well


def test_it_makes_the_same_report_when_a_worker_dies_among_the_shards(
    workers, large_sample, tmp_path
):
    report_id = workers.trigger()
    until(lambda: workers.query(DONE)[0][0] > 2, pause=0.005)
    # Between two stops they need time to get on: stopped every few milliseconds, on SQLite they
    # never did.
    until(lambda: frozen_with_a_shard_each(workers), pause=0.05)
    workers.kill("second")
    workers.thaw("worker")

    workers.start("second", (*services.WORKER, "--hostname=second@%h"), **SMALL)
    answer = workers.finished(report_id)

    assert answer["status"] == "Complete", answer
    assert answer["progress"]["stores_done"] == answer["progress"]["stores_total"] > 0
    assert workers.download(report_id) == offline(large_sample, output=tmp_path / "offline.csv")


def frozen_with_a_shard_each(stack):
    """Stop both workers where they stand, and go on unless each is in the middle of a shard."""
    for name in ("worker", "second"):
        stack.freeze(name)
    # On SQLite a worker may have been stopped with the database locked.
    with suppress(sqlite3.OperationalError):
        if stack.query(HELD) == [(2,)]:
            return True
    for name in ("worker", "second"):
        stack.thaw(name)
    return False

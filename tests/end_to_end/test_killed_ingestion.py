"""An ingestion killed with -9 leaves nothing of its file."""

import signal

from tests.end_to_end.stack import until

READING = "SELECT count(*) FROM ingestion_ingestion WHERE status = 'Running'"
STORING = f"{READING} AND phase = 'storing'"


def test_it_leaves_the_data_as_it_was_when_an_ingestion_is_killed(stack, large_sample):
    before = stack.counts()
    polls = large_sample / "store_status.csv"

    for moment in (READING, STORING):
        kill_ingestion(stack, polls, moment)
        assert stack.counts() == before
        all_leases_run_out(stack)

    until(lambda: stack.query(READING) == [(0,)])
    errors = stack.query("SELECT error FROM ingestion_ingestion WHERE status = 'Failed'")
    assert len(errors) == 2
    assert all("process died" in error for (error,) in errors)
    again = stack.manage("ingest", polls)
    assert again.returncode in {0, 3}, again.stderr
    assert stack.counts()["ingestion_poll"] > before["ingestion_poll"]


def kill_ingestion(stack, file, moment):
    """Start to ingest a file and kill that once the query ``moment`` finds it."""
    ingestion = stack.start("ingestion", ("manage", "ingest", str(file)))
    until(lambda: stack.query(moment) != [(0,)] or ingestion.poll() is not None, pause=0.005)
    stack.kill("ingestion")
    assert ingestion.returncode == -signal.SIGKILL


def all_leases_run_out(stack):
    """As if their time had gone by."""
    stack.query(
        "UPDATE ingestion_ingestion SET lease_expires_at = started_at"
        " WHERE status = 'Running' RETURNING id"
    )

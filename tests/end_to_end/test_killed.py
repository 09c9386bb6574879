"""What is left when processes are killed with -9 in the middle of their work."""

import signal

import pytest

from tests.end_to_end.stack import offline, until

TRIES = 6


def state(stack, report_id):
    """Return (status, attempts) as the database has them."""
    number = report_id.replace("-", "")
    where = f"REPLACE(CAST(id AS varchar(36)), '-', '') = '{number}'"
    return stack.query(f"SELECT status, attempts FROM reports_report WHERE {where}")[0]


def cut_short(stack):
    """Trigger reports until the worker was killed in the middle of one; return its id."""
    for _ in range(TRIES):
        report_id = stack.trigger()
        until(lambda r=report_id: state(stack, r)[0] != "Queued", pause=0.005)
        stack.freeze("worker")
        caught = state(stack, report_id)[0] == "Running"
        stack.kill("worker")
        if caught:
            return report_id
        stack.start_worker()
    raise AssertionError(f"{TRIES} reports were each complete before the worker could be killed")


def test_it_completes_a_report_whose_worker_was_killed(stack, large_sample, tmp_path):
    stack.manage("ingest", large_sample)
    report_id = cut_short(stack)
    assert stack.get(f"/get_report?report_id={report_id}").json["status"] == "Running"
    refused = stack.get(f"/download_report?report_id={report_id}")
    assert (refused.status, refused.json["code"]) == (409, "report_running")

    stack.start_worker()

    assert stack.finished(report_id)["status"] == "Complete"
    assert state(stack, report_id) == ("Complete", 2)
    assert stack.download(report_id) == offline(large_sample, output=tmp_path / "offline.csv")


def test_it_fails_a_report_that_kills_every_worker(stack, large_sample):
    stack.manage("ingest", large_sample)
    report_id = cut_short(stack)
    stack.query(
        "UPDATE reports_report SET attempts = 3, lease_expires_at = created_at"
        " WHERE status = 'Running' RETURNING id"
    )

    stack.start_worker()

    ended = stack.finished(report_id)
    assert ended["status"] == "Failed"
    assert "Gave up after 3 attempts" in ended["message"]


def test_it_builds_a_report_whose_message_was_lost(stack, sample):
    stack.manage("ingest", sample)
    stack.kill("worker")
    report_id = stack.trigger()
    lose_messages(stack)

    stack.start_worker()

    assert stack.finished(report_id)["status"] == "Complete"


def lose_messages(stack):
    """Empty the queue behind everybody's back."""
    purge = "from storemonitor.celery import app; print('lost', app.control.purge())"
    lost = stack.manage("shell", "-c", purge)
    assert int(lost.stdout.rpartition("lost ")[2]) >= 1, lost.stderr


READING = "SELECT count(*) FROM ingestion_ingestion WHERE status = 'Running'"
# The lease of a transaction is 30 minutes, as nothing can renew it from inside.
STORING = f"{READING} AND lease_expires_at > {{soon}}"
SOON = {
    "sqlite": "datetime('now', '+5 minutes')",
    "postgres": "now() + interval '5 minutes'",
}


def storing(stack):
    kind = stack.environment["DATABASE_URL"].partition(":")[0]
    return STORING.format(soon=SOON[kind])


@pytest.mark.parametrize("moment", [lambda _: READING, storing], ids=["reading", "storing"])
def test_it_leaves_the_data_as_it_was_when_an_ingestion_is_killed(
    stack, sample, large_sample, moment
):
    stack.manage("ingest", sample)
    before = stack.counts()
    polls = large_sample / "store_status.csv"

    ingestion = stack.start("ingestion", ("manage", "ingest", str(polls)))
    question = moment(stack)
    until(lambda: stack.query(question) != [(0,)] or ingestion.poll() is not None, pause=0.005)
    stack.kill("ingestion")

    assert ingestion.returncode == -signal.SIGKILL
    assert stack.counts() == before
    again = stack.manage("ingest", polls)
    assert again.returncode in {0, 3}, again.stderr
    assert stack.counts()["ingestion_poll"] > before["ingestion_poll"]
    stack.query(
        "UPDATE ingestion_ingestion SET lease_expires_at = started_at"
        " WHERE status = 'Running' RETURNING id"
    )
    failed = "SELECT error FROM ingestion_ingestion WHERE status = 'Failed'"
    assert "process died" in until(lambda: stack.query(failed))[0][0]

"""Reports whose worker is killed with -9, or whose message is lost."""

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


def test_it_completes_a_report_whose_worker_was_killed(filled_well, large_sample, tmp_path):
    report_id = cut_short(filled_well)
    assert filled_well.get(f"/get_report?report_id={report_id}").json["status"] == "Running"
    refused = filled_well.get(f"/download_report?report_id={report_id}")
    assert (refused.status, refused.json["code"]) == (409, "report_running")

    filled_well.start_worker()

    assert filled_well.finished(report_id)["status"] == "Complete"
    assert state(filled_well, report_id) == ("Complete", 2)
    assert filled_well.download(report_id) == offline(large_sample, output=tmp_path / "offline.csv")


def test_it_fails_a_report_that_kills_every_worker(filled_well):
    report_id = cut_short(filled_well)
    filled_well.query(
        "UPDATE reports_report SET attempts = 3, lease_expires_at = created_at"
        " WHERE status = 'Running' RETURNING id"
    )

    filled_well.start_worker()

    ended = filled_well.finished(report_id)
    assert ended["status"] == "Failed"
    assert "Gave up after 3 attempts" in ended["message"]


def test_it_builds_a_report_whose_message_was_lost(filled_well):
    filled_well.kill("worker")
    report_id = filled_well.trigger()
    lose_messages(filled_well)

    filled_well.start_worker()

    assert filled_well.finished(report_id)["status"] == "Complete"


def lose_messages(stack):
    """Empty the queue behind everybody's back."""
    purge = "from storemonitor.celery import app; print('lost', app.control.purge())"
    lost = stack.manage("shell", "-c", purge)
    assert int(lost.stdout.rpartition("lost ")[2]) >= 1, lost.stderr

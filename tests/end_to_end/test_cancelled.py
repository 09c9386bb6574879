"""A report with everything said: cancelled under its worker's hands, or finished by another."""

import json

from tests.end_to_end.stack import until

WANTED = {
    "windows": "90m,24h,30d,yesterday",
    "columns": "full",
    "max_gap": "3h",
    "stores": {"time_zone": "America/Chicago"},
}
TRIES = 6


def ask(stack, **more):
    answer = stack.call(
        "POST",
        "/api/v1/reports/",
        json.dumps({**WANTED, **more}),
        content_type="application/json",
    )
    assert answer.status in {200, 202}, answer.body
    return answer.json


def told(stack, report):
    return stack.get(f"/api/v1/reports/{report['id']}/").json


def caught(stack):
    """Ask for reports until the worker is frozen in the middle of one; return that one."""
    for _ in range(TRIES):
        # About all stores, so that it takes long enough.
        report = ask(stack, stores=None)
        until(lambda one=report: told(stack, one)["status"] != "Queued", pause=0.005)
        stack.freeze("worker")
        if told(stack, report)["status"] == "Running":
            return report
        stack.thaw("worker")
    raise AssertionError(f"{TRIES} reports were each complete before the worker could be stopped")


def ended(stack, report):
    def found():
        answer = told(stack, report)
        return answer if answer["finished_at"] else None

    return until(found)


def files(stack):
    return {path.name for path in (stack.folder / "media" / "reports").glob("*")}


def test_a_report_is_cancelled_under_its_workers_hands(filled_well):
    before = files(filled_well)
    report = caught(filled_well)
    cancelled = filled_well.call("POST", f"/api/v1/reports/{report['id']}/cancel/")
    assert (cancelled.status, cancelled.json["status"]) == (200, "Cancelled")

    filled_well.thaw("worker")

    # The worker goes on to the next report, and leaves nothing of this one.
    other = ended(filled_well, ask(filled_well))
    assert other["status"] == "Complete"
    assert told(filled_well, report)["status"] == "Cancelled"
    assert all(report["id"] not in name for name in files(filled_well) - before)


def test_another_worker_makes_the_same_report(filled_well):
    whole = ended(filled_well, ask(filled_well, stores=None))
    report = caught(filled_well)
    filled_well.kill("worker")
    assert told(filled_well, report)["status"] == "Running"

    filled_well.start_worker()

    retaken = ended(filled_well, report)
    assert (retaken["status"], retaken["attempts"]) == ("Complete", 2)
    assert retaken["sha256"] == whole["sha256"]
    assert ask(filled_well, stores=None, reuse=True)["id"] in {report["id"], whole["id"]}

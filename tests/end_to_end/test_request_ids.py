"""The id of a request, from its answer to the lines of the worker, as JSON."""

import json

from tests.end_to_end.stack import WORKER, until

CHOSEN = "walks-through_0001"


def lines(stack, name):
    """Yield what a process has written as JSON; before this test it wrote text."""
    for line in (stack.folder / f"{name}.log").read_text().splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def of_request(stack, name, report_id):
    told = (line for line in lines(stack, name) if line.get("request_id") == CHOSEN)
    return [line for line in told if line.get("report_id") == report_id]


def test_a_request_can_be_followed_to_the_line_of_the_worker_that_did_it(filled):
    filled.kill("web")
    filled.kill("worker")
    filled.start_web(LOG_FORMAT="json", TRUSTED_PROXIES="1")
    filled.start("worker", WORKER, LOG_FORMAT="json")
    headers = {"X-Request-ID": CHOSEN, "X-Forwarded-For": "192.0.2.7"}
    answer = filled.call("POST", "/trigger_report", **headers)
    assert answer.headers["X-Request-ID"] == CHOSEN
    report_id = answer.json["report_id"]
    assert filled.finished(report_id)["status"] == "Complete"
    until(lambda: of_request(filled, "worker", report_id))
    [done] = [
        line
        for line in of_request(filled, "worker", report_id)
        if line["message"].startswith(f"report {report_id}: complete")
    ]
    assert (done["task"], done["task_id"]) == ("reports.build_report", report_id)
    audit = of_request(filled, "web", report_id)
    assert any("POST /trigger_report: 202" in line["message"] for line in audit)
    # gunicorn and the sweeps, which are about no request.
    assert any("Booting worker" in line["message"] for line in lines(filled, "web"))

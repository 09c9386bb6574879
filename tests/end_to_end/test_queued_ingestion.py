"""Polls waiting for a worker that is killed with -9 in the middle."""

import csv
import gzip

from tests.end_to_end.stack import until

STATE = "SELECT status, attempts, phase FROM ingestion_ingestion WHERE id = {}"


def test_it_completes_polls_whose_worker_was_killed(stack, large_sample):
    path = large_sample / "store_status.csv"
    with path.open(newline="") as file:
        expected = len({(row["store_id"], row["timestamp_utc"]) for row in csv.DictReader(file)})

    number = cut_short(stack, path.read_bytes())
    assert stack.counts()["ingestion_poll"] == 0
    answer = stack.get(f"/api/v1/ingestions/{number}/")
    assert answer.json["status"] == "Running"
    assert answer.headers["Retry-After"] == "1"
    lease_runs_out(stack)
    stack.start_worker()

    ended = finished(stack, number)
    assert (ended["status"], ended["attempts"]) == ("Complete", 2)
    assert ended["rows_new"] == expected == stack.counts()["ingestion_poll"]
    until(lambda: not list((stack.folder / "media" / "uploads").iterdir()))
    again = finished(stack, send(stack, gzip.compress(path.read_bytes(), 1)))
    assert (again["rows_new"], again["rows_changed"]) == (0, 0)


def cut_short(stack, body):
    """Send polls and kill the worker while it stores them; return the ingestion's id."""
    number = send(stack, body)
    until(lambda: state(stack, number)[2] == "storing", pause=0.005)
    stack.freeze("worker")
    caught = state(stack, number)
    stack.kill("worker")
    assert caught == ("Running", 1, "storing"), "it ended before the worker could be killed"
    return number


def state(stack, number):
    return tuple(stack.query(STATE.format(number))[0])


def send(stack, body):
    """Send polls for a worker to store; return the ingestion's id."""
    answer = stack.call(
        "POST",
        "/api/v1/polls/",
        body,
        Content_Type="application/octet-stream",
        Prefer="respond-async",
    )
    assert answer.status == 202, answer.body
    return answer.json["ingestion"]["id"]


def lease_runs_out(stack):
    """As if a minute had gone by."""
    stack.query(
        "UPDATE ingestion_ingestion SET lease_expires_at = started_at"
        " WHERE status = 'Running' RETURNING id"
    )


def finished(stack, number):
    """Wait until the ingestion has ended and return its answer."""

    def ended():
        answer = stack.get(f"/api/v1/ingestions/{number}/").json
        return answer if answer["status"] in {"Complete", "Failed"} else None

    return until(ended)

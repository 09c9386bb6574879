"""Access, limits and the audit log with real processes."""

import pytest

CLOSED = {
    "ANONYMOUS_SCOPES": "",
    "RATE_LIMIT_READ": "20",
    "WEB_CONCURRENCY": "2",
}


@pytest.fixture
def closed(stack):
    """The server again as production starts it: for tokens only, by two processes, with limits."""
    stack.kill("web")
    stack.start_web(**CLOSED)
    return stack


def token(stack, *scopes):
    made = stack.manage("create_token", "--name=a program", *(f"--scope={one}" for one in scopes))
    assert made.returncode == 0, made.stderr
    return f"Bearer {made.stdout.strip()}"


def test_it_lets_in_by_token_counts_over_processes_and_records(closed):
    refused = closed.get("/api/v1/reports/")
    assert (refused.status, refused.json["code"]) == (401, "not_authenticated")
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")

    sender = token(closed, "ingest", "read")
    body = "store_id,status,timestamp_utc\na,active,2023-01-25 18:00:00 UTC\n"
    headers = {"Authorization": sender, "Content_Type": "text/csv"}
    sent = closed.call("POST", "/api/v1/polls/", body, **headers)
    assert sent.status == 200
    recorded = closed.query("SELECT who, what, outcome FROM access_auditentry ORDER BY id")
    assert recorded[-1][0].startswith("token a program (")
    assert recorded[-1][1:] == ("POST /api/v1/polls/", "200")
    assert recorded[0][1] == "create_token"

    answers = [closed.get("/api/v1/reports/", Authorization=sender) for _ in range(25)]
    assert [answer.status for answer in answers] == [200] * 20 + [429] * 5
    assert answers[-1].headers.get_content_type() == "application/problem+json"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert closed.get("/healthz").status == 200

    denied = closed.call("DELETE", "/api/v1/stores/a/", Authorization=sender)
    assert (denied.status, denied.json["scope"]) == (403, "admin")

    secret = sender.split()[1]
    log = (closed.folder / "web.log").read_text()
    assert secret.split("_", 2)[2] not in log
    assert "refused DELETE /api/v1/stores/a/ to token a program (" in log

    assert closed.manage("revoke_token", "a program").returncode == 0
    again = closed.get("/api/v1/reports/", Authorization=sender)
    assert (again.status, again.json["code"]) == (401, "invalid_token")


def test_it_refuses_a_host_that_is_not_ours_by_a_problem(closed):
    refused = closed.get("/api/v1/reports/", Host="evil.example")
    assert (refused.status, refused.json["code"]) == (400, "invalid")

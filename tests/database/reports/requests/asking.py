"""Valid requests for reports, and requests that find an earlier report."""

import json

from tests.database.answers import REFUSALS

NOON = "2024-01-15T12:00:00Z"


def ask(client, key=None, **body):
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(
        "/api/v1/reports/", json.dumps(body), content_type="application/json", headers=headers
    )


def fault(response):
    """The field and the reason of the only fault of a request that was refused."""
    assert (response.status_code, response.json()["code"]) in REFUSALS
    [found] = response.json()["errors"]
    return found["field"], found["detail"]

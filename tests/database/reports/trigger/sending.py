"""POST /trigger_report: what may be sent, what is stored, what is answered."""

from tests.database.answers import POLLS

HALF_BAD = POLLS + "b,half open,2023-01-25 18:00:00 UTC\n"


def post(client, body=b"", content_type="application/json", **headers):
    return client.post("/trigger_report", body, content_type=content_type, headers=headers)


def multipart(client, *uploads, path="/trigger_report"):
    return client.post(path, {"file": list(uploads)})

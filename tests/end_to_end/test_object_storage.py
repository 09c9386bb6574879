"""Web and worker that share a database and a bucket, and no folder for files."""

import hashlib

import pytest

from tests import object_storage
from tests.end_to_end.stack import Stack, offline

STATUS = (
    "store_id,status,timestamp_utc\n"
    "a,active,2024-01-15 11:00:00 UTC\nb,inactive,2024-01-15 12:00:00 UTC\n"
)


@pytest.fixture(scope="module")
def bucket():
    with object_storage.bucket() as bucket:
        yield bucket


@pytest.fixture
def stack(bucket, tmp_path):
    folder = tmp_path / "var"
    folder.mkdir()
    stack = Stack(folder)
    stack.environment.update(bucket.environment)
    try:
        yield stack
    finally:
        stack.stop()


def test_it_serves_from_the_bucket_what_a_worker_put_there(stack, bucket, tmp_path):
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    (feeds / "polls.csv").write_text(STATUS)
    assert stack.manage("migrate").returncode == 0
    assert stack.manage("ingest", feeds).returncode == 0
    stack.start_worker()
    stack.start_web()

    report_id = stack.trigger()
    assert stack.finished(report_id)["status"] == "Complete"
    answer = stack.get(f"/download_report?report_id={report_id}")

    assert answer.status == 200
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    assert answer.headers["ETag"] == f'"{hashlib.sha256(answer.body).hexdigest()}"'
    assert answer.body == offline(feeds, output=tmp_path / "report.csv")
    stored = {name.partition("/")[0]: body for name, body in bucket.objects().items()}
    assert stored["reports"] == answer.body
    assert set(stored) <= {"reports", "snapshots"}
    assert not (stack.folder / "media").exists()

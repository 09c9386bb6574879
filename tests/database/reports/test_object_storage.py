"""Reports and rejects in a bucket: the same as in a folder, on a real S3 server over HTTP."""

import hashlib
import importlib.util
import io
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import BotoCoreError
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone
from storages.backends.s3 import S3File, S3Storage

from ingestion.models import Ingestion
from reports.build.services import build_report
from reports.build.writers import write_file
from reports.models import Report
from reports.request.requesting import request_report
from storemonitor.configuration.media import media_storage
from tests import object_storage
from tests.database.clocks import standing_still
from tests.database.files import STATUS, csv, ingest_polls, write

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

NOON = datetime(2024, 1, 15, 12, tzinfo=UTC)
POLLS = ["a,active,2024-01-15 11:00:00 UTC", "b,inactive,2024-01-15 12:00:00 UTC"]
BAD = "c,asleep,2024-01-15 12:00:00 UTC"


@pytest.fixture(scope="module")
def server():
    with object_storage.bucket() as bucket:
        yield bucket


@pytest.fixture
def in_folder(settings):
    """The default media storage."""
    return settings.STORAGES


@pytest.fixture
def bucket(server, settings, monkeypatch):
    """An empty bucket that is media storage."""
    use(server, settings, monkeypatch)
    server.empty()
    return server


def use(server, settings, monkeypatch):
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    settings.STORAGES = {**settings.STORAGES, "default": media_storage()}


def complete():
    report = build_report(request_report(as_of=NOON, requested_by="a test").report.pk)
    assert report.status == Report.Status.COMPLETE
    return report


def downloads(report):
    return (
        f"/download_report?report_id={report.pk}",
        f"/api/v1/reports/{report.pk}/download/",
    )


def body(response):
    try:
        return b"".join(response.streaming_content)
    finally:
        response.close()


def test_it_serves_the_same_bytes_as_from_a_folder(client, server, settings, monkeypatch):
    ingest_polls(*POLLS)
    kept = complete()
    from_folder = [body(client.get(path)) for path in downloads(kept)]
    use(server, settings, monkeypatch)
    server.empty()

    report = complete()

    [(name, stored)] = server.objects().items()
    assert name == report.file.name
    assert hashlib.sha256(stored).hexdigest() == report.sha256 == kept.sha256
    assert [body(client.get(path)) for path in downloads(report)] == from_folder == [stored] * 2


def test_it_says_how_long_a_download_is_and_what_it_is(client, bucket):
    ingest_polls(*POLLS)
    report = complete()
    for path in downloads(report):
        response = client.get(path)
        assert response.streaming
        assert response["Content-Length"] == str(report.size) == str(len(body(response)))
        assert response["ETag"] == f'"{report.sha256}"'
        known = client.get(path, headers={"If-None-Match": response["ETag"]})
        assert (known.status_code, known.content) == (304, b"")


def test_it_fetches_no_more_of_an_object_than_was_asked_for(client, bucket, monkeypatch):
    ingest_polls(*POLLS)
    report = complete()
    path = f"/api/v1/reports/{report.pk}/download.csv"
    stored = body(client.get(path))
    monkeypatch.setattr(S3File, "_get_file", lambda _: pytest.fail("fetched all of it"))
    monkeypatch.setattr(S3File, "file", property(lambda _: pytest.fail("fetched all of it")))

    head = client.head(path)
    part = client.get(path, headers={"Range": "bytes=3-20"})

    assert head["Content-Length"] == str(len(stored))
    assert (part.status_code, body(part)) == (206, stored[3:21])
    assert part["Content-Range"] == f"bytes 3-20/{len(stored)}"


@pytest.mark.parametrize("suffix", ["ndjson", "xlsx"])
def test_it_makes_the_same_of_an_object_as_of_a_file(client, server, settings, monkeypatch, suffix):
    ingest_polls(*POLLS)
    kept = complete()
    from_folder = body(client.get(f"/api/v1/reports/{kept.pk}/download.{suffix}"))
    use(server, settings, monkeypatch)
    server.empty()
    report = complete()

    assert body(client.get(f"/api/v1/reports/{report.pk}/download.{suffix}")) == from_folder


@pytest.mark.parametrize("suffix", ["csv", "json", "xlsx"])
@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=3-"}, {"Accept-Encoding": "gzip"}])
def test_it_says_503_where_the_bucket_cannot_be_reached(
    client, server, settings, monkeypatch, suffix, headers
):
    ingest_polls(*POLLS)
    report = complete()
    nobody = {"MEDIA_S3_ENDPOINT_URL": "http://127.0.0.1:9"}
    monkeypatch.setattr(server, "environment", server.environment | nobody)
    use(server, settings, monkeypatch)

    response = client.get(f"/api/v1/reports/{report.pk}/download.{suffix}", headers=headers)

    assert (response.status_code, response.json()["code"]) == (503, "storage_unavailable")


def test_it_keeps_a_large_download_on_disk(bucket):
    size = 3 * 1024 * 1024
    write_file("reports/large.csv", iter([b"x" * size]))

    with default_storage.open("reports/large.csv") as file:
        assert file.read(10) == b"x" * 10
        assert isinstance(file.file.fileno(), int)
        assert file.file._rolled


def test_it_has_no_file_that_the_bucket_lost(client, bucket):
    ingest_polls(*POLLS)
    report = complete()
    bucket.empty()
    for path in downloads(report):
        response = client.get(path)
        assert (response.status_code, response.json()["code"]) == (410, "file_gone")


def test_it_keeps_rejects_and_says_their_name(client, bucket, tmp_path):
    folder = write(tmp_path / "feeds", polls=csv(STATUS, *POLLS, BAD))
    said = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("ingest", str(folder), stdout=io.StringIO(), stderr=said)

    record = Ingestion.objects.get()
    [stored] = [text for name, text in bucket.objects().items() if name == record.rejects.name]
    assert said.getvalue() == f"polls.csv: 1 rows rejected, see {record.rejects.name}\n"
    assert b",asleep," in stored
    assert body(client.get(f"/api/v1/ingestions/{record.pk}/rejects/")) == stored


def test_it_prunes_the_bucket(bucket):
    ingest_polls(*POLLS, BAD)
    complete()
    default_storage.save("reports/left-by-a-killed-worker.csv", ContentFile(b"half"))
    assert len(bucket.objects()) == 3

    with standing_still(timezone.now() + timedelta(minutes=1)):
        call_command("prune", "--keep", "30d", "--apply", stdout=io.StringIO())
    assert len(bucket.objects()) == 3

    Report.objects.update(finished_at=timezone.now() - timedelta(days=31))
    Ingestion.objects.update(finished_at=timezone.now() - timedelta(days=31))
    call_command("prune", "--keep", "30d", "--apply", stdout=io.StringIO())
    assert list(bucket.objects()) == ["reports/left-by-a-killed-worker.csv"]


def test_it_prunes_objects_that_no_report_knows_once_they_are_old(bucket, monkeypatch):
    default_storage.save("reports/left-by-a-killed-worker.csv", ContentFile(b"half"))
    written = timezone.now() - timedelta(days=31)
    monkeypatch.setattr(default_storage._wrapped, "get_modified_time", lambda _: written)
    call_command("prune", "--keep", "30d", "--apply", stdout=io.StringIO())
    assert bucket.objects() == {}


def test_it_prunes_on_past_an_object_that_a_worker_removes_meanwhile(bucket, monkeypatch):
    monkeypatch.setattr(S3Storage, "listdir", lambda *_: ([], ["gone.csv"]))
    call_command("prune", "--keep", "30d", "--apply", stdout=io.StringIO())


def test_it_leaves_nothing_in_the_bucket_when_writing_fails(bucket):
    def failing():
        yield b"x" * (9 * 1024 * 1024)
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write_file("reports/a.csv", failing())

    assert bucket.objects() == {}
    assert bucket.unfinished_uploads() == []


def test_it_tries_again_when_the_bucket_could_not_be_reached(server, settings, monkeypatch):
    ingest_polls(*POLLS)
    nobody = {"MEDIA_S3_ENDPOINT_URL": "http://127.0.0.1:9"}
    monkeypatch.setattr(server, "environment", server.environment | nobody)
    use(server, settings, monkeypatch)
    report = request_report(as_of=NOON, requested_by="a test").report

    with pytest.raises(BotoCoreError):
        build_report(report.pk)

    report.refresh_from_db()
    assert report.status == Report.Status.RUNNING
    assert report.lease_expires_at <= timezone.now()


def test_it_never_renames_what_it_writes_and_makes_nothing_public(bucket):
    for text in (b"one", b"another"):
        assert write_file("reports/a.csv", iter([text])).name == "reports/a.csv"

    assert bucket.objects() == {"reports/a.csv": b"another"}
    grants = bucket.client.get_object_acl(
        Bucket=object_storage.BUCKET, Key="kept/here/reports/a.csv"
    )["Grants"]
    assert [grant["Grantee"]["Type"] for grant in grants] == ["CanonicalUser"]


def test_it_is_a_folder_where_no_bucket_is_named(monkeypatch):
    monkeypatch.setenv("MEDIA_S3_BUCKET", "")
    assert media_storage()["BACKEND"] == "storemonitor.configuration.media.Folder"


@pytest.mark.parametrize("package", ["storages", "boto3"])
def test_it_says_what_to_install_for_a_bucket(monkeypatch, package):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "storemonitor.configuration.media.find_spec",
        lambda name: None if name == package else found(name),
    )
    monkeypatch.setenv("MEDIA_S3_BUCKET", "b")
    with pytest.raises(ImproperlyConfigured, match=r"pip install -r requirements-s3\.txt"):
        media_storage()

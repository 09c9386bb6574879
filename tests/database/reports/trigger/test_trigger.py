"""A report is triggered, with a file or without one."""

import gzip
import io
import json
import zipfile

import pyarrow
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fleet.models import Poll
from ingestion.models import Ingestion
from reports.models import Report
from tests.database.answers import POLLS
from tests.database.reports.trigger.sending import HALF_BAD, multipart, post

pytestmark = pytest.mark.django_db(transaction=True)


def zipped(**members: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, text in members.items():
            file.writestr(f"{name}.csv", text)
    return archive.getvalue()


def zstd(data: bytes) -> bytes:
    sink = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("path", ["/trigger_report", "/trigger_report/"])
def test_it_answers_at_once_with_where_to_look(client, some_polls, told, path):
    told.clear()
    response = client.post(path)
    report = Report.objects.get()
    assert response.status_code == 202
    assert response.json() == {
        "report_id": str(report.id),
        "status": "Running",
        "message": f"Report is being generated; follow it at /get_report?report_id={report.id}",
    }
    assert response["Location"] == f"http://testserver/get_report?report_id={report.id}"
    assert response["Retry-After"] == "1"
    assert report.status == "Queued"
    assert report.requested_by == "API from 127.0.0.1"
    assert told == [(report.id, True)]


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_it_takes_an_empty_body_for_no_file(client, some_polls, body):
    assert post(client, body).status_code == 202
    assert Ingestion.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "content_type", "name"),
    [
        (json.dumps({"file": HALF_BAD}).encode(), "application/json", "request body"),
        (HALF_BAD.encode(), "text/csv", "request body"),
        (HALF_BAD.encode(), "text/csv; charset=utf-8", "request body"),
        (gzip.compress(HALF_BAD.encode(), mtime=0), "application/gzip", "request body"),
        (zstd(HALF_BAD.encode()), "application/zstd", "request body"),
        (zipped(polls=HALF_BAD), "application/zip", "request body/polls.csv"),
        (gzip.compress(HALF_BAD.encode(), mtime=0), "application/octet-stream", "request body"),
    ],
    ids=["json", "csv", "charset", "gzip", "zstd", "zip", "octets"],
)
def test_it_stores_a_file_before_it_reports(client, body, content_type, name):
    response = post(client, body, content_type)
    assert response.status_code == 202, response.content
    ingestion = Ingestion.objects.get()
    rejects = f"http://testserver/api/v1/ingestions/{ingestion.id}/rejects/"
    assert response.json()["ingestion"] == {
        "id": ingestion.id,
        "feed": "status",
        "rows_read": 2,
        "rows_new": 1,
        "rows_changed": 0,
        "rows_repeated": 0,
        "rows_superseded": 0,
        "rows_removed": 0,
        "rows_rejected": 1,
        "sample_stores_removed": 0,
        "rejects": rejects,
    }
    assert Report.objects.get().as_of == Poll.objects.get().polled_at
    assert ingestion.requested_by == "API from 127.0.0.1"
    assert name in ingestion.name or name.split("/")[-1] in ingestion.name


@pytest.mark.parametrize("path", ["/trigger_report", "/trigger_report/"])
def test_it_takes_a_file_from_a_form_under_its_own_name(client, path):
    upload = SimpleUploadedFile("polls of today.csv.gz", gzip.compress(POLLS.encode()))
    assert multipart(client, upload, path=path).status_code == 202
    assert Ingestion.objects.get().name == "polls of today.csv.gz"


def test_it_takes_the_text_of_a_file_from_a_form(client):
    response = client.post("/trigger_report", {"file": POLLS})
    assert response.json()["ingestion"]["rows_new"] == 1


def test_it_takes_the_name_of_a_bare_file_from_its_disposition(client):
    headers = {"Content-Disposition": 'attachment; filename="polls.csv"'}
    post(client, POLLS.encode(), "text/csv", **headers)
    assert Ingestion.objects.get().name == "polls.csv"


NAMES = {
    "NUL": ("filename*=utf-8''a%00b.csv", "ab.csv"),
    "a line of its own": ("filename*=utf-8''a.csv%0A2024%20INFO%20forged", "a.csv2024 INFO forged"),
    "half a character": ("filename*=unicode_escape''%5Cud800a.csv", "a.csv"),
    "an escape sequence": ("filename*=utf-8''%1B%5B2Ja.csv", "[2Ja.csv"),
    "other letters": ("filename*=utf-8''caf%C3%A9.csv", "café.csv"),
    "folders": ("filename*=utf-8''..%2F..%2Fetc%2Fa.csv", "a.csv"),
    "folders of Windows": ("filename*=utf-8''C%3A%5Cdata%5Ca.csv", "a.csv"),
    "no name": ("filename*=utf-8''%2E%2E", "request body"),
    "no end": (f'filename="{"x" * 400}.csv"', "x" * 196 + ".csv"),
}


@pytest.mark.parametrize(("parameter", "name"), NAMES.values(), ids=NAMES)
def test_it_takes_of_a_name_what_can_be_shown(client, caplog, parameter, name):
    caplog.set_level("INFO")
    headers = {"Content-Disposition": f"attachment; {parameter}"}
    assert post(client, POLLS.encode(), "text/csv", **headers).status_code == 202
    assert Ingestion.objects.get().name == name
    assert not any("\n" in record.getMessage() for record in caplog.records)


def test_it_refuses_a_name_in_an_unknown_encoding(client):
    headers = {"Content-Disposition": "attachment; filename*=klingon''a.csv"}
    response = post(client, POLLS.encode(), "text/csv", **headers)
    assert (response.status_code, response.json()["code"]) == (400, "parse_error")
    assert not Ingestion.objects.exists()


def test_it_says_which_rows_were_rejected_and_why(client):
    address = post(client, HALF_BAD.encode(), "text/csv").json()["ingestion"]["rejects"]
    response = client.get(address)
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert lines[0] == "file,line,field,value,reason"
    assert lines[1].startswith("request body,3,status,half open,")
    assert len(lines) == 2


def test_it_has_no_rejects_where_every_row_was_good(client):
    stored = post(client, POLLS.encode(), "text/csv").json()["ingestion"]
    assert stored["rejects"] is None
    for path in (f"/api/v1/ingestions/{stored['id']}/rejects/", "/api/v1/ingestions/9999/rejects"):
        assert client.get(path).status_code == 404


def test_it_takes_a_large_body_through_a_file_on_disk(client, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000
    rows = "".join(f"s{number},active,2023-01-25 18:13:22 UTC\n" for number in range(500))
    body = ("store_id,status,timestamp_utc\n" + rows).encode()
    assert post(client, body, "text/csv").json()["ingestion"]["rows_new"] == 500


BAD_FILES = {
    "header": (b"name,age\nx,3\n", "name,age"),
    "no usable row": (b"store_id,status,timestamp_utc\na,open,now\n", "none of its 1 rows"),
    "no row": (b"store_id,status,timestamp_utc\n", "no row"),
    "nothing": (b"\n", ""),
    "a cut archive": (gzip.compress(POLLS.encode() * 1000)[:-20], ""),
}


@pytest.mark.parametrize(("body", "reason"), BAD_FILES.values(), ids=BAD_FILES)
def test_it_refuses_a_file_of_no_use_with_the_reason(client, told, body, reason):
    response = post(client, body, "text/csv")
    answer = response.json()
    assert (response.status_code, answer["code"]) == (400, "unusable_file")
    assert reason in answer["message"]
    assert not Poll.objects.exists()
    assert not Report.objects.exists()
    assert not told


def test_it_does_not_take_a_file_that_never_came_for_no_file(client, some_polls):
    response = client.generic("POST", "/trigger_report", CONTENT_TYPE="text/csv; charset=utf-8")
    assert (response.status_code, response.json()["code"]) == (400, "unusable_file")
    assert not Report.objects.exists()


def test_it_says_where_the_rejects_of_a_refused_file_are(client):
    answer = post(client, b"store_id,status,timestamp_utc\na,open,now\n", "text/csv").json()
    assert answer["ingestion"]["rows_rejected"] == 1
    rejects = b"".join(client.get(answer["ingestion"]["rejects"]).streaming_content)
    assert b",2,status,open," in rejects


def test_it_stores_nothing_of_an_archive_with_several_files(client):
    response = post(client, zipped(one=POLLS, two=HALF_BAD), "application/zip")
    assert response.status_code == 400
    assert "2 files" in response.json()["message"]
    assert not Poll.objects.exists()

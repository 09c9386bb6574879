"""POST /trigger_report: what may be sent, what is stored, what is answered."""

import gzip
import io
import json
import uuid
import zipfile

import pyarrow
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from kombu.exceptions import OperationalError

from fleet.models import Poll
from ingestion.models import Ingestion
from reports import tasks
from reports.build import services
from reports.models import Report
from tests.database.answers import POLLS

pytestmark = pytest.mark.django_db(transaction=True)

HALF_BAD = POLLS + "b,half open,2023-01-25 18:00:00 UTC\n"


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """The queued reports, and whether their rows were visible by then."""
    calls = []

    def enqueue(report):
        calls.append((report.pk, not connection.in_atomic_block))

    monkeypatch.setattr(tasks, "enqueue", enqueue)
    return calls


@pytest.fixture
def some_polls(client):
    post(client, POLLS.encode(), "text/csv")
    Report.objects.all().delete()


def post(client, body=b"", content_type="application/json", **headers):
    return client.post("/trigger_report", body, content_type=content_type, headers=headers)


def multipart(client, *uploads, path="/trigger_report"):
    return client.post(path, {"file": list(uploads)})


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


BAD_BODIES = {
    "not JSON": (b'{"file": ', "parse_error"),
    "not UTF-8": (b'{"file": "\xff"}', "parse_error"),
    "not JSON's numbers": (b'{"file": NaN}', "parse_error"),
    "too deep": (b"[" * 50_000, "parse_error"),
    "a list": (b"[1]", "invalid"),
    "a string": (b'"store_id"', "invalid"),
    "null": (b"null", "invalid"),
    "an unknown field": (b'{"fiel": "x"}', "invalid"),
    "a number": (b'{"file": 3}', "invalid"),
    "a list of text": (b'{"file": ["x"]}', "invalid"),
    "no text": (b'{"file": null}', "invalid"),
    "half a character": (b'{"file": "\\ud800"}', "invalid"),
    "an empty text": (b'{"file": ""}', "unusable_file"),
}


@pytest.mark.parametrize(("body", "code"), BAD_BODIES.values(), ids=BAD_BODIES)
def test_it_refuses_a_body_that_says_something_else(client, some_polls, told, body, code):
    told.clear()
    response = post(client, body)
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert len(response.json()["message"]) > 10
    assert not Report.objects.exists()
    assert not told


def test_it_names_the_field_that_it_does_not_know(client):
    message = post(client, b'{"fiel": "x"}').json()["message"]
    assert message == "Unknown field 'fiel'; known: file."


def test_it_refuses_two_files_at_once(client):
    response = multipart(
        client, *(SimpleUploadedFile(f"{name}.csv", POLLS.encode()) for name in "ab")
    )
    assert response.status_code == 400
    assert not Ingestion.objects.exists()


def test_it_refuses_an_unknown_field_in_a_form(client):
    response = client.post("/trigger_report", {"csv": POLLS})
    assert response.json()["message"] == "Unknown field 'csv'; known: file."


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/html"])
def test_it_names_the_media_types_that_it_knows(client, content_type):
    response = post(client, POLLS.encode(), content_type)
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")
    assert "text/csv" in response.json()["message"]


@pytest.mark.parametrize("content_type", ["application/json", "text/csv", "multipart/form-data"])
def test_it_refuses_a_body_above_the_limit_unread(client, settings, content_type):
    settings.MAX_UPLOAD_BYTES = 20
    response = post(client, b"x" * 21, content_type)
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
    assert "20" in response.json()["message"]
    assert not Ingestion.objects.exists()


def test_it_takes_less_of_json_than_of_a_file(client, settings):
    body = json.dumps({"file": POLLS}).encode()
    settings.MAX_JSON_BYTES = len(body) - 1
    response = post(client, body)
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
    assert f"{len(body) - 1} bytes" in response.json()["message"]
    assert "multipart/form-data" in response.json()["message"]
    assert not Ingestion.objects.exists()

    settings.MAX_JSON_BYTES = len(body)
    assert post(client, body).status_code == 202


def test_it_says_413_also_where_django_has_the_limit(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    response = client.post("/trigger_report", {"file": POLLS})
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


FORM = b'--X\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'


@pytest.mark.parametrize(
    "disposition",
    ["form-data; name=\"file\"; filename*=klingon''a.csv", 'form-data; filename="a.csv"'],
    ids=["an unknown encoding", "no field"],
)
def test_it_does_not_take_a_form_that_it_cannot_read_for_no_file(
    client, some_polls, told, disposition
):
    told.clear()
    body = f"--X\r\nContent-Disposition: {disposition}\r\n\r\n{POLLS}\r\n--X--\r\n".encode()
    response = post(client, body, "multipart/form-data; boundary=X")
    assert (response.status_code, response.json()["code"]) == (400, "parse_error")
    assert not told


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (POLLS.encode(), "text/csv"),
        (FORM + POLLS.encode(), "multipart/form-data; boundary=X"),
        (b'{"file": "store_id,status', "application/json"),
    ],
    ids=["csv", "form", "json"],
)
def test_it_takes_nothing_of_a_body_that_was_cut_off(client, body, content_type):
    response = client.generic(
        "POST",
        "/trigger_report",
        body,
        content_type=content_type,
        CONTENT_LENGTH=str(len(body) + 1),
        **{"wsgi.input": io.BytesIO(body)},
    )
    assert (response.status_code, response.json()["code"]) == (400, "incomplete_body")
    assert not Ingestion.objects.exists()


def test_it_asks_for_a_length_where_the_server_cannot_tell_the_end(client):
    response = client.generic(
        "POST", "/trigger_report", b"", "text/csv", headers={"Transfer-Encoding": "chunked"}
    )
    assert (response.status_code, response.json()["code"]) == (411, "length_required")


def test_it_asks_for_polls_where_there_are_none(client, told):
    response = client.post("/trigger_report")
    assert (response.status_code, response.json()["code"]) == (409, "no_polls")
    assert "Ingest" in response.json()["message"]
    assert not told


def test_it_keeps_the_file_when_the_report_has_to_wait_for_polls(client):
    response = post(client, b"store_id,timezone_str\na,America/Denver\n", "text/csv")
    assert response.status_code == 409
    assert Ingestion.objects.get().status == "Complete"


def test_it_says_503_and_leaves_no_report_running_when_the_broker_is_away(
    client, some_polls, monkeypatch
):
    def unreachable(report):
        services.fail(report.pk, "The queue could not be reached.")
        raise OperationalError("redis: connection refused")

    monkeypatch.setattr(tasks, "enqueue", unreachable)
    response = post(client, HALF_BAD.encode(), "text/csv")
    answer = response.json()
    assert (response.status_code, answer["code"]) == (503, "broker_unreachable")
    assert "redis" not in answer["message"]
    assert answer["ingestion"]["rows_repeated"] == 1
    assert Report.objects.get(id=uuid.UUID(answer["report_id"])).status == "Failed"


def test_it_tells_no_worker_of_a_report_that_was_not_kept(client, some_polls, told, monkeypatch):
    told.clear()

    def broken(**_):
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr("reports.request.starting.request_report", broken)
    client.raise_request_exception = False
    response = client.post("/trigger_report")
    assert response.status_code == 500
    assert response.json()["code"] == "error"
    assert b"secret" not in response.content
    assert not told

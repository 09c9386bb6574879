"""Bodies that are refused, and what a trigger needs."""

import io
import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from kombu.exceptions import OperationalError

from ingestion.models import Ingestion
from reports import tasks
from reports.build import services
from reports.models import Report
from tests.database.answers import POLLS
from tests.database.reports.trigger.sending import HALF_BAD, multipart, post

pytestmark = pytest.mark.django_db(transaction=True)

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

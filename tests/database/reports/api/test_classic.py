"""The unversioned calls that read reports."""

import logging
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reports.http import serializers
from reports.models import Report
from tests.database.answers import (
    TEXT,
    complete,
    failed,
    queued,
    release,
    running,
)
from tests.database.reports.api.reading import ABSENT

pytestmark = pytest.mark.django_db


def content(response) -> bytes:
    return b"".join(response.streaming_content)


@pytest.mark.parametrize("path", ["/get_report", "/get_report/"])
@pytest.mark.parametrize("make", [queued, running])
def test_it_says_running_until_a_report_is_finished(client, path, make):
    report = make()
    response = client.get(path, {"report_id": report.id})
    assert response.status_code == 200
    assert response["Retry-After"] == "1"
    assert response.json() == {
        "report_id": str(report.id),
        "status": "Running",
        "as_of": "2023-01-25T18:13:22.479220Z",
        "progress": report.progress,
        "message": "The report is still running.",
    }


def test_it_says_how_far_a_report_is(client):
    running(stores_total=300, stores_done=100)
    progress = client.get("/get_report").json()["progress"]
    assert progress == {"stores_done": 100, "stores_total": 300, "percent": 33}


def test_it_tells_a_complete_report_and_where_to_download_it(client):
    report = complete()
    response = client.get("/get_report", {"report_id": report.id})
    answer = response.json()
    path = f"/download_report?report_id={report.id}"
    assert answer["status"] == "Complete"
    assert answer["message"] == f"Report is ready and can be downloaded at {path}"
    assert answer["report"] == TEXT
    assert content(client.get(path)) == TEXT.encode()
    assert "Retry-After" not in response


def test_it_leaves_the_text_of_a_long_report_out(client, monkeypatch):
    complete()
    monkeypatch.setattr(serializers, "MOST_INLINE_BYTES", len(TEXT))
    assert client.get("/get_report").json()["report"] == TEXT
    monkeypatch.setattr(serializers, "MOST_INLINE_BYTES", len(TEXT) - 1)
    answer = client.get("/get_report").json()
    assert "report" not in answer
    assert "/download_report?report_id=" in answer["message"]


def test_it_says_why_a_report_failed(client):
    failed("RuntimeError: the disk is full")
    answer = client.get("/get_report").json()
    assert (answer["status"], answer["message"]) == ("Failed", "RuntimeError: the disk is full")


def test_it_takes_the_newest_report_where_none_is_named(client):
    old = complete()
    new = running()
    Report.objects.filter(pk=old.pk).update(created_at=new.created_at - timedelta(days=1))
    assert client.get("/get_report").json()["report_id"] == str(new.id)
    assert client.get("/download_report").status_code == 409


BOTH = pytest.mark.parametrize("path", ["/get_report", "/download_report"])


@BOTH
def test_it_says_404_where_there_is_no_report(client, path):
    for query in ({}, {"report_id": ABSENT}):
        response = client.get(path, query)
        assert (response.status_code, response.json()["code"]) == (404, "not_found")


@BOTH
@pytest.mark.parametrize("report_id", ["", "1", "null", "x" * 5000, "0000-é", "\x00"])
def test_it_says_400_to_an_id_that_is_none(client, path, report_id):
    complete()
    response = client.get(path, {"report_id": report_id})
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert response.json()["message"] == "report_id: must be a UUID."


@BOTH
def test_it_leaves_unknown_parameters_alone(client, path):
    complete()
    response = client.get(path, {"verbose": "1"})
    assert response.status_code == 200
    release(response)


CSV_WANTED = [({"format": "csv"}, {}), ({}, {"Accept": "text/csv"})]


@pytest.mark.parametrize(("query", "headers"), CSV_WANTED)
def test_it_sends_the_csv_itself_where_csv_is_wanted(client, query, headers):
    complete()
    response = client.get("/get_report", query, headers=headers)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith("inline")
    assert "Accept" in response["Vary"]
    assert content(response) == TEXT.encode()


@pytest.mark.parametrize(("query", "headers"), CSV_WANTED)
@pytest.mark.parametrize(
    ("make", "status", "code", "message"),
    [
        (queued, 409, "report_running", "The report is still running."),
        (running, 409, "report_running", "The report is still running."),
        (failed, 409, "report_failed", "RuntimeError: the disk is full"),
    ],
)
def test_it_says_in_json_why_there_is_no_csv(client, query, headers, make, status, code, message):
    make()
    response = client.get("/get_report", query, headers=headers)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": f"/docs/errors#{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": message,
        "code": code,
        "message": message,
    }


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html,*/*;q=0.8"])
def test_it_answers_in_json_unless_csv_is_wanted(client, accept):
    complete()
    response = client.get("/get_report", headers={"Accept": accept})
    assert response.json()["status"] == "Complete"


def test_it_knows_two_formats(client):
    complete()
    response = client.get("/get_report", {"format": "xml"})
    assert response.status_code == 400
    assert response.json()["message"] == "format must be one of: json, csv."
    response = client.get("/get_report", headers={"Accept": "image/png"})
    assert (response.status_code, response.json()["code"]) == (406, "not_acceptable")


def downloads(report) -> list[str]:
    return [
        "/download_report",
        "/download_report/",
        f"/download_report?report_id={report.id}",
        f"/api/v1/reports/{report.id}/download/",
        f"/api/v1/reports/{report.id}/download",
    ]


def test_it_downloads_a_report_as_a_file(client):
    report = complete()
    for path in downloads(report):
        response = client.get(path)
        assert response.streaming
        assert content(response) == TEXT.encode()
        assert response["Content-Length"] == str(len(TEXT))
        assert response["ETag"] == f'"{report.sha256}"'
        name = f"store-report-20230125T181322Z-{report.id.hex[:8]}.csv"
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_it_tells_the_same_to_head(client):
    report = complete()
    for path in downloads(report):
        response = client.head(path)
        assert response.status_code == 200
        assert response["Content-Length"] == str(len(TEXT))
        assert response["ETag"] == f'"{report.sha256}"'
        release(response)


def test_it_sends_nothing_that_the_caller_has_already(client):
    report = complete()
    for path in downloads(report):
        response = client.get(path, headers={"If-None-Match": f'"{report.sha256}"'})
        assert response.status_code == 304
        assert response["ETag"] == f'"{report.sha256}"'
        assert not response.content
        response = client.get(path, headers={"If-None-Match": '"another"'})
        assert content(response) == TEXT.encode()


@pytest.mark.parametrize(
    ("make", "code"),
    [(queued, "report_running"), (running, "report_running"), (failed, "report_failed")],
)
def test_it_has_no_file_before_the_report_is_complete(client, make, code):
    for path in downloads(make()):
        response = client.get(path)
        assert (response.status_code, response.json()["code"]) == (409, code)


def test_it_says_410_and_tells_the_log_when_the_storage_lost_a_file(client, caplog):
    report = complete()
    default_storage.delete(report.file.name)
    for path in (*downloads(report), "/get_report", "/get_report?format=csv"):
        caplog.clear()
        response = client.get(path)
        assert (response.status_code, response.json()["code"]) == (410, "file_gone")
        errors = [
            record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR
        ]
        assert errors == [f"{report.file.name} is not in storage"]


def test_it_has_caches_ask_again(client):
    complete()
    for path in ("/get_report", "/download_report", "/api/v1/reports/"):
        response = client.head(path)
        assert "no-cache" in response["Cache-Control"]
        release(response)


def test_it_changes_nothing_on_get(client, told):
    report = complete()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for path in (*downloads(report), "/get_report", "/api/v1/reports/", "/healthz", "/docs"):
            release(client.get(path))
    assert {query["sql"].split()[0] for query in queries} == {"SELECT"}
    assert not told
    for path in ("/trigger_report", "/trigger_report/"):
        response = client.get(path)
        assert (response.status_code, response["Allow"]) == (405, "POST, OPTIONS")

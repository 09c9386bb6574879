"""Files that cannot be sent, and places for large ones."""

import logging
from dataclasses import replace

import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.files.storage import default_storage

from api.transfer import downloads
from reports.exports import xlsx
from reports.exports.formats import FORMATS
from reports.models import Report
from tests.database.answers import failed, queued, release, running
from tests.database.reports.downloads.taking import EVERY, MEDIA_TYPES, path, taken

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

CANCELLED = {"status": "Cancelled", "finished_at": "2024-01-01T00:00:00Z"}


@EVERY
@pytest.mark.parametrize(
    ("make", "code"),
    [
        (queued, "report_running"),
        (running, "report_running"),
        (failed, "report_failed"),
        (lambda: queued(**CANCELLED), "report_cancelled"),
    ],
)
def test_there_is_no_file_of_a_report_that_is_not_complete(client, suffix, make, code):
    response = client.get(path(make(), suffix), headers={"Accept": MEDIA_TYPES[suffix]})
    assert (response.status_code, response.json()["code"]) == (409, code)
    assert response["Content-Type"] == "application/problem+json"


@EVERY
def test_it_says_410_where_the_storage_lost_the_file(client, report, suffix):
    default_storage.delete(report.file.name)
    for method in (client.get, client.head):
        assert method(path(report, suffix)).status_code == 410
    response = client.get(path(report, suffix), headers={"Accept-Encoding": "gzip"})
    assert (response.status_code, response.json()["code"]) == (410, "file_gone")


@EVERY
@pytest.mark.parametrize(
    "error",
    [OSError(5, "Input/output error"), EndpointConnectionError(endpoint_url="http://10.0.0.7")],
)
def test_it_says_503_where_the_storage_is_away(client, report, suffix, monkeypatch, caplog, error):
    def away(*_):
        raise error

    monkeypatch.setattr(type(default_storage), "open", away, raising=False)
    response = client.get(path(report, suffix))
    assert (response.status_code, response.json()["code"]) == (503, "storage_unavailable")
    assert "10.0.0.7" not in response.content.decode()
    [line] = [record for record in caplog.records if record.name == "api.errors.handlers"]
    assert line.levelno == logging.ERROR
    assert str(error) in line.getMessage()
    assert not any(record.exc_info for record in caplog.records)


def test_a_workbook_has_a_limit(client, report, monkeypatch):
    limit = xlsx.ROW_LIMIT
    Report.objects.filter(pk=report.pk).update(row_count=limit)
    response = client.get(path(report, "xlsx"))
    assert response.status_code == 200
    release(response)
    Report.objects.filter(pk=report.pk).update(row_count=limit + 1)
    response = client.get(path(report, "xlsx"))
    assert (response.status_code, response.json()["code"]) == (406, "too_many_rows")
    assert "1,048,576 rows" in response.json()["detail"]
    assert client.head(path(report, "parquet")).status_code == 200


def test_it_leaves_no_file_open(client, report, monkeypatch):
    seen = []
    made = downloads.Download.__init__

    def noting(self, **values):
        values["open"] = noted(values["open"])
        made(self, **values)

    def noted(opened):
        def open_it():
            seen.append(opened())
            return seen[-1]

        return open_it

    monkeypatch.setattr(downloads.Download, "__init__", noting)
    for suffix in FORMATS:
        for headers in ({}, {"Range": "bytes=1-2"}, {"Range": "bytes=9999999-"}):
            release(client.get(path(report, suffix), headers=headers))
        release(client.get(path(report, suffix), headers={"Accept-Encoding": "gzip"}))
        release(client.head(path(report, suffix)))
    assert len(seen) == 5 * len(FORMATS)
    assert all(file.closed for file in seen)


def test_it_makes_two_large_files_at_once_and_no_more(client, report, large, nested, caplog):
    outermost = taken(client, report, "json")
    assert outermost.status_code == 200
    [refused] = [response for response in nested if response.status_code == 503]
    assert [response.status_code for response in nested].count(200) == 1
    assert (refused.json()["code"], refused["Retry-After"]) == ("too_many_conversions", "10")
    assert not any(record.exc_info for record in caplog.records)


def test_small_files_need_no_place(client, report, nested):
    assert taken(client, report, "json").status_code == 200
    assert [response.status_code for response in nested] == [200, 200, 200]


def test_a_place_is_free_again_after_a_fault(client, report, large, monkeypatch):
    def write(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setitem(FORMATS, "json", replace(FORMATS["json"], write=write))
        codes = [client.get(path(report, "json")).json()["code"] for _ in range(3)]
    assert codes == ["storage_unavailable"] * 3
    assert taken(client, report, "json").status_code == 200

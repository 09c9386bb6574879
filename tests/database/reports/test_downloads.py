"""A report as a file: in every form, whole or in part, packed or not, or not again."""

import gzip
import io
import json
import logging
from dataclasses import replace

import pyarrow as pa
import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.files.storage import default_storage
from django.urls import reverse
from pyarrow import parquet

from api.transfer import downloads
from reports.exports import files, json_text, xlsx
from reports.exports.formats import FORMATS
from reports.models import Report
from tests.database.answers import complete, failed, queued, release, running

pytestmark = pytest.mark.django_db

UP, DOWN = "uptime_last_day(in hours)", "downtime_last_day(in hours)"
TEXT = f"store_id,{UP},{DOWN}\n'=1+1,1.00,23.00\nb,22.50,1.50\n"
MEDIA_TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
PACKABLE = ["csv", "json", "ndjson"]
EVERY = pytest.mark.parametrize("suffix", MEDIA_TYPES)
TEXTS = pytest.mark.parametrize("suffix", PACKABLE)


@pytest.fixture
def report():
    return complete(TEXT, windows=["24h"])


def path(report, suffix=None):
    """The address that leaves the form to Accept, or the one of a form."""
    if suffix is None:
        return reverse("report-download", args=[report.pk])
    return reverse("report-download-as", args=[report.pk, suffix])


def body(response):
    try:
        return response.getvalue()
    finally:
        release(response)


def whole(client, report, suffix):
    return body(client.get(path(report, suffix)))


@EVERY
def test_its_form_is_named_by_the_address_or_by_the_request(client, report, suffix):
    asked = [
        client.get(path(report, suffix)),
        client.get(f"{path(report, suffix)}/"),
        client.get(path(report, suffix), headers={"Accept": "application/json"}),
        client.get(path(report, suffix), {"format": suffix}),
        client.get(path(report), headers={"Accept": MEDIA_TYPES[suffix]}),
        client.get(path(report), headers={"Accept": f"image/png, {MEDIA_TYPES[suffix]};q=0.1"}),
        client.get(path(report), {"format": suffix}),
    ]
    assert {response.status_code for response in asked} == {200}
    for response in asked:
        assert response["Content-Type"].partition(";")[0] == MEDIA_TYPES[suffix]
        name = f"store-report-20230125T181322Z-{report.id.hex[:8]}.{suffix}"
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'
        assert "Accept" in response["Vary"]
    assert len({body(response) for response in asked}) == 1


@pytest.mark.parametrize("accept", ["*/*", "text/*", "text/html,application/xml;q=0.9,*/*;q=0.8"])
def test_it_is_csv_for_who_likes_all_alike(client, report, accept):
    response = client.get(path(report), headers={"Accept": accept})
    assert body(response) == TEXT.encode()


def test_it_says_which_forms_there_are(client, report):
    response = client.get(path(report, "pdf"))
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert ".csv, .json, .ndjson, .xlsx, .parquet" in response.json()["detail"]
    response = client.get(path(report), headers={"Accept": "application/pdf"})
    assert (response.status_code, response.json()["code"]) == (406, "not_acceptable")
    for unknown in ("pdf", ""):
        response = client.get(path(report), {"format": unknown})
        assert (response.status_code, response.json()["code"]) == (400, "parse_error")
    assert client.get(path(report, "csv"), {"format": "json"}).status_code == 400
    assert client.get(path(report, "csv"), {"format": ""}).status_code == 400
    assert client.get(path(report, "csv"), {"verbose": "1"}).status_code == 400


def test_json_says_what_the_report_is(client, report):
    answer = json.loads(whole(client, report, "json"))
    resource = client.get(f"/api/v1/reports/{report.id}/").json()
    assert {"id", "as_of", "created_at", "row_count", "sha256"} <= set(answer["report"])
    assert answer["report"] == {name: resource[name] for name in answer["report"]}
    assert answer["rows"] == [
        {"store_id": "=1+1", UP: 1.0, DOWN: 23.0},
        {"store_id": "b", UP: 22.5, DOWN: 1.5},
    ]


def test_all_forms_say_the_same(client, report):
    rows = json.loads(whole(client, report, "json"))["rows"]
    lines = whole(client, report, "ndjson").splitlines()
    assert [json.loads(line) for line in lines] == rows
    table = parquet.read_table(io.BytesIO(whole(client, report, "parquet")))
    assert table.to_pylist() == rows


@EVERY
def test_its_etag_is_another_for_each_form_and_lasts(client, report, suffix):
    etags = {form: client.head(path(report, form))["ETag"] for form in MEDIA_TYPES}
    assert len(set(etags.values())) == len(MEDIA_TYPES)
    assert etags["csv"] == f'"{report.sha256}"'
    response = client.get(path(report, suffix), headers={"If-None-Match": etags[suffix]})
    assert (response.status_code, response.content) == (304, b"")
    assert response["ETag"] == etags[suffix]
    assert client.head(path(report), {"format": suffix})["ETag"] == etags[suffix]


@EVERY
def test_nothing_is_read_for_who_has_it_already(client, report, suffix):
    etag = client.head(path(report, suffix))["ETag"]
    default_storage.delete(report.file.name)
    response = client.get(path(report, suffix), headers={"If-None-Match": f'"x", {etag}'})
    assert response.status_code == 304


@EVERY
def test_it_is_sent_if_it_is_the_one_that_was_meant(client, report, suffix):
    etag = client.head(path(report, suffix))["ETag"]
    response = client.get(path(report, suffix), headers={"If-Match": etag})
    assert response.status_code == 200
    release(response)
    response = client.get(path(report, suffix), headers={"If-Match": '"another"'})
    assert (response.status_code, response.json()["code"]) == (412, "precondition_failed")


@EVERY
def test_head_tells_the_same_without_the_file(client, report, suffix):
    got = client.get(path(report, suffix))
    head = client.head(path(report, suffix))
    names = ("Content-Length", "Content-Type", "Content-Disposition", "ETag", "Accept-Ranges")
    assert [head[name] for name in names] == [got[name] for name in names]
    assert head["Content-Length"] == str(len(body(got)))
    assert (head.content, head["Accept-Ranges"]) == (b"", "bytes")


@EVERY
def test_it_sends_the_part_that_is_missing(client, report, suffix):
    content = whole(client, report, suffix)
    for header, part in {
        "bytes=0-0": content[:1],
        "bytes=5-9": content[5:10],
        "bytes=7-": content[7:],
        "bytes=-4": content[-4:],
    }.items():
        response = client.get(path(report, suffix), headers={"Range": header})
        assert response.status_code == 206
        assert int(response["Content-Length"]) == len(part)
        begin = content.index(part) if len(part) > 5 else None
        assert response["Content-Range"].endswith(f"/{len(content)}")
        assert begin is None or response["Content-Range"].startswith(f"bytes {begin}-")
        assert body(response) == part


@EVERY
def test_a_part_is_not_sent_where_there_is_none(client, report, suffix):
    size = len(whole(client, report, suffix))
    response = client.get(path(report, suffix), headers={"Range": f"bytes={size}-"})
    assert (response.status_code, response.json()["code"]) == (416, "range_not_satisfiable")
    assert response["Content-Range"] == f"bytes */{size}"


def test_a_part_is_sent_only_of_the_version_that_was_begun(client, report):
    etag = client.head(path(report, "csv"))["ETag"]
    wanted = {"Range": "bytes=5-"}
    response = client.get(path(report, "csv"), headers={**wanted, "If-Range": etag})
    assert (response.status_code, body(response)) == (206, TEXT.encode()[5:])
    for other in ('"another"', f"W/{etag}", "Wed, 25 Jan 2023 18:13:22 GMT"):
        response = client.get(path(report, "csv"), headers={**wanted, "If-Range": other})
        assert (response.status_code, body(response)) == (200, TEXT.encode())


@pytest.mark.parametrize("header", ["bytes=0-1,3-4", "bytes=5-3", "pages=1-2", "bytes"])
def test_ranges_that_it_does_not_do_get_the_whole_file(client, report, header):
    response = client.get(path(report, "csv"), headers={"Range": header})
    assert (response.status_code, body(response)) == (200, TEXT.encode())


def test_head_has_no_ranges(client, report):
    response = client.head(path(report, "csv"), headers={"Range": "bytes=0-1"})
    assert (response.status_code, response["Content-Length"]) == (200, str(len(TEXT)))


@TEXTS
def test_it_packs_text_for_who_asks(client, report, suffix):
    plain = client.get(path(report, suffix))
    content = body(plain)
    packed = client.get(path(report, suffix), headers={"Accept-Encoding": "gzip, deflate"})
    assert (packed["Content-Encoding"], gzip.decompress(body(packed))) == ("gzip", content)
    best = client.get(path(report, suffix), headers={"Accept-Encoding": "gzip, br, zstd"})
    unpacked = pa.CompressedInputStream(pa.BufferReader(body(best)), "zstd").read()
    assert (best["Content-Encoding"], unpacked) == ("zstd", content)
    assert len({plain["ETag"], packed["ETag"], best["ETag"]}) == 3
    for response in (plain, packed, best):
        assert {"Accept", "Accept-Encoding"} <= set(response["Vary"].split(", "))
    assert not packed.has_header("Content-Length")


@TEXTS
def test_what_was_packed_has_an_etag_too(client, report, suffix):
    wanted = {"Accept-Encoding": "gzip"}
    packed = client.head(path(report, suffix), headers=wanted)
    assert packed["Content-Encoding"] == "gzip"
    assert not packed.has_header("Content-Length")
    release(packed)
    again = {**wanted, "If-None-Match": packed["ETag"]}
    response = client.get(path(report, suffix), headers=again)
    assert response.status_code == 304
    assert "Accept-Encoding" in response["Vary"]
    plain = client.get(path(report, suffix), headers={"If-None-Match": packed["ETag"]})
    assert plain.status_code == 200
    release(plain)


def test_a_part_is_one_of_the_file_as_it_is(client, report):
    wanted = {"Accept-Encoding": "gzip", "Range": "bytes=5-"}
    response = client.get(path(report, "csv"), headers=wanted)
    assert not response.has_header("Content-Encoding")
    assert (response.status_code, body(response)) == (206, TEXT.encode()[5:])


@pytest.mark.parametrize("suffix", ["xlsx", "parquet"])
def test_what_is_packed_by_its_form_is_not_packed_again(client, report, suffix):
    response = client.get(path(report, suffix), headers={"Accept-Encoding": "gzip, zstd"})
    assert not response.has_header("Content-Encoding")
    assert int(response["Content-Length"]) == len(body(response))


@pytest.mark.parametrize("classic", ["/download_report", "/get_report?format=csv"])
def test_the_calls_of_old_send_the_csv_as_it_is(client, report, classic):
    headers = {"Accept-Encoding": "gzip, zstd"}
    response = client.get(classic, headers=headers)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert int(response["Content-Length"]) == len(TEXT)
    assert body(response) == TEXT.encode()


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


@pytest.fixture
def large(monkeypatch):
    """Every report counts as a large one."""
    monkeypatch.setattr(files, "_LARGE_BYTES", 0)


@pytest.fixture
def nested(client, report, monkeypatch):
    """The answers to requests for a format, each sent while the one before is in progress."""
    answered = []

    def write(source, about, target):
        if len(answered) < 3:
            answered.append(None)
            answered[answered.index(None)] = taken(client, report, "json")
        json_text.write_json(source, about, target)

    monkeypatch.setitem(FORMATS, "json", replace(FORMATS["json"], write=write))
    return answered


def taken(client, report, suffix):
    response = client.get(path(report, suffix))
    release(response)
    return response


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

"""Ranges and compression of a download."""

import gzip

import pyarrow as pa
import pytest

from tests.database.answers import release
from tests.database.reports.downloads.taking import EVERY, TEXT, body, path, whole

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PACKABLE = ["csv", "json", "ndjson"]


TEXTS = pytest.mark.parametrize("suffix", PACKABLE)


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

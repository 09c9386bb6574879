"""Files of a report from a real web server: HEAD, ranges and packed answers on the wire."""

import gzip
import json

import pytest

FORMS = ("csv", "json", "ndjson", "xlsx", "parquet")


@pytest.fixture(scope="module")
def address(filled):
    report_id = filled.trigger()
    assert filled.finished(report_id)["status"] == "Complete"
    return f"/api/v1/reports/{report_id}/download"


@pytest.mark.parametrize("form", FORMS)
def test_it_sends_a_form_whole_in_part_and_not_again(filled, address, form):
    path = f"{address}.{form}"
    whole = filled.get(path)
    assert whole.status == 200
    assert int(whole.headers["Content-Length"]) == len(whole.body)

    head = filled.call("HEAD", path)
    assert (head.status, head.body) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag"):
        assert head.headers[name] == whole.headers[name]

    rest = filled.get(path, Range="bytes=100-", If_Range=whole.headers["ETag"])
    assert (rest.status, rest.body) == (206, whole.body[100:])
    assert filled.get(path, If_None_Match=whole.headers["ETag"]).status == 304


def test_it_sends_packed_text_as_it_is_packed(filled, address):
    plain = filled.get(f"{address}.json")
    packed = filled.get(f"{address}.json", Accept_Encoding="gzip")
    assert packed.headers["Transfer-Encoding"] == "chunked"
    assert gzip.decompress(packed.body) == plain.body
    head = filled.call("HEAD", f"{address}.json", Accept_Encoding="gzip")
    assert (head.headers["Content-Encoding"], head.headers["Content-Length"]) == ("gzip", None)
    assert head.headers["ETag"] == packed.headers["ETag"]


def test_all_forms_have_the_rows_of_the_csv(filled, address):
    lines = filled.get(f"{address}.csv").body.decode().splitlines()
    objects = [json.loads(line) for line in filled.get(f"{address}.ndjson").body.splitlines()]
    assert len(objects) == len(lines) - 1
    assert json.loads(filled.get(f"{address}.json").body)["rows"] == objects

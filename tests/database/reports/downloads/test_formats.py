"""Every format, by address and by request."""

import io
import json

import pytest
from django.core.files.storage import default_storage
from pyarrow import parquet

from tests.database.answers import release
from tests.database.reports.downloads.taking import (
    DOWN,
    EVERY,
    MEDIA_TYPES,
    TEXT,
    UP,
    body,
    path,
    whole,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


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

"""The HTTP contract from the first call on an empty system to the file, by real processes."""

import csv
import io
import json
import uuid

import pytest

from tests.end_to_end.conftest import STORES

HEADER = (
    "store_id,uptime_last_hour(in minutes),uptime_last_day(in hours),uptime_last_week(in hours),"
    "downtime_last_hour(in minutes),downtime_last_day(in hours),downtime_last_week(in hours)"
)
POLLS = """store_id,status,timestamp_utc
{store_id},active,2024-03-13 18:00:00 UTC
{store_id},asleep,2024-03-13 17:00:00 UTC
"""


def reports(stack):
    return stack.query("SELECT count(*) FROM reports_report")


def path_of(url):
    return "/" + url.split("/", 3)[3]


def test_it_says_what_is_missing_while_there_is_no_data(stack):
    assert stack.get("/get_report").status == 404
    assert stack.get("/download_report").status == 404
    refused = stack.call("POST", "/trigger_report")
    assert (refused.status, refused.json["code"]) == (409, "no_polls")
    assert reports(stack) == [(0,)]


def test_it_walks_from_the_trigger_to_the_file(filled):
    triggered = filled.call("POST", "/trigger_report/")
    assert (triggered.status, triggered.json["status"]) == (202, "Running")
    report_id = triggered.json["report_id"]
    assert str(uuid.UUID(report_id)) == report_id

    complete = filled.finished(report_id)
    assert complete["status"] == "Complete"
    assert f"/download_report?report_id={report_id}" in complete["message"]
    text = complete["report"]
    assert text.splitlines()[0] == HEADER
    assert len(list(csv.reader(io.StringIO(text)))) >= STORES + 1

    assert filled.get("/get_report").json["report_id"] == report_id
    asked = filled.get(f"/get_report?report_id={report_id}", Accept="text/csv")
    assert asked.headers.get_content_type() == "text/csv"
    assert asked.body == text.encode()
    assert filled.get(f"/get_report/?report_id={report_id}&format=csv").body == text.encode()

    file = filled.get(f"/download_report?report_id={report_id}")
    assert file.body == text.encode()
    assert file.headers.get_content_disposition() == "attachment"
    assert int(file.headers["Content-Length"]) == len(file.body)
    again = filled.get(
        f"/download_report?report_id={report_id}", If_None_Match=file.headers["ETag"]
    )
    assert (again.status, again.body) == (304, b"")
    assert filled.get("/download_report").body == file.body


def test_it_stores_a_file_sent_with_the_trigger_first(filled):
    before = filled.counts()["ingestion_poll"]
    sent = filled.call(
        "POST",
        "/trigger_report",
        json.dumps({"file": POLLS.format(store_id="quoted")}),
        Content_Type="application/json",
    )
    assert sent.status == 202
    assert sent.json["ingestion"]["rows_new"] == 1
    assert sent.json["ingestion"]["rows_rejected"] == 1
    assert b",asleep," in filled.get(path_of(sent.json["ingestion"]["rejects"])).body
    assert filled.counts()["ingestion_poll"] == before + 1
    assert "\nquoted,60.00," in filled.finished(sent.json["report_id"])["report"]


def test_it_takes_the_file_from_a_form_as_well(filled):
    body = (
        "--edge\r\n"
        'Content-Disposition: form-data; name="file"; filename="polls.csv"\r\n'
        f"Content-Type: text/csv\r\n\r\n{POLLS.format(store_id='form')}\r\n--edge--\r\n"
    )
    sent = filled.call(
        "POST", "/trigger_report", body, Content_Type="multipart/form-data; boundary=edge"
    )
    assert sent.status == 202
    assert "\nform,60.00," in filled.finished(sent.json["report_id"])["report"]


@pytest.mark.parametrize("text", ["colour,size\nred,1\n", "store_id,status,timestamp_utc\n,,\n"])
def test_it_stores_nothing_of_a_file_it_cannot_use(filled, text):
    before = filled.counts(), reports(filled)
    sent = filled.call(
        "POST", "/trigger_report", json.dumps({"file": text}), Content_Type="application/json"
    )
    assert (sent.status, sent.json["code"]) == (400, "unusable_file")
    assert (filled.counts(), reports(filled)) == before


def test_it_refuses_what_names_no_report(filled):
    assert filled.get(f"/get_report?report_id={uuid.uuid4()}").status == 404
    assert filled.get("/get_report?report_id=7").status == 400
    assert filled.get(f"/download_report/?report_id={uuid.uuid4()}").status == 404
    assert filled.get("/nothing/here").json["code"] == "not_found"


def test_it_refuses_a_body_that_is_too_large_before_any_of_it_is_sent(filled):
    headers = {"Content_Length": str(600 * 1024**2), "Content_Type": "application/octet-stream"}
    sent = filled.call("POST", "/trigger_report", **headers)
    assert (sent.status, sent.json["code"]) == (413, "body_too_large")


def test_it_serves_its_documentation_from_itself(filled):
    page = filled.get("/docs")
    assert page.status == 200
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert b"https://" not in page.body
    assert filled.get("/static/admin/css/base.css").status == 200
    assert filled.get("/admin/login/").status == 200


def test_it_changes_nothing_on_get(filled):
    before = reports(filled)
    for path in ("/trigger_report", "/trigger_report/"):
        assert filled.get(path).status == 405
    assert reports(filled) == before


def test_it_offers_reports_as_a_resource(filled):
    created = filled.call(
        "POST",
        "/api/v1/reports/",
        json.dumps({"as_of": "2024-03-12T00:00:00Z"}),
        Content_Type="application/json",
    )
    assert created.status in {201, 202}
    report_id = created.json["id"]
    filled.finished(report_id)
    report = filled.get(f"/api/v1/reports/{report_id}/").json
    assert (report["status"], report["as_of"]) == ("Complete", "2024-03-12T00:00:00Z")
    assert filled.get("/api/v1/reports/").json["results"][0]["id"] == report_id
    assert filled.get(path_of(report["download"])).body == filled.download(report_id)

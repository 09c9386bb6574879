"""Reports whose rows are not stores, through every door."""

import csv
import io
import json
import zipfile

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from pyarrow import parquet, types

from reports.models import Report
from reports.offline import command as offline
from schedules.models import Schedule
from schedules.services import create_schedule, wanted
from tests.database.files import write
from tests.database.reports.downloads.taking import EVERY, whole
from tests.database.reports.kinds.asking import FEEDS, NOON, ask, built, content

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = pytest.mark.parametrize("kind", ["rollup", "outages"])
AS_OF = {"as_of": "2024-01-15T12:00:00Z", "windows": ["12h"]}


def rows(report):
    return list(csv.DictReader(io.StringIO(content(report).decode())))


def test_a_roll_up_has_a_row_for_the_fleet_each_zone_and_each_tag(client):
    answer = ask(client, kind="rollup", **AS_OF)
    assert (answer.status_code, answer.json()["kind"]) == (202, "rollup")
    found = {row["scope"]: row for row in rows(built(kind="rollup", windows=["12h"]))}
    # Stores without a zone of their own count in the default's.
    assert list(found) == [
        *("fleet", "zone:America/Chicago", "zone:Asia/Kolkata", "zone:UTC"),
        *("tag:=south", "tag:north"),
    ]
    names = ("stores", "open_last_12h(in hours)", "downtime_last_12h(in hours)")
    told = {scope: [row[name] for name in names] for scope, row in found.items()}
    # Up to the newest poll, at 11:30: a is down for an hour, =b for six, c for two of its three.
    assert told["fleet"] == ["3", "26.50", "9.00"]
    assert told["zone:UTC"] == ["1", "2.50", "2.00"]
    assert told["tag:north"] == ["2", "24.00", "7.00"]
    worst = ("worst_store_last_12h", "worst_uptime_percentage_last_12h")
    assert [found["fleet"][name] for name in worst] == ["c", "20.00"]
    assert [found["tag:north"][name] for name in worst] == ["'=b", "50.00"]


def test_outages_have_a_row_each(client):
    assert ask(client, kind="outages", **AS_OF).json()["kind"] == "outages"
    report = built(kind="outages", windows=["12h"])
    found = rows(report)
    assert [(row["store_id"], row["from"][11:19], row["to"][11:19]) for row in found] == [
        ("'=b", "05:30:00", ""),
        ("a", "08:30:00", "09:30:00"),
        ("c", "09:00:00", "11:00:00"),
    ]
    assert report.row_count == 3
    assert found[1]["went_down_after"] == "2024-01-15T08:00:00.000000Z"


@KINDS
def test_parts_of_a_large_report_give_the_same_bytes(kind, settings):
    small = built(kind=kind, **AS_OF | {"as_of": None})
    settings.REPORT_SHARD_POLLS = 1
    large = built(kind=kind, **AS_OF | {"as_of": None})
    assert large.shards.count() > 1
    assert content(large) == content(small)
    assert (large.row_count, large.stores_done) == (small.row_count, 3)


@KINDS
def test_without_a_database_the_bytes_are_the_same(kind, tmp_path, capfdbinary):
    report = built(kind=kind, windows=["12h"])
    folder = str(write(tmp_path / "feeds", **FEEDS))
    assert offline.main([folder, "--kind", kind, "--windows", "12h"]) == 0
    assert capfdbinary.readouterr().out == content(report)
    with pytest.raises(SystemExit):
        offline.main([folder, "--kind", kind, "--columns", "full"])
    assert b"need --kind uptime" in capfdbinary.readouterr().err


@EVERY
@KINDS
def test_every_format_has_its_rows(client, kind, suffix):
    report = built(kind=kind, windows=["12h"])
    data = whole(client, report, suffix)
    expected = rows(report)
    if suffix == "json":
        answer = json.loads(data)
        assert answer["report"]["kind"] == kind
        found = answer["rows"]
    elif suffix == "ndjson":
        found = [json.loads(line) for line in data.splitlines()]
    elif suffix == "parquet":
        table = parquet.read_table(io.BytesIO(data))
        found = table.to_pylist()
        counts = [name for name in table.column_names if name in ("stores", "outages_of_store")]
        assert [types.is_int64(table.schema.field(name).type) for name in counts] == [True]
    else:
        assert len(expected) == report.row_count
        if suffix == "xlsx":
            sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
            assert sheet.count("<row ") == len(expected) + 1
        return
    assert len(found) == len(expected)
    first = found[0]
    if kind == "rollup":
        assert (first["scope"], first["stores"]) == ("fleet", 3)
        assert (found[4]["scope"], found[4]["worst_store_last_12h"]) == ("tag:=south", "=b")
    else:
        assert (first["store_id"], first["to"], first["outages_of_store"]) == ("=b", None, 1)


def test_an_equal_report_is_one_of_the_same_kind(client):
    first = built(**AS_OF | {"as_of": None})
    as_of = first.as_of.isoformat()
    again = [
        ask(client, as_of=as_of, windows=["12h"], reuse=True, **kind).json()["id"]
        for kind in ({}, {"kind": "uptime"}, {"kind": "rollup"}, {"kind": "outages"})
    ]
    assert again[:2] == [str(first.pk)] * 2
    assert len({*again}) == 3
    assert ask(client, as_of=as_of, windows=["12h"], reuse=True, kind="outages").json()["reused"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"kind": "sums"}, 400, "kind"),
        ({"kind": "rollup", "columns": "full"}, 422, "columns"),
        ({"kind": "outages", "columns": "full"}, 422, "columns"),
    ],
)
def test_it_refuses(client, body, status, field):
    answer = ask(client, as_of=NOON, **body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)
    assert not Report.objects.exists()


def test_the_database_refuses_them_too():
    report = built(windows=["12h"])
    for change in ({"kind": "sums"}, {"kind": "rollup", "columns": "full"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Report.objects.filter(pk=report.pk).update(**change)


@KINDS
def test_pages_show_it_and_offer_no_pack(client, kind):
    report = built(kind=kind, windows=["12h"])
    page = client.get(f"/reports/{report.pk}/")
    assert page.status_code == 200
    text = page.content.decode()
    assert {"rollup": "zone:Asia/Kolkata", "outages": "went_down_after"}[kind] in text
    assert "dispute_pack" not in text
    refused = client.get(f"/api/v1/reports/{report.pk}/dispute_pack/?store=a")
    assert (refused.status_code, refused.json()["code"]) == (409, "data_changed")
    assert f"of kind {kind}" in refused.json()["detail"]
    listed = client.get("/api/v1/reports/", {"kind": kind}).json()["results"]
    assert [one["id"] for one in listed] == [str(report.pk)]
    assert client.get("/api/v1/reports/", {"kind": "uptime"}).json()["results"] == []


def test_forms_of_pages_and_admin_request_it(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    form = {"windows": "12h", "columns": "classic", "kind": "rollup"}
    for address in ("/reports/", "/admin/reports/report/add/"):
        assert client.post(address, form).status_code == 302
    assert {report.kind for report in Report.objects.all()} == {"rollup"}
    text = client.get("/admin/reports/report/").content.decode()
    assert "all stores, rollup" in text
    wrong = client.post("/reports/", {**form, "columns": "full"})
    assert "has its own columns" in wrong.content.decode()


def test_roll_ups_are_compared_by_scope_and_outages_not_at_all(client):
    for kind in ("rollup", "outages", "uptime"):
        before, after = built(kind=kind, windows=["12h"]), built(kind=kind, windows=["12h"])
        text = client.get(f"/reports/{after.pk}/?column=uptime_last_12h(in hours)").content.decode()
        assert (str(before.pk) in text) == (kind != "outages")


def test_a_schedule_makes_reports_of_its_kind(client):
    said = {"name": "Sums", "cadence": "hourly", "windows": ["12h"], "kind": "rollup"}
    made = client.post("/api/v1/schedules/", json.dumps(said), content_type="application/json")
    assert (made.status_code, made.json()["kind"]) == (201, "rollup")
    schedule = Schedule.objects.get()
    assert wanted(schedule).kind == "rollup"
    assert wanted(create_schedule(created_by="a test", name="b", cadence="hourly")).kind == "uptime"
    body = {"columns": "full"}
    refused = client.patch(
        f"/api/v1/schedules/{schedule.pk}/", json.dumps(body), content_type="application/json"
    )
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "columns")

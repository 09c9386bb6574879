"""A small fleet with tags and zones, and reports of it that are built at once."""

import json

from reports.build.services import build_report
from reports.build.shards import build_shard
from reports.models import Report
from reports.request.starting import start_report
from tests.database.files import HOURS, STATUS, STORES, TIME_ZONES, csv

NOON = "2024-01-15T12:00:00Z"
POLLS = [
    *(
        f"a,{'inactive' if hour == 9 else 'active'},2024-01-15 {hour:02d}:00:00"
        for hour in range(12)
    ),
    *(
        f"=b,{'inactive' if hour > 5 else 'active'},2024-01-15 {hour:02d}:00:00"
        for hour in range(12)
    ),
    "c,inactive,2024-01-15 10:30:00",
    "c,active,2024-01-15 11:30:00",
]
FEEDS = {
    "polls": csv(STATUS, *POLLS),
    "hours": csv(HOURS, "c,0,09:00,12:00"),
    "zones": csv(TIME_ZONES, "c,UTC", "a,Asia/Kolkata"),
    "stores": csv(STORES, "a,,north", "=b,,north;=south", "c,,"),
}


def built(**wanted):
    """A complete report, in shards if it is cut."""
    report = start_report(requested_by="a test", **wanted)
    build_report(report.pk)
    for shard in report.shards.all():
        build_shard(shard.pk)
    if report.shards.exists():
        build_report(report.pk)
    report.refresh_from_db()
    assert report.status == Report.Status.COMPLETE
    return report


def content(report):
    with report.file.open("rb") as file:
        return file.read()


def ask(client, **body):
    return client.post("/api/v1/reports/", json.dumps(body), content_type="application/json")

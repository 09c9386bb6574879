"""Reports to stamp and to reproduce, of a few stores with every kind of data."""

from reports.build.services import build_report
from reports.build.shards import build_shard
from reports.request.parameters import parameters
from reports.request.requesting import request_report
from tests.database.files import HOURS, STATUS, STORES, TIME_ZONES, csv, ingest, write

FEEDS = {
    "polls": csv(
        STATUS,
        "bare,inactive,2024-03-01 00:00:00 UTC",
        "bare,active,2024-03-08 23:59:59.999999 UTC",
        "=1+1,active,2024-03-09 12:00:00.000001 UTC",
        "=1+1,inactive,2024-03-10 07:00:00.5 UTC",
        "b,active,2024-03-12 15:00:00 UTC",
        "b,inactive,2024-03-13 09:10:00.123456 UTC",
        "b,inactive,2024-03-13 09:10:00.123456 UTC",
        "store_id,active,2024-03-13 18:13:22.479220 UTC",
    ),
    "hours": csv(
        HOURS,
        *(f"b,{day},09:00,17:00" for day in range(5)),
        "b,5,20:00,02:30",
        "=1+1,6,00:00:00,23:59:59",
        "=1+1,6,00:00:00,23:59:59",
        "store_id,2,09:00:00.000001,14:00",
    ),
    "stores": csv(STORES, "named,Maple; Street,airport", "b,,airport;franchise"),
    "zones": csv(TIME_ZONES, "=1+1,America/New_York", "b,Asia/Kolkata"),
}


def ingest_feeds():
    for text in FEEDS.values():
        ingest(text)


def write_feeds(folder):
    return write(folder, **FEEDS)


def requested(**wanted):
    return request_report(requested_by="a test", wanted=parameters(**wanted)).report


def made(**wanted):
    """Request a report and build it, in shards if it is cut; return its row."""
    report = requested(**wanted)
    build_report(report.pk)
    for shard in report.shards.all():
        build_shard(shard.pk)
    if report.shards.exists():
        build_report(report.pk)
    report.refresh_from_db()
    assert report.status == "Complete"
    return report

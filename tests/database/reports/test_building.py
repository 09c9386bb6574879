"""The content of a report: the same as without a database, for the same files in any order."""

import hashlib
import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feeds.files.sources import from_folder
from fleet.models import BusinessHours, Poll, Store
from fleet.polls import columns
from ingestion.services import ingest as ingest_source
from reports.build import services
from reports.models import Report
from reports.offline import command as offline
from reports.request.requesting import request_report
from tests.database.files import (
    HOURS,
    STATUS,
    TIME_ZONES,
    csv,
    ingest_hours,
    ingest_polls,
    ingest_time_zones,
    write,
)
from tests.reference import REPORT_HEADER

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2024, 1, 15, 12, tzinfo=UTC)


def ingest_folder(folder):
    for source in from_folder(folder):
        ingest_source(source, requested_by="a test")


def build(as_of=None):
    """Request and build a report; return its text."""
    report = services.build_report(request_report(as_of=as_of, requested_by="a test").report.pk)
    with report.file.open("rb") as file:
        return file.read().decode()


def build_offline(folder, target, *options):
    assert offline.main([str(folder), "-o", str(target), *options]) in {0, 3}
    return target.read_text()


def feeds(seed=1, stores=30):
    """Rows of all feeds, with the quirks of real files."""
    chance = random.Random(seed)
    names = [chance.choice(["{}", "0{}", '"{}, x"', "store é {}"]).format(n) for n in range(stores)]
    zones = ["America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Beirut"]
    spans = ["09:00,17:00", "22:00,02:00", "00:00,23:59", "10:00,24:00", "11:30:00.5,11:30:01"]
    polls, hours, time_zones = [], [], []
    for number, name in enumerate(names):
        if number % 4:
            time_zones.append(f"{name},{chance.choice(zones)}")
        if number % 3:
            hours += [
                f"{name},{d},{chance.choice(spans)}" for d in range(7) if chance.random() < 0.8
            ]
        for _ in range(chance.choice([0, 1, 60])):
            at = NOON - timedelta(microseconds=chance.randrange(9 * 86_400_000_000))
            at = at.replace(microsecond=chance.choice([0, 500_000, at.microsecond]))
            status = chance.choice(["active", "active", "inactive"])
            polls.append(f"{name},{status},{at:%Y-%m-%d %H:%M:%S.%f} UTC")
    return polls, hours, time_zones


def write_feeds(folder, polls, hours, time_zones):
    return write(
        folder, a=csv(STATUS, *polls), b=csv(HOURS, *hours), c=csv(TIME_ZONES, *time_zones)
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_it_writes_the_bytes_of_the_report_without_a_database(tmp_path, seed):
    folder = write_feeds(tmp_path / "feeds", *feeds(seed))
    ingest_folder(folder)

    assert build() == build_offline(folder, tmp_path / "report.csv")
    day_before = NOON - timedelta(days=1, microseconds=1)
    assert build(day_before) == build_offline(
        folder, tmp_path / "report.csv", "--as-of", day_before.isoformat()
    )


def test_its_bytes_are_those_of_the_first_release(tmp_path):
    """A comparison of files by SHA-256 finds no change if there is none."""
    ingest_folder(write_feeds(tmp_path / "feeds", *feeds(seed=4, stores=200)))

    digest = "dd5bee540e460ef05b51a865c885376b2533ed5e7be0faa4d676c64e7ae05b2c"
    assert hashlib.sha256(build(NOON).encode()).hexdigest() == digest


def test_it_agrees_with_the_report_without_a_database_on_files_that_correct_each_other(tmp_path):
    polls, hours, time_zones = feeds()
    folder = write_feeds(tmp_path / "feeds", polls, hours, time_zones)
    write(
        folder,
        d=csv(STATUS, *(row.replace("active", "inactive") for row in polls[:40]), "x,open,never"),
        e=csv(HOURS, *(row.replace("09:00", "08:00") for row in hours[10:25])),
        f=csv(TIME_ZONES, *(f"{row.rsplit(',', 1)[0]},UTC" for row in time_zones[:9])),
    )
    ingest_folder(folder)

    assert build() == build_offline(folder, tmp_path / "report.csv")


def test_it_does_not_care_about_the_order_of_rows_nor_when_they_came(tmp_path):
    polls, hours, time_zones = feeds()
    ingest_folder(write_feeds(tmp_path / "in order", polls, hours, time_zones))
    expected = build(NOON)
    for model in (Poll, BusinessHours, Store):
        model.objects.all().delete()

    for rows in (polls, hours, time_zones):
        random.Random(7).shuffle(rows)
    ingest_polls(*polls[:50])
    ingest_hours(*hours)
    build(NOON)
    ingest_time_zones(*time_zones)
    ingest_polls(*polls[50:])

    assert build(NOON) == expected


def test_it_leaves_out_polls_later_than_its_instant():
    ingest_polls("a,active,2024-01-15 11:00:00 UTC", "b,active,2024-01-15 12:00:00 UTC")
    expected = build(NOON)

    ingest_polls("a,inactive,2024-01-15 12:00:00.000001 UTC", "b,inactive,2024-01-16 12:00:00 UTC")

    assert build(NOON) == expected
    assert build() != expected


def test_it_counts_a_poll_at_its_instant_and_at_the_far_end_of_the_look_back():
    ingest_polls(
        "at the end,active,2024-01-15 12:00:00 UTC",
        "at the start,active,2024-01-07 12:00:00 UTC",
        "too early,active,2024-01-07 11:59:59.999999 UTC",
    )

    up = {line.split(",")[0]: line.split(",")[3] for line in build(NOON).splitlines()[1:]}
    assert up == {"at the end": "168.00", "at the start": "168.00", "too early": "0.00"}


def test_it_looks_back_as_far_as_it_is_set_to(settings):
    ingest_polls("a,active,2024-01-07 12:00:00 UTC")
    settings.UPTIME_LOOK_BACK = timedelta(hours=23)

    assert build(NOON).endswith("a,0.00,0.00,0.00,0.00,0.00,0.00\n")


def test_it_looks_back_as_far_as_the_report_made_without_a_database(
    settings, monkeypatch, tmp_path
):
    rows = [
        "at the start,active,2024-01-07 00:00:00 UTC",
        "too early,active,2024-01-06 23:59:59 UTC",
        "now,inactive,2024-01-15 12:00:00 UTC",
    ]
    ingest_polls(*rows)
    settings.UPTIME_LOOK_BACK = timedelta(hours=36)
    monkeypatch.setenv("UPTIME_LOOK_BACK_HOURS", "36")

    text = build_offline(write(tmp_path / "feeds", polls=csv(STATUS, *rows)), tmp_path / "report")

    assert text == build()
    assert "at the start,60.00,24.00,168.00," in text
    assert "too early,0.00,0.00,0.00," in text


ONLY = {
    "polls": lambda: ingest_polls("a,active,2024-01-15 11:00:00 UTC"),
    "hours": lambda: ingest_hours("a,0,09:00,17:00"),
    "zones": lambda: ingest_time_zones("a,Asia/Tokyo"),
    "polls outside the windows": lambda: ingest_polls("a,active,2020-01-15 11:00:00 UTC"),
    "polls and hours": lambda: (ONLY["polls"](), ONLY["hours"]()),
    "polls and zones": lambda: (ONLY["polls"](), ONLY["zones"]()),
}
UP = "60.00,24.00,168.00,0.00,0.00,0.00"
UNKNOWN = "0.00,0.00,0.00,0.00,0.00,0.00"


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        ("polls", UP),
        ("hours", UNKNOWN),
        ("zones", UNKNOWN),
        ("polls outside the windows", UNKNOWN),
        ("polls and hours", UNKNOWN),  # 11:00 UTC is 05:00 in Chicago.
        ("polls and zones", UP),
    ],
)
def test_it_reports_with_whole_tables_empty(given, numbers):
    ONLY[given]()

    assert build(NOON) == f"{REPORT_HEADER}\na,{numbers}\n"


def test_it_reports_no_store_of_an_empty_database():
    assert build(NOON) == f"{REPORT_HEADER}\n"
    assert Report.objects.get().row_count == 0


def test_it_reports_over_columns_that_begin_with_odd_values(monkeypatch):
    monkeypatch.setattr(columns, "_ROWS_AT_ONCE", 2)
    ingest_polls(*(f"00{n},active,2024-01-15 11:00:0{n}" for n in range(4)))
    ingest_polls(*(f"s{n},active,2024-01-15 11:00:0{n}.{n}5" for n in range(4)))
    ingest_hours(*(f"00{n},{n},00:00,24:00" for n in range(4)), "s1,0,09:00:00.25,17:00")
    ingest_time_zones("s3,Asia/Tokyo")

    text = build(NOON)

    assert [line.split(",")[0] for line in text.splitlines()[1:]] == [
        *("000", "001", "002", "003"),
        *("s0", "s1", "s2", "s3"),
    ]


def test_it_sorts_stores_by_the_bytes_of_their_ids():
    ids = ["b", "B", "10", "9", "é", "z", "店", "🍕", "\uff21", "a b", "a_b"]
    ingest_polls(*(f"{name},active,2024-01-15 11:00:00" for name in ids))

    listed = [line.split(",")[0] for line in build(NOON).splitlines()[1:]]

    assert listed == sorted(ids, key=str.encode)


@pytest.mark.parametrize("gone", ["a", "c"])
def test_it_leaves_out_polls_of_a_store_that_is_gone(caplog, gone):
    ingest_polls(*(f"{name},active,2024-01-15 11:00:00" for name in "abc"))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ingestion_store WHERE store_id = %s", [gone])

    text = build(NOON)

    kept = [name for name in "abc" if name != gone]
    assert text == REPORT_HEADER + "".join(f"\n{name},{UP}" for name in kept) + "\n"
    assert "ignored 1 polls of stores that no longer exist" in caplog.text


def test_it_reads_the_database_with_as_many_queries_for_many_stores_as_for_one(monkeypatch):
    asked = []
    real = {name: getattr(columns, name) for name in ("_postgresql", "_sqlite")}

    def counting(name):
        def source():
            asked.append(name)
            return real[name]()

        return source

    for name in real:
        monkeypatch.setattr(columns, name, counting(name))
    measured = []
    for stores in (1, 300):
        rows = [f"store {n},active,2024-01-15 11:00:00" for n in range(stores)]
        ingest_polls(*rows)
        asked.clear()
        with CaptureQueriesContext(connection) as queries:
            build(NOON)
        measured.append((len(queries), len(asked)))

    assert measured[0] == measured[1]
    assert measured[0][1] == 1


@pytest.mark.parametrize(
    "as_of", [datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)]
)
def test_it_reports_as_of_an_instant_far_away(as_of):
    ingest_polls("a,active,2024-01-15 11:00:00")
    ingest_hours("a,0,09:00,17:00")

    assert build(as_of) == f"{REPORT_HEADER}\na,{UNKNOWN}\n"

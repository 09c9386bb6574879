"""A file that cannot be used, or fails on the way, leaves the data as it was and a record why."""

import csv as csv_module
import gzip
import io
import os
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from api.errors.reasons import INTERNAL
from feeds.errors import UnusableFile
from feeds.files.sources import from_path, from_stream
from fleet.models import BusinessHours, Poll, Store
from ingestion import lease, services, tasks
from ingestion.models import Ingestion
from ingestion.storing import loader
from tests.database.clocks import standing_still
from tests.database.files import (
    HOURS,
    STATUS,
    TIME_ZONES,
    counts,
    csv,
    ingest,
    ingest_hours,
    ingest_polls,
    ingest_time_zones,
)

pytestmark = pytest.mark.django_db(transaction=True)

POLLS = csv(STATUS, *(f"a,inactive,2024-01-15 09:00:{n % 60:02}.{n:06} UTC" for n in range(5000)))


def data():
    """Everything but the records of ingestions."""
    return [list(model.objects.order_by("pk").values()) for model in (Store, BusinessHours, Poll)]


def rejected(record):
    """The rows of the rejects as dictionaries."""
    with record.rejects.open("rb") as file:
        return list(csv_module.DictReader(io.StringIO(file.read().decode(), newline="")))


@pytest.fixture
def before():
    ingest_polls("a,active,2024-01-15 09:00:00 UTC")
    ingest_hours("a,0,09:00,17:00")
    ingest_time_zones("a,Asia/Tokyo")
    return data()


def failed(text, error=UnusableFile, **options):
    """The record of a file that cannot be ingested."""
    with pytest.raises(error) as caught:
        ingest(text, **options)
    record = Ingestion.objects.latest("id")
    assert record.status == "Failed"
    assert record.finished_at is not None
    if error is UnusableFile:
        assert caught.value.ingestion == record
        assert record.error == str(caught.value)
    return record


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("a,b,c\n1,2,3\n", "header"),
        (csv(STATUS), "no rows below the header"),
        (csv(STATUS, "a,open,2024-01-15 09:00:00 UTC", "b,active,yesterday"), "none of its 2 rows"),
        (csv(HOURS, "a,7,09:00,17:00"), "weekday"),
        (csv(TIME_ZONES, "a,Mars/Olympus"), "not a time zone"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "LFS"),
        (gzip.compress(POLLS.encode())[:-20], "damaged or incomplete"),
        (b"\x28\xb5\x2f\xfd" + b"\0" * 50, "damaged or incomplete"),
    ],
    ids=[
        "nothing",
        "no feed",
        "a header",
        "bad polls",
        "bad hours",
        "bad zones",
        "a Git LFS pointer",
        "a gzip cut short",
        "a broken zstd",
    ],
)
def test_it_changes_nothing_for_a_file_it_cannot_use(before, text, reason):
    record = failed(text, name="bad.csv")

    assert data() == before
    assert record.error.startswith("bad.csv")
    assert reason in record.error
    assert (record.rows_new, record.rows_changed, record.rows_repeated) == (0, 0, 0)


def test_it_refuses_a_file_of_another_feed_than_asked_for(before):
    record = failed(csv(HOURS, "b,0,09:00,17:00"), feed="status")

    assert data() == before
    assert "hours" in record.error


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        (POLLS, "_touch"),
        (
            csv(STATUS, "a,inactive,2024-01-15 09:00:00 UTC", "b,active,2023-01-01 00:00:00"),
            "_touch",
        ),
        (csv(HOURS, "a,1,10:00,11:00", "b,1,10:00,11:00"), "_replace_hours"),
    ],
)
def test_it_rolls_back_what_it_wrote_before_an_error_of_the_database(
    before, monkeypatch, caplog, text, broken
):
    written = getattr(loader, broken)

    def write_then_fail(*arguments):
        written(*arguments)
        assert data() != before
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM nowhere")

    monkeypatch.setattr(loader, broken, write_then_fail)

    record = failed(text, DatabaseError)

    assert data() == before
    assert record.error.endswith("Nothing was stored.")
    assert "nowhere" not in record.error
    assert "nowhere" in caplog.text
    names = ("new", "changed", "repeated", "superseded", "removed")
    assert [getattr(record, f"rows_{name}") for name in names] == [0] * 5


def test_it_rolls_back_when_it_is_interrupted(before):
    def interrupt(progress):
        if progress.phase == "storing":
            raise KeyboardInterrupt

    record = failed(
        csv(STATUS, "z,active,2024-01-15 09:00:00"), KeyboardInterrupt, on_progress=interrupt
    )

    assert data() == before
    assert record.error == f"{INTERNAL} Nothing was stored."


def test_it_can_ingest_a_file_again_that_failed(monkeypatch):
    text = csv(STATUS, "a,active,2024-01-15 09:00:00 UTC")
    with monkeypatch.context() as patched:
        patched.setattr(loader, "_touch", lambda *_: 1 / 0)
        failed(text, ZeroDivisionError)

    assert counts(ingest(text)) == {"read": 1, "new": 1}


def test_it_stores_good_rows_and_says_what_is_wrong_with_the_others():
    record = ingest(
        csv(
            STATUS,
            "a,active,2024-01-15 09:00:00 UTC",
            "8.13E+18,active,2024-01-15 09:00:00 UTC",
            'b,"sleeping, maybe",2024-01-15 09:00:00 UTC',
            "",
            "b,active",
            "c,active,2024-02-30 09:00:00 UTC",
        ),
        "polls.csv",
    )

    assert counts(record) == {"read": 5, "new": 1, "rejected": 4}
    assert record.rejects.name == f"rejects/{record.pk}.csv"
    rejects = rejected(record)
    assert [list(row.values())[:4] for row in rejects] == [
        ["polls.csv", "3", "store_id", "8.13E+18"],
        ["", "4", "status", "sleeping, maybe"],
        ["", "6", "", "b,active"],
        ["", "7", "timestamp_utc", "2024-02-30 09:00:00 UTC"],
    ]
    assert list(rejects[0]) == ["file", "line", "field", "value", "reason"]
    assert all(row["reason"] for row in rejects)
    assert list(Store.objects.values_list("store_id", flat=True)) == ["a"]


def test_it_keeps_the_rejects_of_a_file_without_one_good_row():
    record = failed(csv(STATUS, "a,open,2024-01-15 09:00:00", "b,shut,2024-01-15 09:00:00"))

    assert (record.rows_read, record.rows_rejected) == (2, 2)
    assert [row["line"] for row in rejected(record)] == ["2", "3"]
    assert 'line 2, status: is neither "active" nor "inactive"' in record.error


def test_it_counts_every_row_it_read_once():
    record = ingest_polls(
        "a,active,2024-01-15 09:00:00",
        "a,inactive,2024-01-15 09:00:00",
        "a,inactive,2024-01-15 09:00:00",
        "b,open,2024-01-15 09:00:00",
    )

    assert record.rows_read == sum(
        getattr(record, f"rows_{name}")
        for name in ("new", "changed", "repeated", "superseded", "rejected")
    )


@pytest.mark.parametrize(
    "name",
    ["x" * 251 + ".csv", os.fsdecode(b"polls of \xe9t\xe9.csv"), "Zoë 店.csv", "new\nline.csv"],
    ids=["long", "not UTF-8", "Unicode", "two lines"],
)
def test_it_survives_any_name_of_a_file(tmp_path, name):
    path = tmp_path / name
    path.write_text(csv(STATUS, "a,active,2024-01-15 09:00:00", "b,open,2024-01-15 09:00:00"))
    [source] = from_path(path)

    record = services.ingest(source, requested_by="a test")

    record.refresh_from_db()
    assert record.name.endswith(".csv")
    assert [row["file"] for row in rejected(record)] == [record.name]


def test_it_cuts_a_name_that_is_longer_than_its_column():
    record = ingest(csv(STATUS, "a,active,2024-01-15 09:00:00"), "x" * 300 + ".csv")

    assert record.name == "x" * 251 + ".csv"


def test_it_holds_a_lease_while_it_runs(monkeypatch):
    seen = []

    def look(progress):
        record = Ingestion.objects.get()
        seen.append((record.status, record.lease_expires_at - timezone.now()))

    monkeypatch.setattr(lease, "WRITE_SECONDS", -1)
    with standing_still():
        # Reading is looked at from outside the transaction, storing from within.
        ingest(POLLS, on_progress=look)

    assert {status for status, _ in seen} == {"Running"}
    assert seen[0][1] == lease.READING_LEASE
    renewed = connection.vendor != "sqlite"
    assert seen[-1][1] == (lease.READING_LEASE if renewed else lease.STORING_LEASE)


def test_it_fails_ingestions_whose_process_died():
    now = timezone.now()
    dead, alive = (
        Ingestion.objects.create(name=name, requested_by="a test", lease_expires_at=now + lease)
        for name, lease in (("dead", -timedelta(seconds=1)), ("alive", timedelta(minutes=1)))
    )
    done = ingest_polls("a,active,2024-01-15 09:00:00 UTC")

    assert tasks.sweep() == 1
    assert tasks.sweep() == 0

    for record in (dead, alive, done):
        record.refresh_from_db()
    assert (dead.status, alive.status, done.status) == ("Failed", "Running", "Complete")
    assert "died" in dead.error
    assert dead.finished_at >= now


def test_it_completes_an_ingestion_that_was_swept_too_early():
    def sweep_while_reading(progress):
        if progress.phase == "reading":
            Ingestion.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
            assert services.sweep() == 1

    record = ingest(csv(STATUS, "a,active,2024-01-15 09:00:00"), on_progress=sweep_while_reading)

    record.refresh_from_db()
    assert (record.status, record.error, record.rows_new) == ("Complete", "", 1)


def test_it_tells_how_far_it_is():
    seen = []
    [source] = from_stream(io.BytesIO(POLLS.encode()), "polls.csv")

    services.ingest(source, requested_by="a test", on_progress=seen.append)

    assert [(p.phase, p.done, p.total) for p in seen] == [
        ("reading", len(POLLS), len(POLLS)),
        ("storing", 5000, 5000),
    ]

"""From the first version to this one, and all the way back, with data: the same reports."""

import hashlib

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from fleet.models import Poll, Store
from reports.build.services import build_report
from reports.models import Report
from reports.request.requesting import request_report
from tests.database.answers import AS_OF, TEXT
from tests.database.files import ingest_hours, ingest_polls, ingest_time_zones
from tests.database.storemonitor.doctor.asking import execute, is_clean, weeks_dropped

pytestmark = pytest.mark.django_db(transaction=True)

# Each app as the first commit had it, since there is no release yet; the others came later.
FIRST = {
    "dashboard": "zero",
    "webhooks": "zero",
    "schedules": "zero",
    "storemonitor": "zero",
    "reports": "0001",
    "fleet": "zero",
    "ingestion": "0002",
    "access": "zero",
}
OLD_ID = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"


@pytest.fixture(autouse=True)
def _no_other_weeks():
    weeks_dropped()
    yield
    weeks_dropped()


def fill():
    """Two weeks of polls, so that there is more than one partition."""
    ingest_polls(
        *(f"{store},{status},2024-01-{day} {hour:02}:05:00 UTC"
          for store, status in (("a", "active"), ("b", "inactive"))
          for day in range(10, 18) for hour in range(0, 24, 5))
    )  # fmt: skip
    ingest_hours("a,0,09:00:00,17:00:00", "a,2,22:00:00,03:00:00")
    ingest_time_zones("a,Asia/Tokyo")


def report_bytes():
    report = request_report(requested_by="a test").report
    with build_report(report.pk).file.open("rb") as file:
        return file.read()


def back_to_the_first_version():
    for app, name in FIRST.items():
        call_command("migrate", app, name, verbosity=0)
    left = MigrationRecorder.Migration.objects.filter(app__in=FIRST).values_list("app", "name")
    assert sorted(left) == [
        ("ingestion", "0001_initial"),
        ("ingestion", "0002_time_zones"),
        ("reports", "0001_initial"),
    ]


def rows(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


def unclean():
    checks = ("migrations", "tables", "zones", "partitions", "report files")
    return [check for check in checks if not is_clean(check)]


def test_data_survive_a_roll_back_to_the_first_version_and_the_upgrade_after_it():
    fill()
    before, made = report_bytes(), Report.objects.get()
    faults = unclean()  # Other tests may have left partitions that are detached.
    polls = [*Poll.objects.values_list("polled_at", "store_id", "status")]
    stores = [*Store.objects.values_list("key", "store_id", "last_polled_at", "last_status")]
    try:
        back_to_the_first_version()
        assert rows("ingestion_store") == len(stores)
        assert rows("ingestion_poll") == len(polls)
        assert rows("ingestion_businesshours") == 2
        assert rows("reports_report") == 1
        written_by_the_first_version(polls)
    finally:
        call_command("migrate", verbosity=0)
    same, old = Report.objects.get(pk=made.pk), Report.objects.get(pk=OLD_ID)
    assert (same.sha256, same.as_of) == (made.sha256, made.as_of)
    with old.file.open() as file:
        assert file.read() == TEXT.encode()
    now = [*Store.objects.values_list("key", "store_id", "last_polled_at", "last_status")]
    assert now == stores
    assert report_bytes() == before
    assert unclean() == faults


def written_by_the_first_version(polls):
    """Write the polls again, and a report, as that version did."""
    execute("DELETE FROM ingestion_poll")
    for polled_at, key, status in polls:
        execute(
            "INSERT INTO ingestion_poll (polled_at, store_key, status) VALUES (%s, %s, %s)",
            instant(polled_at), key, status,
        )  # fmt: skip
    name = default_storage.save("reports/of-the-first-version.csv", ContentFile(TEXT.encode()))
    execute(
        "INSERT INTO reports_report (id, status, as_of, requested_by, attempts, stores_total,"
        " stores_done, file, row_count, size, sha256, error, started_at, finished_at)"
        " VALUES (%s, 'Complete', %s, 'nobody', 1, 1, 1, %s, 1, %s, %s, '', %s, %s)",
        OLD_ID, instant(AS_OF), name, len(TEXT), hashlib.sha256(TEXT.encode()).hexdigest(),
        instant(AS_OF), instant(AS_OF),
    )  # fmt: skip


def instant(value):
    """Return an instant as Django writes it."""
    return connection.ops.adapt_datetimefield_value(value)

"""Every migration can be undone with rows in its tables, and done again to the same tables."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from ingestion.models import Ingestion
from reports.build.services import build_report
from reports.models import IdempotencyKey, Report
from reports.request.requesting import request_report
from schedules.models import Schedule
from schedules.services import create_schedule, start_due
from tests.database.answers import complete, queued
from tests.database.files import (
    ingest_hours,
    ingest_polls,
    ingest_special_days,
    ingest_stores,
    ingest_time_zones,
)
from tests.paths import ROOT
from webhooks import deliveries
from webhooks.services import create_webhook

pytestmark = pytest.mark.django_db(transaction=True)

OURS = [
    app.label
    for app in apps.get_app_configs()
    if Path(app.path).parent == ROOT and (Path(app.path) / "migrations").is_dir()
]


# What each table of ours is like: columns, constraints, indexes.
ON_POSTGRESQL = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
    UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT table_name, column_name, concat_ws(' ', data_type, character_maximum_length,
            is_nullable, column_default, is_identity)
        FROM information_schema.columns WHERE table_schema = 'public'
"""
ON_SQLITE = "SELECT tbl_name, name, sql FROM sqlite_master WHERE sql IS NOT NULL"


def tables():
    """The form of the tables; partitions come with their rows."""
    with connection.cursor() as cursor:
        cursor.execute(ON_POSTGRESQL if connection.vendor == "postgresql" else ON_SQLITE)
        rows = [row for row in cursor.fetchall() if row[0].partition("_")[0] in OURS]
    return sorted(row for row in rows if not re.match(r"ingestion_poll_\d", row[0]))


def fill():
    """Rows of every kind that a migration backwards has to find another word for, and of others."""
    ingest_polls("a,active,2024-01-15T11:00:00Z")
    ingest_hours("a,0,09:00:00,17:00:00")
    ingest_time_zones("a,Asia/Tokyo")
    ingest_stores("a,Maple Street Diner,airport")
    ingest_special_days("a,2024-01-15,,,Inventory")
    create_webhook(created_by="a test", name="BI", url="https://example.com/")
    reports = [complete(), queued(status="Cancelled", finished_at=timezone.now()), queued()]
    for number, report in enumerate(reports):
        IdempotencyKey.objects.create(
            requested_by="a test", key=str(number), request="", report=report
        )
    deliveries.record_all_ended()
    schedule = create_schedule(created_by="a test", name="Hourly", cadence="hourly")
    start_due(schedule.next_due_at)
    digest = {"name": "Bad news", "mail_as": "digest", "mail_when_fine": True}
    create_schedule(created_by="a test", cadence="hourly", **digest)


def test_it_goes_back_to_nothing_and_forward_to_the_same_tables():
    fill()
    before = tables()
    try:
        for label in OURS:
            call_command("migrate", label, "zero", verbosity=0)
        assert tables() == []
    finally:
        call_command("migrate", verbosity=0)
    assert tables() == before


def test_it_keeps_what_earlier_versions_have_a_place_for():
    fill()
    try:
        call_command("migrate", "reports", "0003", verbosity=0)
        call_command("migrate", "ingestion", "0005", verbosity=0)
    finally:
        call_command("migrate", verbosity=0)
    # A cancelled report is one that failed, files of names and special days of an unknown feed.
    assert sorted(Report.objects.values_list("status", flat=True)) == [
        "Complete",
        "Failed",
        "Queued",
        "Queued",
    ]
    assert Ingestion.objects.filter(feed="").count() == 2
    assert Ingestion.objects.count() == 5


def test_it_switches_off_schedules_of_kinds_that_are_not_known_yet():
    create_schedule(created_by="a test", cadence="hourly", name="Hourly")
    create_schedule(created_by="a test", cadence="hourly", name="Sums", kind="rollup")
    try:
        call_command("migrate", "schedules", "0003", verbosity=0)
    finally:
        call_command("migrate", verbosity=0)
    told = Schedule.objects.values_list("name", "active", "inactive_because").order_by("name")
    why = "This version does not know its kind of report."
    assert [*told] == [("Hourly", True, ""), ("Sums", False, why)]


# Where each table of the data is: another number once its rows are copied.
PLACES = {
    "postgresql": "SELECT relname, relfilenode FROM pg_class WHERE relname LIKE 'ingestion_%'",
    "sqlite": "SELECT name, rootpage FROM sqlite_master WHERE name LIKE 'ingestion_%'",
}


def places():
    with connection.cursor() as cursor:
        cursor.execute(PLACES[connection.vendor])
        return sorted(cursor.fetchall())


def report_bytes():
    report = request_report(requested_by="a test").report
    with build_report(report.pk).file.open("rb") as file:
        return file.read()


def may_view_stores(user, app):
    granted = Permission.objects.filter(user=user, codename="view_store")
    return list(granted.values_list("content_type__app_label", flat=True)) == [app]


def test_the_data_change_their_app_and_stay_where_they_are(django_user_model):
    fill()
    user = django_user_model.objects.create_user("a person")
    user.user_permissions.add(Permission.objects.get(codename="view_store"))
    before, at = report_bytes(), places()
    try:
        call_command("migrate", "fleet", "zero", verbosity=0)
        assert may_view_stores(user, "ingestion")
        assert places() == at
        # A migrate that stops half way makes content types of both apps.
        call_command("migrate", "fleet", "0001", verbosity=0)
    finally:
        call_command("migrate", verbosity=0)
    assert may_view_stores(user, "fleet")
    assert places() == at
    assert report_bytes() == before

"""The digest of a run: what it lists, what it is made from, and when it is sent."""

import csv
from datetime import timedelta
from pathlib import Path

import environ
import pytest
from django.core.files.storage import default_storage

from fleet.models import Store
from reports import signals
from reports import tasks as report_tasks
from reports.build.ending import fail
from reports.build.services import build_report
from reports.models import Report
from schedules import digest, runs, services, tasks
from schedules.models import ScheduledRun
from tests.database.clocks import standing_still
from tests.database.files import ingest_polls
from tests.database.reports.targets.fleets import NOON, ingest_fleet, set_target
from tests.database.schedules.runs.beginning import fresh, make
from tests.mailbox import mailbox

pytestmark = pytest.mark.django_db(transaction=True)

SITE = "https://monitor.example.com"


@pytest.fixture(autouse=True)
def queued(monkeypatch):
    """The messages to workers, which go nowhere."""
    messages = []
    for task in (tasks.go_on, tasks.mail, report_tasks.build_report):

        def record(args=(), name=task.name, **_):
            messages.append((name, *args))

        monkeypatch.setattr(task, "apply_async", record)
    return messages


@pytest.fixture(autouse=True)
def clock():
    with standing_still(NOON - timedelta(minutes=1)) as moved:
        yield moved


@pytest.fixture(autouse=True)
def box(settings):
    with mailbox() as box:
        settings.SITE_URL = SITE
        settings.EMAIL_URL = box.url
        for name, value in environ.Env().email_url_config(box.url).items():
            setattr(settings, name, value)
        yield box


def begun(clock, **values):
    """A run that is as of noon, of a schedule whose e-mail is a digest of three hours."""
    zone = {"time_zone_id": "America/Chicago", "hour": 6, "minute": 0}
    mail = {"recipients": ["a@example.com"], "mail_as": "digest", "windows": ["3h"]}
    make(**{**zone, **mail, **values})
    clock.move_to(NOON)
    tasks.sweep()
    return ScheduledRun.objects.get()


def ended(run):
    """The run after its reports are built and its e-mail, if any, is sent."""
    for report in Report.objects.filter(status="Queued"):
        build_report(report.pk)
    tasks.go_on()
    runs.mail(run.pk)
    return fresh(run)


def page(report_id):
    return f"{SITE}/reports/{report_id}/"


def rows(report):
    with report.file.open("rb") as file:
        return list(csv.DictReader(file.read().decode().splitlines()))


def test_it_lists_what_is_bad_the_worst_first(clock, box):
    ingest_fleet()
    ingest_polls("=odd,inactive,2024-01-15 11:59:00 UTC")
    set_target("All", "fleet", "99.5", "3h")
    set_target("North", "tag:north", "60", "3h")
    # Missed by less than North's, and still before it.
    set_target("Low", "store:down", "5", "3h")

    run = ended(begun(clock))

    assert (run.status, run.error, run.mailed_at) == ("Done", "", NOON)
    [(_, recipients, message)] = box.received
    assert recipients == ["a@example.com"]
    assert message["Subject"] == "Every morning, 2024-01-15: 3 targets not on track, 3 outages"
    assert message.get_content_type() == "text/plain"
    low, north, every = (
        f"target {target}. Down" for target in ("5.00 % (Low)", "60.00 % (North)", "99.50 % (All)")
    )
    allowed = "that it allows."
    assert message.get_content().splitlines() == [
        "Every morning: the report as of 2024-01-15 06:00 America/Chicago (2024-01-15 12:00 UTC).",
        "",
        "3 targets not on track, the worst first:",
        "",
        f"- down, 3h: missed. 0.00 % up, {low} 3.00 hours of the 2.85 {allowed}",
        f"  {SITE}/stores/down/",
        f"- turned, 3h: at risk. 50.00 % up, {north} 1.50 hours of the 1.20 {allowed}",
        f"  {SITE}/stores/turned/",
        f"- never, 3h: cannot be told. Nothing known, {every} 0.00 hours of the 0.02 {allowed}",
        f"  {SITE}/stores/never/",
        f"The report: {page(run.targets_report_id)}",
        "",
        "3 outages, the longest first:",
        "",
        "- down: down 180.00 minutes (660.00 in all), since 2024-01-14 03:00-06:00, not over",
        f"  {SITE}/stores/down/",
        "- turned: down 90.00 minutes, since 2024-01-15 04:30-06:00, not over",
        f"  {SITE}/stores/turned/",
        "- =odd: down 30.00 minutes, from 2024-01-15 05:29-06:00 to 2024-01-15 05:59-06:00",
        f"  {SITE}/stores/=odd/",
        f"The report: {page(run.outages_report_id)}",
    ]


def test_its_numbers_are_those_of_its_reports(clock, box):
    ingest_fleet()
    set_target("All", "fleet", "99.5", "3h")
    run = ended(begun(clock))
    [(*_, message)] = box.received
    text = message.get_content()

    bad = [row for row in rows(run.targets_report) if row["on_track"] == "no"]
    assert [row["verdict"] for row in bad] == ["missed", "cannot be told", "missed"]
    for row in bad:
        assert f"Down {row['spent(in hours)']} hours of the {row['budget(in hours)']} " in text
    lost = [row["downtime_in_windows(in minutes)"] for row in rows(run.outages_report)]
    assert lost == ["180.00", "90.00"]
    for minutes in lost:
        assert f": down {minutes} minutes" in text
    for report in run.reports:
        assert (report.as_of, report.windows, report.requested_by) == (
            run.due_at,
            ["3h"],
            "schedule Every morning",
        )


def test_it_lists_the_worst_and_says_how_many_more_there_are(clock, box, monkeypatch):
    monkeypatch.setattr(digest, "LISTED", 1)
    monkeypatch.setattr(digest, "_BYTES_AT_ONCE", 300)
    ingest_fleet()
    set_target("All", "fleet", "99.5", "3h")
    run = ended(begun(clock))
    [(*_, message)] = box.received
    text = message.get_content()
    assert f"and 2 more: {page(run.targets_report_id)}" in text
    assert f"and 1 more: {page(run.outages_report_id)}" in text
    assert text.count("\n- ") == text.count("\n- down") == 2


def test_it_is_not_sent_if_nothing_is_bad_unless_that_is_wanted(clock, box):
    ingest_polls(*(f"up,active,2024-01-15 {hour:02}:00:00 UTC" for hour in range(12)))
    set_target("All", "fleet", "99.5", "3h")
    run = ended(begun(clock))
    assert (run.status, run.error, run.mailed_at, box.received) == ("Done", "", None, [])

    run.schedule.delete()
    clock.shift(-timedelta(minutes=1))
    run = ended(begun(clock, mail_when_fine=True))

    [(*_, message)] = box.received
    assert message["Subject"] == "Every morning, 2024-01-15: nothing is bad"
    text = message.get_content()
    assert f"Every target is met, or on the way to it: {page(run.targets_report_id)}" in text
    assert f"No outage: {page(run.outages_report_id)}" in text


def test_it_lists_outages_where_no_target_is_set(clock, box):
    ingest_fleet()
    set_target("Elsewhere", "fleet", "99.5", "30d")
    run = ended(begun(clock))
    assert (run.status, run.targets_report) == ("Done", None)
    [(*_, message)] = box.received
    assert message["Subject"] == "Every morning, 2024-01-15: 2 outages"
    assert "none was set in 3h" in message.get_content()


@pytest.mark.parametrize(
    ("values", "kinds"),
    [
        ({}, ["outages", "targets", "uptime"]),
        ({"kind": "targets"}, ["outages", "targets"]),
        ({"kind": "outages"}, ["outages", "targets"]),
        ({"columns": "full"}, ["outages", "targets", "uptime"]),
        ({"recipients": []}, ["uptime"]),
        ({"mail_as": "link"}, ["uptime"]),
    ],
)
def test_it_takes_the_reports_that_it_lists_and_no_other(clock, values, kinds):
    ingest_fleet()
    set_target("All", "fleet", "99.5", "3h")
    begun(clock, **values)
    assert sorted(Report.objects.values_list("kind", flat=True)) == kinds


def test_it_waits_for_all_of_its_reports(clock, box):
    ingest_fleet()
    run = begun(clock)
    build_report(run.report_id)
    tasks.go_on()
    assert fresh(run).status == "Waiting"
    build_report(run.outages_report_id)
    tasks.go_on()
    assert fresh(run).status == "Mailing"


def test_all_of_its_reports_are_queued_and_each_end_is_noticed(clock, queued):
    ingest_fleet()
    set_target("All", "fleet", "99.5", "3h")
    run = begun(clock)
    assert queued == [("reports.build_report", str(report.pk)) for report in run.reports]
    for report in run.reports:
        queued.clear()
        signals.tell_ended(report.pk, "Complete")
        assert queued == [("schedules.go_on",)]


def test_it_says_that_a_file_is_damaged(clock, box):
    ingest_fleet()
    run = begun(clock)
    for report in run.reports:
        build_report(report.pk)
    run.outages_report.refresh_from_db()
    Path(default_storage.path(run.outages_report.file.name)).write_bytes(b"store_id")
    ended(run)
    [(*_, message)] = box.received
    assert message["Subject"] == "Every morning, 2024-01-15: no report of outages"
    assert "The file of the report of outages is damaged." in message.get_content()


def test_it_says_that_the_schedule_sent_no_digests_when_the_run_began(clock, box):
    ingest_fleet()
    run = begun(clock, mail_as="link")
    services.change_schedule(run.schedule, mail_as="digest")
    ended(run)
    [(*_, message)] = box.received
    assert message["Subject"] == "Every morning, 2024-01-15: no report of outages"
    assert "sent no digests when this period was due" in message.get_content()


def test_it_says_which_of_its_reports_failed(clock, box):
    ingest_fleet()
    run = begun(clock)
    fail(run.outages_report_id, "The disk is full.")

    run = ended(run)

    assert (run.status, run.error) == (
        "Failed",
        "The report of outages is Failed. The disk is full.",
    )
    [(*_, message)] = box.received
    assert message["Subject"] == "Every morning, 2024-01-15: no report of outages"
    assert "The report of outages is Failed. The disk is full." in message.get_content()


def test_it_says_that_its_reports_were_deleted(clock, box):
    ingest_fleet()
    run = begun(clock)
    for report in Report.objects.all():
        build_report(report.pk)
    tasks.go_on()
    Report.objects.all().delete()
    runs.mail(run.pk)
    [(*_, message)] = box.received
    assert message["Subject"] == "Every morning, 2024-01-15: no report, no report of outages"
    assert fresh(run).error == "The report was deleted."


def test_a_store_with_an_odd_id_adds_no_line_of_its_own(clock, box):
    Store.objects.create(store_id="a\n- b, 3h: met.")
    set_target("All", "fleet", "99.5", "3h")
    ended(begun(clock))
    [(*_, message)] = box.received
    lines = message.get_content().splitlines()
    assert [line.partition(":")[0] for line in lines if line.startswith("- ")] == [r"- 'a\n- b, 3h"]
    assert f"  {SITE}/stores/a%0A-%20b,%203h:%20met./" in lines

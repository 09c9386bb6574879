"""``manage.py reproduce``: the same bytes, or what has changed."""

from datetime import time, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from fleet.extent import note_pruned
from fleet.models import BusinessHours, Store
from reports.models import Report
from reports.stamp import stamps
from reports.stamp.words import NO_STAMP
from tests.database.answers import queued
from tests.database.files import ingest_polls, ingest_time_zones
from tests.database.reports.poller.fleets import SILENT_AS_OF, ingest_silent_fleet
from tests.database.reports.stamp.making import made
from tests.unit.uptime.notation import at
from uptime.instants import from_microseconds

pytestmark = pytest.mark.django_db(transaction=True)


def content(report):
    with report.file.open("rb") as file:
        return file.read()


@pytest.fixture
def run(capsys):
    """Run the command; return its exit code and lines."""

    def run(report, *arguments):
        code = 0
        try:
            call_command("reproduce", str(report.pk), *arguments)
        except SystemExit as ended:
            code = ended.code
        return code, capsys.readouterr().out.splitlines()

    return run


WANTED = {
    "classic": {},
    "full": {"columns": "full", "windows": ["90m", "yesterday"], "max_gap": timedelta(hours=3)},
    "some": {"stores": {"tag": "airport"}},
    "unknown": {"poller_outages": "unknown", "as_of": SILENT_AS_OF},
}


@pytest.mark.parametrize("wanted", WANTED.values(), ids=WANTED)
def test_nothing_changed_gives_the_same_bytes(run, tmp_path, settings, wanted):
    ingest_silent_fleet()
    report = made(**wanted)
    target = tmp_path / "again.csv"
    for most in (10**9, 100):
        settings.REPORT_SHARD_POLLS = most
        assert run(report, "-o", str(target)) == (0, [f"The same bytes, SHA-256 {report.sha256}."])
        assert target.read_bytes() == content(report)
        assert Report.objects.get().nobody_polled == report.nobody_polled


def change_hours(_):
    [opening] = BusinessHours.objects.filter(store__store_id="b", weekday=2)
    opening.closes = time(16, 0)
    opening.save()


def newer_versions(monkeypatch):
    monkeypatch.setattr(stamps, "RULES_VERSION", 9)
    monkeypatch.setattr(stamps, "CORE", "0")
    monkeypatch.setattr(stamps, "TZDATA", "2099z")


def longer_look_back(monkeypatch):
    monkeypatch.setattr(settings, "UPTIME_LOOK_BACK", timedelta(days=6))


SAME, OTHER = 0, 3
CHANGES = {
    "a poll": (
        lambda _: ingest_polls("bare,inactive,2024-03-10 00:00:00 UTC"),
        OTHER,
        ["- Data: the polls, 6 rows then, 7 now; they differ on 2024-03-10 (UTC)."],
        "What it says of one store differs: 'bare'.",
    ),
    "a poll that changes no number": (
        lambda _: ingest_polls("bare,active,2024-03-10 00:00:00 UTC"),
        SAME,
        ["- Data: the polls, 6 rows then, 7 now; they differ on 2024-03-10 (UTC)."],
        None,
    ),
    "a poll of a store called like the column": (
        lambda _: ingest_polls("store_id,inactive,2024-03-13 14:30:00 UTC"),
        OTHER,
        ["- Data: the polls, 6 rows then, 7 now; they differ on 2024-03-13 (UTC)."],
        "What it says of one store differs: 'store_id'.",
    ),
    "business hours": (
        change_hours,
        OTHER,
        ["- Data: the business hours are not the same, 8 rows then and now."],
        "What it says of one store differs: 'b'.",
    ),
    "a time zone": (
        lambda _: ingest_time_zones("=1+1,Asia/Tokyo"),
        OTHER,
        ["- Data: the stores and their time zones are not the same, 5 rows then and now."],
        "What it says of one store differs: '=1+1'.",
    ),
    "a store is gone": (
        lambda _: Store.objects.get(store_id="bare").delete(),
        OTHER,
        [
            "- Data: the stores and their time zones, 5 rows then, 4 now.",
            "- Data: the polls, 6 rows then, 5 now; they differ on 2024-03-08 (UTC).",
        ],
        "What it says of one store differs: 'bare'.",
    ),
    "the versions": (
        newer_versions,
        SAME,
        [
            "- The rules: version {rules} then, 9 now.",
            "- The core's code is another.",
            "- The time zone data: tzdata {tzdata} then, 2099z now.",
        ],
        None,
    ),
    "the look-back": (
        longer_look_back,
        SAME,
        [
            "- The look-back (UPTIME_LOOK_BACK_HOURS): 24 h then, 144 h now.",
            (
                "- Data: the polls, 6 rows then, 7 now; they differ on 2024-03-01 (UTC), read with"
                " another look-back."
            ),
        ],
        None,
    ),
}


@pytest.mark.parametrize(("change", "code", "since", "rows"), CHANGES.values(), ids=CHANGES)
def test_it_names_what_changed(run, monkeypatch, change, code, since, rows):
    report = made()
    change(monkeypatch)

    ended, [first, *lines] = run(report)

    assert ended == code
    named = [line.format_map(report.stamp) for line in since]
    assert first == (f"The same bytes, SHA-256 {report.sha256}." if not code else "Other bytes.")
    assert lines[2 if code else 0 :] == ["Since then:", *named, *([rows] if rows else [])]


KINDS = {
    "outages": {},
    "rollup": {},
    "targets": {"target": Decimal(50)},
}
DIFFERING = {
    "outages": "What it says of one store differs: 'bare'.",
    "rollup": "What it says of 2 scopes differs: 'fleet', 'zone:America/Chicago'.",
    "targets": "What it says of one store differs: 'bare'.",
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_does_so_for_every_kind(run, settings, kind):
    """Only the first of its windows changes, so only the first of a store's rows may."""
    ingest_polls("bare,active,2024-03-13 12:00:00 UTC")
    report = made(kind=kind, windows=["7d", "1h"], **KINDS[kind])
    for most in (10**9, 100):
        settings.REPORT_SHARD_POLLS = most
        assert run(report) == (0, [f"The same bytes, SHA-256 {report.sha256}."])
    ingest_polls("bare,inactive,2024-03-10 00:00:00 UTC")
    code, lines = run(report)
    assert (code, lines[-1]) == (3, DIFFERING[kind])


def test_it_says_that_polls_are_gone(run):
    report = made()
    note_pruned(from_microseconds(at("2024-03-12 00:00")))
    with pytest.raises(CommandError) as refused:
        run(report)
    assert str(refused.value) == (
        "It can no longer be computed. Polls from before 2024-03-12 00:00 UTC were pruned; the"
        " earliest window begins, with the look-back of 24h, at 2024-03-05 18:13 UTC."
    )


def test_a_file_that_is_gone_or_changed_is_said(run):
    report = made()
    text = content(report)
    with report.file.open("wb") as file:
        file.write(text.replace(b"0.00", b"9.99"))
    code, [_, said] = run(report)
    assert (code, said) == (
        0,
        "The report's own file was changed: it no longer has the SHA-256 of the report.",
    )
    report.file.storage.delete(report.file.name)
    ingest_polls("bare,inactive,2024-03-10 00:00:00 UTC")
    code, lines = run(report)
    assert code == 3
    assert lines[-1] == (
        "The report's own file cannot be compared: The file is no longer in storage."
    )


def test_one_without_a_stamp_is_compared_by_its_bytes(run):
    report = made()
    Report.objects.update(stamp=None)
    said = ["Since then:", f"- {NO_STAMP} What changed since cannot be told."]
    assert run(report) == (0, [f"The same bytes, SHA-256 {report.sha256}.", *said])
    ingest_polls("bare,inactive,2024-03-10 00:00:00 UTC")
    code, lines = run(report)
    assert (code, lines[3:]) == (3, [*said, "What it says of one store differs: 'bare'."])


def test_other_bytes_of_equal_stamps_are_said_to_have_another_cause(run):
    report = made()
    Report.objects.update(sha256="0" * 64)
    code, lines = run(report)
    assert code == 3
    assert lines[3:5] == [
        "Since then:",
        "- Nothing that a stamp names; perhaps the versions of libraries.",
    ]


def test_it_needs_a_complete_report_and_a_place_to_write(run, tmp_path):
    with pytest.raises(CommandError, match="is Queued; only a complete one can be computed again"):
        run(queued())
    with pytest.raises(CommandError, match="not the id of a report"):
        call_command("reproduce", "soon")
    with pytest.raises(CommandError, match="cannot be written: No such file"):
        run(made(), "-o", str(tmp_path / "nowhere" / "a.csv"))

"""Rejected rows as CSV: texts of senders do nothing in a spreadsheet."""

import csv
import tempfile

import pytest
from django.core.files.storage import default_storage

from feeds.parsing import RejectedRow
from ingestion.rejects import Rejects


@pytest.fixture(autouse=True)
def _media_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def saved(name, *values, field="store_id", most=100, count=None):
    """Return the cells of the CSV of rows with these values in a file of that name."""
    rows = [RejectedRow(line=2, field=field, value=value, reason="is no id") for value in values]
    with Rejects(name, most=most) as rejects:
        rejects.add(rows, count or len(rows))
        stored = rejects.save("1")
    with default_storage.open(stored) as file:
        return list(csv.reader(file.read().decode().splitlines()))[1:]


def test_it_defuses_what_a_spreadsheet_would_run():
    rows = saved("=cmd.csv", "=1+1", "+1", "-1", "@x", "\tx", "'x", "plain", "", "a=b")
    assert [row[3] for row in rows] == [
        *("'=1+1", "'+1", "'-1", "'@x", "'\tx", "''x"),
        *("plain", "", "a=b"),
    ]
    assert [row[0] for row in rows] == ["'=cmd.csv", *[""] * (len(rows) - 1)]
    assert {row[4] for row in rows} == {"is no id"}


def test_it_keeps_the_first_rows_and_counts_the_others():
    assert saved("a.csv", "1", "2", "3", most=2, count=12_345) == [
        ["a.csv", "2", "store_id", "1", "is no id"],
        ["", "2", "store_id", "2", "is no id"],
        ["", "", "", "", "12343 more rows were rejected; they were counted but not kept"],
    ]


def test_it_cuts_what_is_long():
    [row] = saved("a.csv", "x" * 1000, field="-" + "y" * 60_000)
    assert [len(cell) for cell in row[2:4]] == [201, 200]


def test_a_killed_process_leaves_no_file_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Rejects("polls.csv", most=1):
        assert not list(tmp_path.iterdir())

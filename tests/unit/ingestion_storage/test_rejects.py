"""Rejected rows as CSV: what strangers sent does nothing in a spreadsheet."""

import csv

import pytest
from django.core.files.storage import default_storage
from hypothesis import given
from hypothesis import strategies as st

from ingestion.parsing import RejectedRow
from ingestion.rejects import Rejects, _defused
from reports.uptime.formulas import defused


@pytest.fixture(autouse=True)
def _media_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def saved(name, *values):
    """Return the cells of the CSV of rows with these values in a file of that name."""
    with Rejects(name) as rejects:
        rejects.add(
            [
                RejectedRow(line=2, field="store_id", value=value, reason="is no id")
                for value in values
            ]
        )
        stored = rejects.save("1")
    with default_storage.open(stored) as file:
        return list(csv.reader(file.read().decode().splitlines()))[1:]


def test_it_defuses_what_a_spreadsheet_would_run():
    rows = saved("=cmd.csv", "=1+1", "+1", "-1", "@x", "\tx", "'x", "plain", "", "a=b")
    assert [row[3] for row in rows] == [
        *("'=1+1", "'+1", "'-1", "'@x", "'\tx", "''x"),
        *("plain", "", "a=b"),
    ]
    assert {row[0] for row in rows} == {"'=cmd.csv"}
    assert {row[4] for row in rows} == {"is no id"}


@given(st.text("=+-@\t\r\n'a ", max_size=4))
def test_it_does_so_as_the_report_does(text):
    assert [_defused(text)] == defused([text])

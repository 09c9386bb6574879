"""Fixtures of these tests."""

from dataclasses import replace

import pytest

from reports.exports import files, json_text
from reports.exports.formats import FORMATS
from tests.database.answers import complete
from tests.database.reports.downloads.taking import TEXT, taken


@pytest.fixture
def report():
    return complete(TEXT, windows=["24h"])


@pytest.fixture
def large(monkeypatch):
    """Every report counts as a large one."""
    monkeypatch.setattr(files, "_LARGE_BYTES", 0)


@pytest.fixture
def nested(client, report, monkeypatch):
    """The answers to requests for a format, each sent while the one before is in progress."""
    answered = []

    def write(source, about, target):
        if len(answered) < 3:
            answered.append(None)
            answered[answered.index(None)] = taken(client, report, "json")
        json_text.write_json(source, about, target)

    monkeypatch.setitem(FORMATS, "json", replace(FORMATS["json"], write=write))
    return answered

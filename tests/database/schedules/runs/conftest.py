"""Fixtures of these tests."""

from functools import partial

import pytest

from reports import tasks as report_tasks
from schedules import tasks
from tests.database.clocks import standing_still
from tests.database.schedules.runs.beginning import BEGUN


@pytest.fixture
def clock():
    """A clock that stands still until it is moved."""
    with standing_still(BEGUN) as moved:
        yield moved


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """The messages to workers, which go nowhere."""
    messages = []
    for task in (tasks.go_on, tasks.mail, report_tasks.build_report):
        monkeypatch.setattr(task, "apply_async", partial(_record, messages, task.name))
    return messages


def _record(messages, name, *, args=(), **_):
    messages.append((name, *args))

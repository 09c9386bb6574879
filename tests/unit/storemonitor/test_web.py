"""The web server's threads: each listener has one, and the others keep theirs."""

import importlib

import pytest
from django.conf import settings

from storemonitor import web


@pytest.fixture
def threads(monkeypatch):
    def with_listeners(number):
        monkeypatch.setenv("EVENTS_MAX_LISTENERS", number)
        return importlib.reload(web).threads

    yield with_listeners
    monkeypatch.undo()
    importlib.reload(web)


@pytest.mark.parametrize("number", [0, 1, 30])
def test_listeners_take_no_thread_from_others(threads, number):
    assert threads(str(number)) == 4 + number


def test_it_counts_listeners_as_the_settings_do():
    assert web.threads == 4 + settings.EVENTS_MAX_LISTENERS

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
    assert threads(str(number)) == web.OTHERS + number


def test_it_counts_listeners_as_the_settings_do():
    assert web.threads == web.OTHERS + settings.EVENTS_MAX_LISTENERS


@pytest.mark.parametrize(("host", "bound"), [("", "127.0.0.1:8000"), ("::1", "[::1]:8000")])
def test_it_takes_an_empty_variable_for_one_that_is_not_set(monkeypatch, host, bound):
    for name, value in {"HOST": host, "PORT": "", "WEB_CONCURRENCY": ""}.items():
        monkeypatch.setenv(name, value)
    fresh = importlib.reload(web)
    assert (fresh.bind, fresh.workers) == (bound, 2)
    monkeypatch.undo()
    importlib.reload(web)

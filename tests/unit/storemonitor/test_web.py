"""The web server's threads: each listener has one, and the others keep theirs."""

import importlib
import logging

import pytest
from gunicorn.config import Config

from reports.http import MOST_LISTENERS
from storemonitor import web


def test_listeners_take_no_thread_from_others():
    assert web.threads == web.OTHERS + MOST_LISTENERS


@pytest.mark.parametrize(("host", "bound"), [("", "127.0.0.1:8000"), ("::1", "[::1]:8000")])
def test_it_takes_an_empty_variable_for_one_that_is_not_set(monkeypatch, host, bound):
    for name, value in {"HOST": host, "PORT": "", "WEB_CONCURRENCY": ""}.items():
        monkeypatch.setenv(name, value)
    fresh = importlib.reload(web)
    assert (fresh.bind, fresh.workers) == (bound, 2)
    monkeypatch.undo()
    importlib.reload(web)


def test_it_lets_nobody_forge_a_line_of_the_server_itself(capsys):
    logger = web.logger_class(Config())
    try:
        logger.warning("Invalid request from %s", "a\n2026-01-01 [1] [INFO] forged\x1b[2J")
        assert r"a\n2026-01-01 [1] [INFO] forged\x1b[2J" in capsys.readouterr().err
    finally:
        logging.getLogger("gunicorn.error").handlers.clear()

"""Logs as JSON: one object on one line, with the request and the job that it is about."""

import json
import logging

import pytest
from django.core.exceptions import ImproperlyConfigured

from jobs import log_context
from storemonitor.configuration.environment import log_format
from storemonitor.logs.json_lines import JsonLine


@pytest.fixture(autouse=True)
def _nothing_told():
    log_context.end()
    yield
    log_context.end()


def line(message, *args, **values):
    values = {"exc_info": None, **values}
    record = logging.LogRecord("a.logger", logging.WARNING, "p", 1, message, args, **values)
    text = JsonLine().format(record)
    assert "\n" not in text
    assert text.isascii()
    assert text.isprintable()
    return json.loads(text)


def test_it_has_the_text_its_level_its_logger_and_the_time_in_utc():
    told = line("a file %s came", "x.csv")
    assert told.pop("timestamp").endswith("Z")
    assert told == {"message": "a file x.csv came", "level": "warning", "logger": "a.logger"}


def test_it_tells_of_which_request_and_job_it_is():
    log_context.begin(request_id="abc", user="token BI (sm_x)", task_id="t")
    told = line("done")
    assert (told["request_id"], told["user"]) == ("abc", "token BI (sm_x)")
    log_context.end()
    assert "request_id" not in line("done")


def test_it_lets_nobody_end_a_line_or_control_a_terminal():
    sent = 'x"}\n{"message": "forged"}\x1b[2J\u2028\x9b'
    assert line("a file %s came", sent)["message"] == f"a file {sent} came"
    error = ValueError(sent)
    assert sent in line("failed", exc_info=(ValueError, error, None))["exception"]


@pytest.mark.parametrize(("given", "form"), [("", "text"), ("text", "text"), ("json", "json")])
def test_it_is_chosen_by_a_setting(monkeypatch, given, form):
    monkeypatch.setenv("LOG_FORMAT", given)
    assert log_format() == form


def test_it_refuses_a_format_that_it_does_not_know(monkeypatch):
    monkeypatch.setenv("LOG_FORMAT", "xml")
    with pytest.raises(ImproperlyConfigured, match="'xml'; it may be text or json"):
        log_format()

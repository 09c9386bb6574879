"""Numbers in the environment are settled at the start."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from storemonitor.configuration.environment import whole_number
from tests.paths import ROOT

AT_LEAST_ONE = (
    "MAX_UPLOAD_BYTES",
    "MAX_JSON_BYTES",
    "MAX_ATTEMPTS",
    "REPORT_LEASE_SECONDS",
    "REPORT_SHARD_POLLS",
    "REPORT_REQUEUE_SECONDS",
    "SWEEP_SECONDS",
    "CELERY_TASK_TIME_LIMIT",
    "CELERY_WORKER_CONCURRENCY",
)
# In one process, as each start would cost a second.
TRY_EACH = """
import importlib, os, sys
from django.core.exceptions import ImproperlyConfigured
import storemonitor.settings as settings
for name, value in (each.split("=") for each in sys.argv[1:]):
    os.environ[name] = value
    try:
        importlib.reload(settings)
    except ImproperlyConfigured as error:
        print(error)
    else:
        print(f"{name} was taken")
    del os.environ[name]
"""


def settings_with(folder, *variables):
    ended = subprocess.run(
        [sys.executable, "-c", TRY_EACH, *variables],
        cwd=ROOT,
        env={**os.environ, "VAR_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout.splitlines()


def test_it_does_not_start_with_a_number_that_cannot_work(tmp_path):
    told = settings_with(tmp_path, *(f"{name}=0" for name in AT_LEAST_ONE))
    assert told == [f"{name} is 0; it must be at least 1." for name in AT_LEAST_ONE]


def test_it_takes_no_look_back_and_none_that_is_negative(tmp_path):
    told = settings_with(tmp_path, "UPTIME_LOOK_BACK_HOURS=0", "UPTIME_LOOK_BACK_HOURS=-1")
    assert told == [
        "UPTIME_LOOK_BACK_HOURS was taken",
        "UPTIME_LOOK_BACK_HOURS is -1; it must be at least 0.",
    ]


@pytest.mark.parametrize("text", ["", " "])
def test_it_takes_an_empty_variable_for_one_that_is_not_set(monkeypatch, text):
    monkeypatch.setenv("SOME_NUMBER", text)
    assert whole_number("SOME_NUMBER", default=7) == 7


def test_it_reads_a_number(monkeypatch):
    monkeypatch.setenv("SOME_NUMBER", "12")
    assert whole_number("SOME_NUMBER", default=7) == 12


@pytest.mark.parametrize("text", ["many", "1.5", "8MB"])
def test_it_names_what_is_no_number(monkeypatch, text):
    monkeypatch.setenv("SOME_NUMBER", text)
    with pytest.raises(ImproperlyConfigured, match=f"SOME_NUMBER is '{text}'"):
        whole_number("SOME_NUMBER", default=7)

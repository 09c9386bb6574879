"""One fault from its provocation to the first right report after it."""

import sqlite3
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
import redis

from tests.chaos.polls import UNTIL
from tests.chaos.watch import Watch
from tests.chaos.work import HOUR, Question

PROBE = Question(UNTIL)
# Passing errors are tried again after 10 s and then 30 s.
MOST_SECONDS = 90.0
UNREACHABLE = (psycopg.Error, redis.RedisError, sqlite3.Error)


@dataclass
class Round:
    """How one incident went."""

    fault: str
    held: float
    recovery: float = 0.0
    lines: int = 0
    refused: int = 0  # Requests that were answered with 503.
    faults: list[str] = field(default_factory=list)


def run_round(system, fault, chance, probe):
    """Break something under work, heal it and return how it went; ``probe``: the right bytes."""
    ended = Round(fault.name, held=chance.uniform(*fault.hold))
    lines = len(system.log_lines())
    with _noted("it did not heal", ended):
        system.client.request_report(PROBE)
        system.client.request_report(Question(UNTIL, HOUR))
        watch = Watch(system)
        with fault.provoke(system, chance), watch:
            time.sleep(ended.held)
        ended.refused = watch.refused()
        ended.faults += watch.faults(away=fault.away, web_ends=fault.web_ends)
    healed = time.monotonic()
    with _noted("it did not recover", ended):
        system.restore()
        _check_report(system.client, ended, probe)
    ended.recovery = time.monotonic() - healed
    if ended.recovery > MOST_SECONDS:
        ended.faults.append(f"recovered after {ended.recovery:.0f} s only")
    logged = system.log_lines()[lines:]
    ended.lines = len(logged)
    if ended.lines > fault.lines:
        shown = logged[len(logged) // 2]
        ended.faults.append(f"{ended.lines} lines in the logs, such as {shown}")
    return ended


@contextmanager
def _noted(what, ended):
    """Note what was not done in time, or could not be done, and go on."""
    try:
        yield
    except (AssertionError, OSError, subprocess.SubprocessError, *UNREACHABLE) as error:
        ended.faults.append(f"{what}: {error!r}")


def _check_report(client, ended, probe):
    report_id = client.request_report(PROBE)
    report = client.finished(report_id)
    if report["status"] != "Complete" or client.download(report_id) != probe:
        told = f"{report['status']} ({report.get('error')})"
        ended.faults.append(f"the report after it is {told}, or wrong")

"""Workers whose clocks are off, by libfaketime."""

import os
import sys
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.faults import Fault
from tests.chaos.system import COMMANDS, WORKERS

VARIABLE = "CHAOS_FAKETIME"  # Where it is, if it is not installed.
INSTALLED = "usr/lib/*/faketime/libfaketime.so.1"
# A forked process takes no library with it: a new program does.
AS_PROGRAM = "import os, sys; os.execv(sys.executable, [sys.executable, '-m', *{command!r}])"


def needs_faketime():
    return None if _library() else f"libfaketime is not installed, and {VARIABLE} names none"


def worker_off(offset):
    """Replace a worker by one whose clock is off, and that one by one whose clock is right."""

    @contextmanager
    def provoke(system, chance):
        name = chance.choice(WORKERS)
        system.end(name)
        told = {"LD_PRELOAD": _library(), "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        system.start(name, ("-c", AS_PROGRAM.format(command=COMMANDS[name])), **told)
        yield

    return provoke


def _library():
    found = os.environ.get(VARIABLE, "") or next(map(str, Path("/").glob(INSTALLED)), "")
    return found if sys.platform == "linux" and Path(found).is_file() else ""


FAULTS = (
    Fault(
        name="a worker's clock a minute ahead",
        provoke=worker_off("+60s"),
        hold=(6.0, 9.0),
        missing=needs_faketime,
    ),
    Fault(
        name="a worker's clock a minute behind",
        provoke=worker_off("-60s"),
        hold=(6.0, 9.0),
        missing=needs_faketime,
    ),
    Fault(
        name="a worker's clock an hour ahead",
        provoke=worker_off("+3600s"),
        hold=(6.0, 9.0),
        missing=needs_faketime,
    ),
    Fault(
        name="a worker's clock an hour behind",
        provoke=worker_off("-3600s"),
        hold=(6.0, 9.0),
        missing=needs_faketime,
    ),
)

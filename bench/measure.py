"""Measured runs: each in a process of its own, the sides of a comparison in turn."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ("celery", "django.contrib.admin", "pandas", "psycopg", "pyarrow.compute")
PROBES = (
    *("bench.probes", "bench.ingestion_probes", "bench.history", "bench.page_probes"),
    "bench.load.probes",
)

_fresh = get_context("forkserver")
_fresh.set_forkserver_preload([*LIBRARIES])


class Failed(Exception):
    """A measured process failed; the text says which and how."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run: wall-clock seconds, rows handled, peak resident bytes if the system reports them."""

    seconds: float
    rows: int = 0
    peak: int | None = None


Side = Callable[[], Run]


def in_turn(turns: int, **sides: Side) -> list[list[Run]]:
    """Run A B A B ..., so that disturbances of the machine affect all sides equally.

    Returns the runs of each side.
    """
    runs: dict[str, list[Run]] = {name: [] for name in sides}
    for turn in range(turns):
        for name, side in sides.items():
            runs[name].append(side())
            say(f"  {name} {turn + 1}/{turns}: {runs[name][-1].seconds:.3f} s")
    return list(runs.values())


def timed(work: Callable[[], int]) -> Run:
    """Run ``work``, which returns its rows, in this process."""
    start = time.perf_counter()
    rows = work()
    return Run(seconds=time.perf_counter() - start, rows=rows, peak=peak_of("self"))


def timed_process(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    good: Sequence[int] = (0,),
) -> Run:
    """Run a Python process from its start to its end. Raises ``Failed``."""
    start = time.perf_counter()
    command = [sys.executable, *arguments]
    process = subprocess.Popen(  # our own commands # nosec B603
        command, stdout=subprocess.DEVNULL, cwd=ROOT, env=_complete(environment)
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in good:
        raise Failed(f"{' '.join(arguments)} ended with {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds=seconds, peak=usage.ru_maxrss * unit)


def probe(name: str, *arguments: object, environment: Mapping[str, str]) -> Run:
    """Return what a function of ``PROBES`` returns in a fresh process. Raises ``Failed``.

    The process is forked from one that has this environment and has imported the product.
    """
    origin = _origin(tuple(sorted(environment.items())))
    origin.send((name, [*map(str, arguments)]))
    run: Run | int = origin.recv()
    if isinstance(run, int):
        raise Failed(f"{name} ended with {run}; the reason is above")
    return run


@cache
def _origin(environment: tuple[tuple[str, str], ...]) -> "Connection":
    """Return the line to a process that ends with this one and forks one for each probe."""
    here, there = _fresh.Pipe()
    _fresh.Process(target=_fork_probes, args=(there, dict(environment)), daemon=True).start()
    there.close()
    return here


def _fork_probes(line: "Connection", environment: Mapping[str, str]) -> None:
    os.environ.update(_complete(environment))
    os.chdir(ROOT)
    django.setup()
    probes = {name: work for one in PROBES for name, work in vars(import_module(one)).items()}
    while True:
        name, arguments = line.recv()
        child = os.fork()
        if not child:
            line.send(probes[name](*arguments))
            return
        _, status = os.waitpid(child, 0)
        if status:
            line.send(os.waitstatus_to_exitcode(status))


def peak_of(process: int | str) -> int | None:
    """Return the most memory a living process ever had, in bytes; None without ``/proc``."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return None
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def children_of(process: int) -> list[int]:
    """Return the child processes; none without ``/proc``."""
    try:
        listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    except FileNotFoundError:
        return []
    return [int(child) for child in listed.split()]


def say(text: str) -> None:
    """Report progress on standard error; only the table goes to standard output."""
    print(text, file=sys.stderr, flush=True)


def _complete(environment: Mapping[str, str]) -> dict[str, str]:
    django_settings = {"DJANGO_SETTINGS_MODULE": "storemonitor.settings"}
    return {**django_settings, **os.environ, "PYTHONPATH": str(ROOT), **environment}

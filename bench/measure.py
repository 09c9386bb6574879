"""Measured runs: each in a process of its own, the sides of a comparison in turn."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ("celery", "django.contrib.admin", "pandas", "psycopg", "pyarrow.compute")

_fresh = get_context("forkserver")
_fresh.set_forkserver_preload([*LIBRARIES])


class Failed(Exception):
    """A process that was to be measured ended badly; the text says which and how."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run: wall-clock seconds, rows handled, peak resident bytes where the system tells."""

    seconds: float
    rows: int = 0
    peak: int | None = None


Side = Callable[[], Run]


def in_turn(turns: int, **sides: Side) -> dict[str, list[Run]]:
    """Run A B A B ..., so that what disturbs the machine meanwhile falls on all sides alike."""
    runs: dict[str, list[Run]] = {name: [] for name in sides}
    for turn in range(turns):
        for name, side in sides.items():
            runs[name].append(side())
            say(f"  {name} {turn + 1}/{turns}: {runs[name][-1].seconds:.3f} s")
    return runs


def timed(work: Callable[[], int]) -> Run:
    """Run ``work``, which returns its rows, in this process."""
    start = time.perf_counter()
    rows = work()
    return Run(seconds=time.perf_counter() - start, rows=rows, peak=peak_of("self"))


def timed_process(
    arguments: Sequence[str],
    *,
    rows: int,
    environment: Mapping[str, str],
    good: Sequence[int] = (0,),
) -> Run:
    """Run a Python process from its start to its end. Raises ``Failed``."""
    start = time.perf_counter()
    process = subprocess.Popen(
        _python(arguments), stdout=subprocess.DEVNULL, cwd=ROOT, env=_complete(environment)
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in good:
        raise Failed(f"{' '.join(arguments)} ended with {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds=seconds, rows=rows, peak=usage.ru_maxrss * unit)


def probe(name: str, *arguments: object, environment: Mapping[str, str]) -> Any:
    """Return what a function of ``bench.probes`` returns in a fresh process. Raises ``Failed``.

    The process is forked from one that has imported the libraries, which take seconds to import.
    """
    receiver, sender = _fresh.Pipe(duplex=False)
    process = _fresh.Process(
        target=_run_probe, args=(sender, name, [*map(str, arguments)], _complete(environment))
    )
    process.start()
    sender.close()
    try:
        result = receiver.recv()
    except EOFError:
        process.join()
        raise Failed(f"{name} ended with {process.exitcode}; the reason is above") from None
    process.join()
    return result


def _run_probe(
    sender: "Connection", name: str, arguments: Sequence[str], environment: Mapping[str, str]
) -> None:
    os.environ.update(environment)
    os.chdir(ROOT)
    django.setup()
    sender.send(import_module("bench.probes").PROBES[name](*arguments))


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
    """Tell whoever waits what goes on; the table alone goes to standard output."""
    print(text, file=sys.stderr, flush=True)


def _python(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, *arguments]


def _complete(environment: Mapping[str, str]) -> dict[str, str]:
    django_settings = {"DJANGO_SETTINGS_MODULE": "storemonitor.settings"}
    return {**django_settings, **os.environ, "PYTHONPATH": str(ROOT), **environment}

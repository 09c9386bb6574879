"""Everything that may break: each fault is provoked for real, held for a while, and healed."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import Random

from tests.chaos.disks import mount_fault
from tests.chaos.system import System

# A few errors of the web and of two workers, each with its traceback of up to eighty lines.
HANDFUL = 400


def nothing_missing():
    """Return that the fault can be provoked anywhere."""
    return


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault: ``provoke`` breaks something on entry and heals it on exit."""

    name: str
    provoke: Callable[[System, Random], AbstractContextManager]
    hold: tuple[float, float] = (2.0, 6.0)  # The least and the most seconds between the two.
    away: bool = False  # Requests that change something are answered with 503 meanwhile.
    web_ends: bool = False  # Connections to the web may fail.
    lines: int = HANDFUL  # The most log lines above INFO that one incident may leave.
    missing: Callable[[], str | None] = nothing_missing


def needs_disks():
    return mount_fault()

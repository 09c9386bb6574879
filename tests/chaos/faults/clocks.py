"""Processes whose clocks are off: Python's clocks, turned before anything of ours is imported."""

from contextlib import contextmanager
from datetime import timedelta

from tests.chaos.faults import Fault
from tests.chaos.system import COMMANDS, WORKERS

# Clocks that only run forward, which time-outs use, stay as they are.
TURNED = """
import runpy, sys, time
import time_machine
time_machine.travel(time.time() + {seconds}, tick=True).start()
sys.argv = {command!r}
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
OFF = {
    "a minute ahead": timedelta(minutes=1),
    "a minute behind": timedelta(minutes=-1),
    "an hour ahead": timedelta(hours=1),
    "an hour behind": timedelta(hours=-1),
}


def turned(names, off):
    """Replace some of these commands by ones whose clock is off, and then by right ones again."""

    @contextmanager
    def provoke(system, chance):
        name = chance.choice(names)
        system.end(name)
        system.start(name, ("-c", _turned(name, off)))
        yield

    return provoke


def _turned(name, off):
    return TURNED.format(seconds=off.total_seconds(), command=[*COMMANDS[name]])


FAULTS = (
    *(
        Fault(name=f"a worker's clock {how}", provoke=turned(WORKERS, off), hold=(6.0, 9.0))
        for how, off in OFF.items()
    ),
    *(
        Fault(
            name=f"the web's or beat's clock {how}",
            provoke=turned(("web", "beat"), OFF[how]),
            hold=(6.0, 9.0),
            web_ends=True,
        )
        for how in ("an hour ahead", "an hour behind")
    ),
)

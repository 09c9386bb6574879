"""The uptime core: arrays in, arrays out. Knows no Django, no database and no clock.

docs/uptime.md defines every number; the modules follow its order:
``zones`` and ``hours`` make the open time, ``clock`` measures it, ``evidence`` picks and
spreads the polls, ``summary`` adds up per store and window.
"""

from reports.uptime.evidence import Polls
from reports.uptime.fleet import Fleet
from reports.uptime.hours import BusinessHours
from reports.uptime.printing import print_report
from reports.uptime.summary import LOOK_BACK, UptimeSummary, summarise
from reports.uptime.windows import HOUR, MINUTE, Window, classic_windows

__all__ = [
    "HOUR",
    "LOOK_BACK",
    "MINUTE",
    "BusinessHours",
    "Fleet",
    "Polls",
    "UptimeSummary",
    "Window",
    "classic_windows",
    "print_report",
    "summarise",
]

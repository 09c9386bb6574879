"""The uptime core: arrays in, arrays out. Knows no Django, no database and no clock.

docs/uptime.md defines every number; the modules follow its order:
``question`` is what is asked of a ``fleet``.
``windows``, ``calendar_windows``, ``window_texts`` and ``bounds`` say which time is asked about,
``zones`` and ``hours`` make the open time, ``clock`` measures it, ``evidence`` picks the polls,
``filling`` spreads them, ``summary`` adds up per store and window, ``quality`` and ``uncertainty``
say how far to trust it, ``printing`` and ``rounding`` write it down. ``timeline``, with
``openings`` and ``spans``, shows for one store what was added up.
"""

from uptime.bounds import AnyWindow, Bounds, earliest_start
from uptime.evidence import Polls
from uptime.fleet import Fleet
from uptime.hours import BusinessHours
from uptime.openings import Opening
from uptime.printing import Kind, columns, print_report
from uptime.quality import Quality
from uptime.question import LOOK_BACK, Question
from uptime.rounding import percentage
from uptime.summary import UptimeSummary, summarise
from uptime.timeline import SeenPoll, Span, Timeline, timeline
from uptime.window_texts import (
    LENGTH_PATTERN,
    WINDOW_PATTERN,
    WindowSpec,
    length_of,
    parse_length,
    parse_windows,
)
from uptime.windows import DEFAULT_WINDOWS, HOUR, MINUTE, ElapsedWindow, Window

__all__ = [
    "DEFAULT_WINDOWS",
    "HOUR",
    "LENGTH_PATTERN",
    "LOOK_BACK",
    "MINUTE",
    "WINDOW_PATTERN",
    "AnyWindow",
    "Bounds",
    "BusinessHours",
    "ElapsedWindow",
    "Fleet",
    "Kind",
    "Opening",
    "Polls",
    "Quality",
    "Question",
    "SeenPoll",
    "Span",
    "Timeline",
    "UptimeSummary",
    "Window",
    "WindowSpec",
    "columns",
    "earliest_start",
    "length_of",
    "parse_length",
    "parse_windows",
    "percentage",
    "print_report",
    "summarise",
    "timeline",
]

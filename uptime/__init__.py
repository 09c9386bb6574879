"""The uptime core: arrays in, arrays out. It imports no Django and reads no database or clock.

docs/uptime.md defines every number; the modules follow its order. ``question`` is what is asked of
a ``fleet``. ``windows``, ``calendar_windows``, ``window_texts`` and ``bounds`` define the windows,
``zones`` and ``hours`` compute open time, ``clock`` measures it, ``evidence`` selects polls,
``filling`` extrapolates them, ``summary`` adds up per store and window, ``quality`` and
``uncertainty`` measure confidence, ``printing`` and ``rounding`` write the CSV. ``timeline``, with
``openings`` and ``spans``, shows one store in detail.
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

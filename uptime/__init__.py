"""The uptime core: arrays in, arrays out. It imports no Django and reads no database or clock.

docs/uptime.md defines every number. ``question`` is what is asked of a ``fleet``, and ``summary``
answers it: ``windows`` says which time is meant, ``open_time`` when stores are open, ``evidence``
which polls count, what they say between them and how far to trust it. ``poller`` finds when nobody
polled; ``printing`` writes the CSV; ``timelines`` shows one store in detail.
"""

from uptime.evidence.quality import Quality
from uptime.evidence.selection import Polls
from uptime.fleet import Fleet
from uptime.open_time.exclusions import Exclusions
from uptime.open_time.hours import BusinessHours
from uptime.open_time.special_days import SpecialDays
from uptime.printing.csv import Kind, columns, print_report
from uptime.printing.rounding import percentage
from uptime.question import Question
from uptime.summary import UptimeSummary, summarise
from uptime.timelines.drawing import Timeline, timeline
from uptime.timelines.openings import Opening
from uptime.timelines.sketch import SeenPoll, Span
from uptime.windows.bounds import AnyWindow
from uptime.windows.elapsed import DEFAULT_WINDOWS, HOUR, MINUTE, Window
from uptime.windows.texts import (
    LENGTH_PATTERN,
    WINDOW_PATTERN,
    WindowSpec,
    length_of,
    parse_length,
    parse_windows,
)

__all__ = [
    "DEFAULT_WINDOWS",
    "HOUR",
    "LENGTH_PATTERN",
    "MINUTE",
    "WINDOW_PATTERN",
    "AnyWindow",
    "BusinessHours",
    "Exclusions",
    "Fleet",
    "Kind",
    "Opening",
    "Polls",
    "Quality",
    "Question",
    "SeenPoll",
    "Span",
    "SpecialDays",
    "Timeline",
    "UptimeSummary",
    "Window",
    "WindowSpec",
    "columns",
    "length_of",
    "parse_length",
    "parse_windows",
    "percentage",
    "print_report",
    "summarise",
    "timeline",
]

"""What every kind of report gives: its columns, and its rows from a fleet or from parts of one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import pyarrow as pa

from uptime import Fleet, Kind, Question
from uptime.open_time.clock import Clock


class Measured(Protocol):
    """The rows of a report, or of a part of it, not yet rounded."""

    @property
    def row_count(self) -> int:
        """The number of rows in the CSV, without its header."""

    def printed(self) -> Iterator[bytes]:
        """Yield the CSV in UTF-8, piece by piece."""

    def table(self) -> pa.Table:
        """Return everything that ``joined`` needs of this part."""


class KindOfReport(Protocol):
    """One kind. ``needs_full``: whether its numbers need those of the full columns."""

    needs_full: bool

    def columns(self, question: Question) -> Mapping[str, Kind]:
        """Return the header of the CSV, in order, and what each column holds."""

    def measure(self, fleet: Fleet, question: Question, clock: Clock | None = None) -> Measured:
        """Return the rows of a fleet; raises what ``summarise`` raises.

        ``clock``: the result of ``fleet.open_time``, if somebody else needs it too.
        """

    def joined(self, tables: Sequence[pa.Table], question: Question) -> Measured:
        """Return the rows of a whole fleet from all its parts, in any order."""

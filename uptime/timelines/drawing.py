"""The state of one store at every instant of an interval, and why."""

from dataclasses import dataclass

from uptime.fleet import Fleet
from uptime.question import Question
from uptime.timelines.sketch import CLOSED, DOWN, EXCLUDED, UNKNOWN, UP, SeenPoll, Span, sketch


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """``spans`` cover ``[start, end)`` in order and without a gap; none is empty.

    ``polls``: every poll from ``start`` to ``end``, both included, oldest first. Instants are
    microseconds of UTC, sums microseconds.
    """

    start: int
    end: int
    spans: tuple[Span, ...]
    polls: tuple[SeenPoll, ...]

    @property
    def up(self) -> int:
        """Uptime."""
        return self._lasting(UP)

    @property
    def down(self) -> int:
        """Downtime."""
        return self._lasting(DOWN)

    @property
    def unknown(self) -> int:
        """Open time of unknown status."""
        return self._lasting(UNKNOWN)

    @property
    def excluded(self) -> int:
        """Open time that does not count."""
        return self._lasting(EXCLUDED)

    @property
    def closed(self) -> int:
        """Time outside business hours."""
        return self._lasting(CLOSED)

    @property
    def open(self) -> int:
        """Open time: up, down, unknown and excluded."""
        return self.end - self.start - self.closed

    def _lasting(self, state: str) -> int:
        return sum(span.end - span.start for span in self.spans if span.state == state)


def timeline(fleet: Fleet, question: Question) -> Timeline:
    """Return the timeline of the only store of ``fleet`` over the only window asked about.

    That window is between two instants, and is cut at as of. Its sums equal those of ``summarise``.
    Raises ``ValueError`` for any other number of stores, or if the window begins after its end or
    after as of.
    """
    start, end = question.stretch.start, min(question.stretch.end, question.as_of)
    if len(fleet.time_zones) != 1 or start > end:
        raise ValueError("A timeline covers one store and begins before its end and before as of.")
    drawn = sketch(
        fleet, first=start - question.look_back, as_of=question.as_of, max_gap=question.max_gap
    )
    return Timeline(
        start=start,
        end=end,
        spans=tuple(drawn.spans(start, end)),
        polls=tuple(drawn.polls_between(start, end)),
    )

"""The outages in the days that are shown; the same ones as ``uptime.state.outages`` finds."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from uptime import Span, Timeline
from uptime.timelines.drawing import DOWN, UP


@dataclass(kw_only=True)
class Outage:
    """From the first down instant until up is seen: microseconds; ``lost`` is open time.

    ``began_before`` and ``lasts``: it reaches beyond the days.
    """

    start: int
    end: int
    lost: int
    began_before: bool
    lasts: bool = True


@dataclass(frozen=True, kw_only=True)
class Outages:
    """All outages, in order."""

    each: list[Outage] = field(default_factory=list)

    @property
    def longest(self) -> int:
        return max((one.lost for one in self.each), default=0)

    @property
    def mean_time_to_recover(self) -> int | None:
        """The mean open time lost in outages that have ended; None without any."""
        ended = [one.lost for one in self.each if not one.lasts]
        return sum(ended) // len(ended) if ended else None


def outages_of(line: Timeline) -> Outages:
    """Return the outages of a timeline. Closed time inside does not end one."""
    return Outages(each=list(_found(line)))


def _found(line: Timeline) -> Iterator[Outage]:
    current: Outage | None = None
    seen_up = False
    for span in line.spans:
        if span.state == DOWN:
            current = _longer(current, span, began_before=not seen_up)
        elif span.state == UP:
            seen_up = True
            if current is not None:
                current.lasts = False
                yield current
                current = None
    if current is not None:
        yield current


def _longer(current: Outage | None, span: Span, *, began_before: bool) -> Outage:
    length = span.end - span.start
    if current is None:
        return Outage(start=span.start, end=span.end, lost=length, began_before=began_before)
    current.end, current.lost = span.end, current.lost + length
    return current

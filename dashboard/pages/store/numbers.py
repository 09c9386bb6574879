"""The numbers of a store in one window, with how sure they are, in a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.templatetags.lengths import open_lasting
from dashboard.templatetags.words import percent
from uptime import Fleet, Question, UptimeSummary, Window


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """``[start, end)`` and all lengths in microseconds.

    ``can_mark``: whether the drawn spans add up to them.
    """

    title: str
    start: int
    end: int
    up: int
    down: int
    unknown: int
    excluded: int
    open: int
    covered: int
    longest_gap: int
    least: int
    most: int
    margin: int
    fresh: int
    can_mark: bool

    @property
    def known(self) -> int:
        return self.up + self.down

    def sentence(self, changes: int | None) -> str:
        """Say how sure the uptime is. ``changes``: how often the state changed in the window."""
        if not self.open:
            return "Closed all the time."
        if self.open == self.excluded:
            return "All of the open time is excluded, so nothing is left to count."
        if not self.known:
            return "Unknown: nobody looked in open time."
        return f"{self._doubt(changes)} {self._seen()}"

    def _doubt(self, changes: int | None) -> str:
        if self.least == self.most:
            return "No two polls in a row differ, so nothing suggests another uptime."
        least, most = (percent(bound, self.known) for bound in (self.least, self.most))
        times = (
            "near the edges of this time"
            if changes == 0
            else {None: "", 1: "once"}.get(changes, f"{changes} times")
        )
        why = " ".join(filter(None, ["the store changed between polls", times]))
        return (
            f"Between {least} and {most}, because {why};"
            f" most likely within {open_lasting(self.margin)} of the uptime given."
        )

    def _seen(self) -> str:
        return (
            f"{percent(self.covered, self.open - self.excluded)} of the open time was within"
            f" {_brief(self.fresh)} of a poll; the longest open time without one was"
            f" {open_lasting(self.longest_gap)}."
        )


def _brief(length: int) -> str:
    return open_lasting(length).removesuffix(" 00 min")


def numbers_of(
    fleet: Fleet,
    summary: UptimeSummary,
    question: Question,
    titles: Sequence[str],
    drawn: Window | None,
) -> list[Numbers]:
    """Return the numbers of the one store of a fleet, one for each window.

    ``drawn``: the window of a timeline of the same polls, None for none.
    """
    bounds, quality = fleet.bounds(question), summary.quality
    if quality is None:
        raise ValueError("The numbers of one store need the full columns.")
    found = []
    for place, title in enumerate(titles):
        start, end = int(bounds.start[place, 0]), int(bounds.end[place, 0])
        measures = {
            "up": summary.up,
            "down": summary.down,
            "unknown": summary.unknown,
            "excluded": summary.excluded,
            "open": summary.open,
            "covered": quality.covered,
            "longest_gap": quality.longest_gap,
            "least": quality.least_up,
            "most": quality.most_up,
            "margin": quality.margin,
        }
        found.append(
            Numbers(
                title=title,
                start=start,
                end=end,
                fresh=question.fresh,
                can_mark=drawn is not None and drawn.start <= start and end <= drawn.end,
                **{name: int(each[place, 0]) for name, each in measures.items()},
            )
        )
    return found

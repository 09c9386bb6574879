"""From a fleet's uptime to what targets are judged by."""

from uptime.fleet import Fleet
from uptime.question import Question
from uptime.summary import UptimeSummary
from uptime.targets.judging import Measured
from uptime.targets.to_come import open_to_come


def measure(fleet: Fleet, question: Question, summary: UptimeSummary) -> list[Measured]:
    """Return what is known of each window. ``summary``: with its quality.

    Raises ``ValueError`` like ``summarise``, and without the quality.
    """
    quality = summary.quality
    if quality is None:
        raise ValueError("targets need the bounds of the uptime; ask with full")
    to_come = open_to_come(fleet, question)
    return [
        Measured(
            open=summary.counted[place],
            up=summary.up[place],
            down=summary.down[place],
            unknown=summary.unknown[place],
            least=quality.least_up[place],
            most=quality.most_up[place],
            to_come=to_come[place],
        )
        for place in range(len(summary.windows))
    ]

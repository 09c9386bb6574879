"""What the targets of a fleet come to: one result for each store and window that has one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from uptime.fleet import Fleet
from uptime.question import Question
from uptime.summary import UptimeSummary
from uptime.targets.choosing import NONE, chosen
from uptime.targets.judging import Judgement, Measured, judge
from uptime.targets.measuring import measure
from uptime.targets.target import Target
from uptime.windows.texts import WindowSpec, parse_window


@dataclass(frozen=True, kw_only=True)
class Results:
    """Stores in order, each with its windows in order; r items.

    ``store``, ``window``, ``target``: int64[r], the places in the fleet, in the question's windows
    and in the targets.
    """

    store: NDArray[np.int64]
    window: NDArray[np.int64]
    target: NDArray[np.int64]
    measured: Measured
    judgement: Judgement

    @classmethod
    def of(
        cls,
        targets: Sequence[Target],
        applying: Sequence[NDArray[np.int64]],
        measured: Sequence[Measured],
    ) -> Self:
        """Judge what is ``measured`` in each window by the targets that apply there."""
        target, window = np.stack([*applying]).T.ravel(), np.arange(len(applying))
        stores = len(target) // len(applying)
        store, window = np.repeat(np.arange(stores), len(applying)), np.tile(window, stores)
        there = np.flatnonzero(target != NONE)
        each = Measured(
            **{
                name: np.stack([vars(one)[name] for one in measured]).T.ravel()[there]
                for name in vars(measured[0])
            }
        )
        return cls.judged(
            targets,
            store=store[there],
            window=window[there],
            target=target[there],
            measured=each,
        )

    @classmethod
    def judged(
        cls,
        targets: Sequence[Target],
        *,
        store: NDArray[np.int64],
        window: NDArray[np.int64],
        target: NDArray[np.int64],
        measured: Measured,
    ) -> Self:
        """Return what is ``measured`` with its judgement."""
        hundredths = np.array([one.hundredths for one in targets], dtype=np.int64)
        return cls(
            store=store,
            window=window,
            target=target,
            measured=measured,
            judgement=judge(measured, hundredths[target]),
        )

    def at(self, places: NDArray[np.int64]) -> Self:
        """Return the results at these places, in their order."""
        return type(self)(
            store=self.store[places],
            window=self.window[places],
            target=self.target[places],
            measured=self.measured.at(places),
            judgement=self.judgement.at(places),
        )

    def __len__(self) -> int:
        return len(self.store)


def windows_of(targets: Sequence[Target]) -> tuple[WindowSpec, ...]:
    """Return every window that a target has, once, in the order of the targets.

    All targets are asked about together: the earliest window says which polls count (rule 6), so
    a target has the same result wherever it is shown.
    """
    texts = dict.fromkeys(text for target in targets for text in target.windows)
    return tuple(parse_window(text) for text in texts)


def judged(
    targets: Sequence[Target], fleet: Fleet, question: Question, summary: UptimeSummary
) -> Results:
    """Return the results of a fleet. ``question``: over windows with texts; see ``measure``."""
    texts = [getattr(window, "text", "") for window in question.windows]
    applying = [chosen(targets, text, fleet.store_ids, fleet.tags) for text in texts]
    return Results.of(targets, applying, measure(fleet, question, summary))

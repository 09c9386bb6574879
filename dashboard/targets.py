"""Targets and what they come to, as the pages show it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.snapshots.reading import Snapshot
from dashboard.snapshots.targets import MEASURES, measure_column, target_column
from dashboard.templatetags.lengths import open_lasting
from reports.request.targets import known
from uptime.targets.judging import Measured, Verdict
from uptime.targets.printing import text_of_burn_rate
from uptime.targets.results import Results
from uptime.targets.target import Target

LISTED = 20
# The mark of a state beside the words.
_MARKS = {Verdict.MET: "up", Verdict.MISSED: "down", Verdict.CANNOT_BE_TOLD: "unknown"}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The results of a snapshot; ``store`` of each is its row."""

    targets: tuple[Target, ...]
    windows: tuple[str, ...]
    results: Results

    def rows(self, places: Any) -> list[dict[str, Any]]:
        """Return results for a page, in the order of ``places``; without their store."""
        return [_row(self, int(place)) for place in places]


def of_board(snapshot: Snapshot) -> dict[str, Any] | None:
    """Return the counts of all verdicts and the worst results; None if no target is set."""
    judged = judged_in(snapshot)
    if judged is None:
        untold = snapshot.head.targets.get("untold", "")
        return {"untold": untold} if untold else None
    verdicts = np.bincount(judged.results.judgement.verdict, minlength=len(Verdict)).tolist()
    bad = judged.results.judgement.bad()
    stores = snapshot.rows(judged.results.store[bad[:LISTED]], ("store_id", "name"))
    return {
        "met": verdicts[Verdict.MET],
        "missed": verdicts[Verdict.MISSED],
        "cannot_be_told": verdicts[Verdict.CANNOT_BE_TOLD],
        "at_risk": int(np.count_nonzero(judged.results.judgement.at_risk)),
        "bad": len(bad),
        "worst": [
            {**row, **store} for row, store in zip(judged.rows(bad[:LISTED]), stores, strict=True)
        ],
    }


def of_store(snapshot: Snapshot, store_id: str) -> list[dict[str, Any]]:
    """Return the results of one store, one for each window that has a target."""
    judged, row = judged_in(snapshot), snapshot.row_of(store_id)
    if judged is None or row is None:
        return []
    return judged.rows(np.flatnonzero(judged.results.store == row))


def judged_in(snapshot: Snapshot) -> Judged | None:
    """Return the results of all targets, judged once in each process."""
    return snapshot.kept("targets", _judged)


def _judged(snapshot: Snapshot) -> Judged | None:
    said = snapshot.head.targets
    if not said.get("set") or said["untold"]:
        return None
    windows, targets = tuple(said["windows"]), known(said["set"])
    applying = [snapshot.column(target_column(window)) for window in windows]
    measured = [
        Measured(**{name: snapshot.column(measure_column(name, window)) for name in MEASURES})
        for window in windows
    ]
    results = Results.of(targets, applying, measured)
    return Judged(targets=targets, windows=windows, results=results)


def _row(judged: Judged, place: int) -> dict[str, Any]:
    results = judged.results
    measured, judgement = results.measured, results.judgement
    verdict = Verdict(int(judgement.verdict[place]))
    left = int(judgement.left[place])
    return {
        "target": judged.targets[int(results.target[place])],
        "window": judged.windows[int(results.window[place])],
        "verdict": verdict.text,
        "mark": _MARKS[verdict],
        "at_risk": bool(judgement.at_risk[place]),
        "up": int(measured.up[place]),
        "known": int(measured.up[place] + measured.down[place]),
        "open": int(measured.open[place]),
        "least": int(judgement.least[place]),
        "most": int(judgement.most[place]),
        "to_come": int(measured.to_come[place]),
        "budget": int(judgement.budget[place]),
        "spent": int(judgement.spent[place]),
        "left": f"{open_lasting(-left)} over" if left < 0 else open_lasting(left),
        "burn_rate": text_of_burn_rate(int(judgement.burn_rate[place])),
    }

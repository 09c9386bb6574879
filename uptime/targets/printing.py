"""What targets come to, as CSV (rule 12)."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from uptime.printing.csv import Cells, Kind
from uptime.printing.formulas import defused
from uptime.printing.rounding import NOT_AVAILABLE, hundredths, percentage
from uptime.targets.judging import Verdict
from uptime.targets.results import Results
from uptime.targets.target import Target
from uptime.windows.elapsed import HOUR

COLUMNS = {
    "store_id": Kind.ID,
    "window": Kind.STATUS,
    "target": Kind.STORE,
    "target_percentage": Kind.NUMBER,
    "verdict": Kind.STATUS,
    "at_risk": Kind.STATUS,
    "on_track": Kind.STATUS,
    "uptime_percentage": Kind.NUMBER,
    "open(in hours)": Kind.NUMBER,
    "uptime(in hours)": Kind.NUMBER,
    "downtime(in hours)": Kind.NUMBER,
    "unknown(in hours)": Kind.NUMBER,
    "least_uptime(in hours)": Kind.NUMBER,
    "most_uptime(in hours)": Kind.NUMBER,
    "to_come(in hours)": Kind.NUMBER,
    "budget(in hours)": Kind.NUMBER,
    "spent(in hours)": Kind.NUMBER,
    "left(in hours)": Kind.NUMBER,
    "burn_rate": Kind.NUMBER,
}
_ROWS_AT_ONCE = 50_000


def print_targets(
    store_ids: Sequence[str], targets: Sequence[Target], windows: Sequence[str], results: Results
) -> Iterator[bytes]:
    """Yield the CSV in UTF-8, piece by piece.

    ``store_ids``: one for each result. ``windows``: their texts.
    """
    for start in range(0, max(len(results), 1), _ROWS_AT_ONCE):
        rows = np.arange(start, min(start + _ROWS_AT_ONCE, len(results)))
        ids = defused(store_ids[start : start + _ROWS_AT_ONCE])
        values = [ids, *_cells(targets, windows, results.at(rows))]
        frame = pd.DataFrame(dict(zip(COLUMNS, values, strict=True)), dtype="str")
        yield frame.to_csv(index=False, header=start == 0, lineterminator="\n").encode()


def text_of_burn_rate(hundredths: int) -> str:
    """Return a burn rate with two decimals; n/a if there is none."""
    return NOT_AVAILABLE if hundredths < 0 else f"{hundredths // 100}.{hundredths % 100:02d}"


def _cells(targets: Sequence[Target], windows: Sequence[str], results: Results) -> Iterator[Cells]:
    """Yield each column after the id."""
    measured, judgement = results.measured, results.judgement
    yield _named(windows, results.window)
    yield _named(defused(target.name for target in targets), results.target)
    yield _named([target.percentage for target in targets], results.target)
    yield np.array([verdict.text for verdict in Verdict], dtype=object)[judgement.verdict]
    yield np.where(judgement.at_risk, "yes", "no").astype(object)
    yield np.where(judgement.on_track, "yes", "no").astype(object)
    yield percentage(measured.up, measured.up + measured.down)
    for times in (
        *(measured.open, measured.up, measured.down, measured.unknown),
        *(judgement.least, judgement.most, measured.to_come),
        *(judgement.budget, judgement.spent),
    ):
        yield hundredths(times, HOUR)
    yield _signed(judgement.left)
    yield [text_of_burn_rate(rate) for rate in judgement.burn_rate.tolist()]


def _named(names: Sequence[str], place: NDArray[np.int64]) -> NDArray[np.object_]:
    return np.array([*names, ""], dtype=object)[place]


def _signed(times: NDArray[np.int64]) -> NDArray[np.object_]:
    """Return times of which some are negative in hours; never ``-0.00``."""
    texts = hundredths(np.abs(times), HOUR)
    return np.where((times < 0) & (texts != "0.00"), "-" + texts, texts)

"""``./run bench truth``: the numbers against a known truth, as Markdown."""

import argparse
import sys
from collections.abc import Iterator, Sequence

import numpy as np

from bench.truth import methods
from bench.truth.world import DAY, HOUR, KINDS, MINUTE, Stores, made_stores, poll
from uptime.windows.elapsed import SECOND

INTERVALS = (5, 15, 30, 60, 120, 240)  # Minutes.
# A day's silence of the poller in the middle of the week.
OUTAGE = range(3 * DAY + 20 * HOUR, 4 * DAY + 20 * HOUR)

HEADING = """\
| outages | polled every | error: nearest | carried forward | share of polls | bias: nearest | carried forward | share of polls | rank: nearest | carried forward | share of polls | margins hold | bounds hold |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"""  # noqa: E501 - a row of a table


def main(arguments: Sequence[str]) -> int:
    """Print the table, and the same for a week in which the poller was silent for a day."""
    options = _options(arguments)
    print(f"{options.stores} stores of each kind, seed {options.seed}")
    for heading, silent in (
        ("The poller works", []),
        ("The poller is silent for a day", [OUTAGE]),
    ):
        print(f"\n{heading}:\n\n{HEADING}")
        for kind in KINDS:
            rng = np.random.default_rng(options.seed)
            stores = made_stores(kind, options.stores, rng)
            for line in _lines(kind.name, stores, rng, silent):
                print(line, flush=True)
    return 0


def _lines(
    name: str, stores: Stores, rng: np.random.Generator, silent: Sequence[range]
) -> Iterator[str]:
    for minutes in INTERVALS:
        polls = poll(stores, minutes * MINUTE, rng, silent)
        summary = methods.nearest(stores, polls)
        results = [
            methods.compare(up, stores)
            for up in (
                summary.up[0] / SECOND,
                methods.carried_forward(stores, polls),
                methods.share_of_polls(stores, polls),
            )
        ]
        cells = [
            name,
            f"{minutes} min",
            *(f"{result.error:.2f}" for result in results),
            *(f"{result.bias:+.2f}" for result in results),
            *(f"{result.rank:.2f}" for result in results),
            *(f"{share:.1f} %" for share in methods.holding(summary, stores)),
        ]
        yield f"| {' | '.join(cells)} |"


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./run bench truth",
        description="How far the numbers are from the truth, for made-up stores whose outages are"
        " known to the second. Errors and biases are percentages of a week's open time.",
    )
    add = parser.add_argument
    add("--stores", type=int, default=1000, metavar="N", help="of each kind; default: 1000")
    add("--seed", type=int, default=1, metavar="S", help="the same seed gives the same table")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

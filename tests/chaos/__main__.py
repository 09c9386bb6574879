"""``./run chaos``: break everything in turn under load, heal it, and check what is left."""

import argparse
import logging
import random
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.chaos.runs import Run
from tests.chaos.shapes import SHAPES
from tests.chaos.summary import table, write_into

MINUTES = 10.0

logger = logging.getLogger("chaos")


def main(arguments):
    """Run until the time is up; return 0 if everything held, 1 if not, 2 if nothing can run."""
    options = _options(arguments)
    if options.list:
        sys.stdout.writelines(f"{fault.name}\n" for shape in SHAPES for fault in shape.faults)
        return 0
    # Or disks and networks would stay.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    logging.basicConfig(format="%(message)s", level=logging.INFO, stream=sys.stderr)
    if not any(_chosen(shape, options.only) for shape in SHAPES):
        logger.error("chaos: no fault has any of these words in its name; see --list")
        return 2
    run = Run(seed=options.seed, logs=options.logs)
    wanted = {shape: _chosen(shape, options.only) for shape in SHAPES}
    possible = {shape: chosen for shape, chosen in wanted.items() if chosen and not shape.missing()}
    count = sum(map(len, possible.values()))
    for shape, faults in possible.items():
        minutes = None if options.once else options.minutes * len(faults) / count
        with ExitStack() as resources:
            prefix = "storemonitor-chaos-files-"
            folder = Path(resources.enter_context(TemporaryDirectory(prefix=prefix)))
            run.add(shape, folder, faults, minutes=minutes)
    seen = table(run.rounds, _skipped(wanted))
    sys.stdout.write(seen)
    for text in run.found:
        sys.stdout.write(f"FAILED: {text}\n")
    sys.stdout.write(f"The seed repeats the sequence: ./run chaos --seed {options.seed}\n")
    if options.docs:
        write_into(options.docs, seen)
    return int(bool(run.found)) if run.rounds else 2


def _chosen(shape, words):
    """Return the faults of a shape that have one of these words in their names; none means all."""
    return [
        fault for fault in shape.faults if not words or any(word in fault.name for word in words)
    ]


def _skipped(wanted):
    """Return why faults could not be provoked, by their names."""
    return {
        fault.name: why
        for shape, faults in wanted.items()
        for fault in faults
        if (why := shape.missing() or fault.missing())
    }


def _options(arguments):
    parser = argparse.ArgumentParser(prog="./run chaos", description=__doc__.partition(": ")[2])
    how_long = parser.add_mutually_exclusive_group()
    how_long.add_argument(
        "--minutes", type=float, default=MINUTES, help="how long, in all; default: 10"
    )
    how_long.add_argument(
        "--once", action="store_true", help="every fault once, however long that takes"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=random.randrange(10**6),
        help="the same seed breaks the same things in the same order; default: any",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        metavar="TEXT",
        help="faults with one of these texts in their names",
    )
    parser.add_argument("--list", action="store_true", help="list all faults and end")
    parser.add_argument(
        "--logs",
        type=Path,
        metavar="FOLDER",
        help="keep the processes' logs there if a fault did"
        " not heal; default: a new folder, which is named then",
    )
    parser.add_argument(
        "--docs",
        type=Path,
        metavar="PAGE",
        help="put the table's lines into this page: docs/chaos.md",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

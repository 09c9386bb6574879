"""``./run chaos``: break everything in turn under load, heal it, and check what is left."""

import argparse
import logging
import random
import sys
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.chaos.checks import all_faults, half_stored, reasons_of_failure, wrong_messages
from tests.chaos.faults import broker, clocks, database, files, processes
from tests.chaos.load import Load, webhook
from tests.chaos.rounds import PROBE, run_round
from tests.chaos.summary import table
from tests.chaos.system import running_system, servers_fault
from tests.chaos.undisturbed import Undisturbed
from tests.chaos.work import quiet, unfinished

FAULTS = (*processes.FAULTS, *database.FAULTS, *broker.FAULTS, *files.FAULTS, *clocks.FAULTS)
STORES = 60
PAUSE = (0.5, 3.0)  # Between two faults.
# A webhook's delivery whose worker died waits for its lease of two minutes, and then a minute more.
QUIET_SECONDS = 420.0

logger = logging.getLogger("chaos")


def main(arguments):
    """Run until the time is up; return 0 if everything held, 1 if not, 2 if nothing can run."""
    options = _options(arguments)
    logging.basicConfig(format="%(message)s", level=logging.INFO, stream=sys.stderr)
    if fault := servers_fault():
        logger.error("chaos: %s", fault)
        return 2
    with (
        TemporaryDirectory(prefix="storemonitor-chaos-files-") as folder,
        running_system(Path(folder), stores=STORES, seed=options.seed) as system,
    ):
        rounds, found = _run(system, options)
    skipped = {fault.name: why for fault in FAULTS if (why := fault.missing())}
    sys.stdout.write(table(rounds, skipped) + "\n")
    for text in found:
        sys.stdout.write(f"FAILED: {text}\n")
    sys.stdout.write(f"The seed repeats the sequence: ./run chaos --seed {options.seed}\n")
    return int(bool(found))


def _run(system, options):
    """Return all rounds, and a sentence for everything that did not hold."""
    rounds, found = [], []
    calm = Undisturbed(system.files, system.folder / "files")
    probe = calm.report(PROBE)
    calm.close()
    with webhook(system) as receiver, Load(system, seed=options.seed) as load:
        for fault, chance in _sequence(options):
            time.sleep(chance.uniform(*PAUSE))
            ended = run_round(system, fault, chance, probe)
            ended.faults += half_stored(system)
            _tell(ended)
            rounds.append(ended)
        load.stop()
        found += [f"{each.fault}: {text}" for each in rounds for text in each.faults]
        found += load.broken + _left(system, receiver)
    logger.info("done: %s", load.done)
    return rounds, found


def _sequence(options):
    """Yield faults and their chances until the time is up: all of them in turn, shuffled anew."""
    chance, ends = Random(options.seed), time.monotonic() + options.minutes * 60
    possible = [fault for fault in FAULTS if options.only in fault.name and not fault.missing()]
    while True:
        for fault in chance.sample(possible, len(possible)):
            if time.monotonic() >= ends:
                return
            yield fault, Random(chance.random())


def _left(system, receiver):
    """Wait until everything has ended, and return what is not as it must be."""
    try:
        quiet(system, seconds=QUIET_SECONDS)
    except AssertionError:
        logger.info("after %.0f s still: %s", QUIET_SECONDS, unfinished(system))
    for reason, count in reasons_of_failure(system).items():
        logger.info("%d reports failed with a reason: %s", count, reason)
    computed = Undisturbed(system.files, system.folder / "files")
    try:
        return [*all_faults(system, computed), *wrong_messages(system, receiver)]
    finally:
        computed.close()


def _tell(ended):
    logger.info(
        "%-40s held %4.1f s, recovered in %4.1f s, %3d lines%s",
        ended.fault,
        ended.held,
        ended.recovery,
        ended.lines,
        "".join(f"\n    FAILED: {text[:500]}" for text in ended.faults),
    )


def _options(arguments):
    parser = argparse.ArgumentParser(prog="./run chaos", description=__doc__.partition(": ")[2])
    parser.add_argument("--minutes", type=float, default=10.0, help="how long; default: 10")
    parser.add_argument(
        "--seed",
        type=int,
        default=random.randrange(10**6),
        help="the same seed breaks the same things in the same order; default: any",
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="faults with this in their name")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A run: fault after fault under load, on one shape of the installation after another."""

import logging
import shutil
import time
from pathlib import Path
from random import Random
from tempfile import mkdtemp

from tests.chaos.checks import all_faults, half_stored, reasons_of_failure, wrong_messages
from tests.chaos.load import Load, webhook
from tests.chaos.rounds import PROBE, run_round
from tests.chaos.undisturbed import Undisturbed
from tests.chaos.work import quiet, unfinished

STORES = 60
PAUSE = (0.5, 3.0)  # Between two faults.
# A webhook's delivery whose worker died waits for its lease of two minutes, and then a minute more.
QUIET_SECONDS = 420.0

logger = logging.getLogger("chaos")


class Run:
    """``rounds`` are those of all shapes, ``found`` has a sentence for all that did not hold."""

    def __init__(self, *, seed, logs=None):
        self.rounds, self.found = [], []
        self._seed, self._logs = seed, logs

    def add(self, shape, folder, faults, *, minutes):
        """Break the shape by these faults in turn: for so many minutes, or by each once."""
        logger.info("%s:", shape.name)
        with shape.running(folder, stores=STORES, seed=self._seed) as system:
            before = len(self.found)
            self._break(system, self._sequence(faults, minutes))
            if len(self.found) > before:
                logger.info("The logs are in %s", self._keep_logs(system))

    def _break(self, system, sequence):
        calm = Undisturbed(system.files, system.folder / "files")
        probe = calm.report(PROBE)
        calm.close()
        with webhook(system) as receiver, Load(system, seed=self._seed) as load:
            for fault, chance in sequence:
                time.sleep(chance.uniform(*PAUSE))
                ended = run_round(system, fault, chance, probe)
                ended.faults += half_stored(system)
                _tell(ended)
                self.rounds.append(ended)
                self.found += [f"{ended.fault}: {text}" for text in ended.faults]
            load.stop()
            self.found += load.broken + _left(system, receiver)
        logger.info("done: %s", load.done)

    def _sequence(self, faults, minutes):
        """Yield faults and their chances: all in turn before any comes again, shuffled anew."""
        chance = Random(self._seed)
        ends = time.monotonic() + (minutes or 0) * 60
        possible = [fault for fault in faults if not fault.missing()]
        while possible:
            for fault in chance.sample(possible, len(possible)):
                if minutes is not None and time.monotonic() >= ends:
                    return
                yield fault, Random(chance.random())
            if minutes is None:
                return

    def _keep_logs(self, system):
        folder = self._logs or Path(mkdtemp(prefix="storemonitor-chaos-logs-"))
        folder.mkdir(parents=True, exist_ok=True)
        for path in system.log_files():
            shutil.copy(path, folder)
        return folder


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

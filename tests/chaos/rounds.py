"""One fault from its provocation to the first right report after it."""

import time
from dataclasses import dataclass, field

from tests.chaos.polls import UNTIL
from tests.chaos.watch import Watch
from tests.chaos.work import HOUR, Question

PROBE = Question(UNTIL)
# Passing errors are tried again after 10 s and then 30 s.
MOST_SECONDS = 90.0


@dataclass
class Round:
    """How one incident went."""

    fault: str
    recovery: float
    lines: int
    held: float
    faults: list[str] = field(default_factory=list)


def run_round(system, fault, chance, probe):
    """Break something under work, heal it and return how it went; ``probe``: the right bytes."""
    held = chance.uniform(*fault.hold)
    lines = len(system.log_lines())
    system.client.request_report(PROBE)
    system.client.request_report(Question(UNTIL, HOUR))
    found = []
    watch = Watch(system)
    try:
        with fault.provoke(system, chance), watch:
            time.sleep(held)
    except AssertionError as late:
        found.append(f"it did not heal: {late}")
    healed = time.monotonic()
    system.restore()
    found += watch.faults(away=fault.away, web_ends=fault.web_ends)
    client = system.client
    report_id = client.request_report(PROBE)
    ended = client.finished(report_id)
    recovery = time.monotonic() - healed
    if ended["status"] != "Complete" or client.download(report_id) != probe:
        found.append(f"the report after it is {ended['status']} ({ended.get('error')}), or wrong")
    if recovery > MOST_SECONDS:
        found.append(f"recovered after {recovery:.0f} s only")
    logged = system.log_lines()[lines:]
    if len(logged) > fault.lines:
        found.append(f"{len(logged)} lines in the logs, such as {logged[len(logged) // 2]}")
    return Round(fault.name, recovery, len(logged), held, found)

"""Rules of every run; at its end, how much was skipped for want of a server."""

from collections import Counter

import hypothesis

from tests.servers import SKIPPED

# A busy machine is no fault of the code: how long one example takes is not what is tested.
hypothesis.settings.register_profile("project", parent=hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("project")


def pytest_terminal_summary(terminalreporter):
    reasons = Counter(
        str(report.longrepr[2])
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and SKIPPED in str(report.longrepr[2])
    )
    for reason, count in reasons.items():
        text = reason.partition(f"{SKIPPED}: ")[2]
        terminalreporter.write_line(f"{SKIPPED}: {count} tests, {text}", red=True, bold=True)

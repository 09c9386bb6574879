"""Says at the end of a run how much of it was skipped for want of a server."""

from collections import Counter

from tests.servers import SKIPPED


def pytest_terminal_summary(terminalreporter):
    reasons = Counter(
        str(report.longrepr[2])
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and SKIPPED in str(report.longrepr[2])
    )
    for reason, count in reasons.items():
        text = reason.partition(f"{SKIPPED}: ")[2]
        terminalreporter.write_line(f"{SKIPPED}: {count} tests, {text}", red=True, bold=True)

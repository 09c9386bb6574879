"""Rules of every run; at its end, how much was skipped for want of a server."""

import gc
from collections import Counter

import hypothesis
import pytest

from tests.servers import SKIPPED

# A busy machine is not a fault of the code: the time of one example is not tested.
hypothesis.settings.register_profile("project", parent=hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("project")

# The longest first: started last, each would keep one process busy after the others are done. Those
# of `tests/faults` are one group, which mostly waits while others use the processor.
FIRST = (
    "tests/faults/",
    "tests/end_to_end/test_bench_quick",
    "tests/end_to_end/test_schema",
    "tests/end_to_end/",
    "tests/browser/",
)

# Expensive fixtures of a package: tests that share one run in one process.
SHARED = ("filled", "filled_well", "bare", "guarded", "launcher", "site", "faulty")


def pytest_make_parametrize_id(val, argname):
    """Name bytes by their length: gzip output contains the time, so processes would disagree."""
    return f"{argname} of {len(val)} bytes" if isinstance(val, bytes) else None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection():
    """Collect garbage among what tests make only.

    What is imported and collected stays to the end. Looking through it over and over took two
    fifths of the collection, which each process does for itself.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items):
    """Say which tests `--dist loadgroup` keeps together: those of a stack, else those of a file."""
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(_group(item)))
    result = yield
    items.sort(key=_place)
    return result


def _place(item):
    return next((n for n, start in enumerate(FIRST) if item.nodeid.startswith(start)), len(FIRST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node, ids):
    """Stop where pytest-xdist ignores the groups, which it does without a word."""
    if node.config.getoption("dist") == "loadgroup" and not all("@" in name for name in ids):
        raise pytest.UsageError("pytest-xdist does not keep together what belongs together")


def _group(item):
    shared = next((name for name in SHARED if name in item.fixturenames), None)
    if not shared:
        return item.nodeid.partition("::")[0].removeprefix("tests/").removesuffix(".py")
    kind = item.callspec.params.get(shared) if hasattr(item, "callspec") else None
    return f"{shared} {kind.__name__}" if kind else shared


def pytest_terminal_summary(terminalreporter):
    reasons = Counter(
        str(report.longrepr[2])
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and SKIPPED in str(report.longrepr[2])
    )
    for reason, count in reasons.items():
        text = reason.partition(f"{SKIPPED}: ")[2]
        terminalreporter.write_line(f"{SKIPPED}: {count} tests, {text}", red=True, bold=True)

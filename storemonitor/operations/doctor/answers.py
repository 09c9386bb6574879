"""The results as lines or JSON, and as an exit code."""

import json
from collections.abc import Iterable, Sequence

from storemonitor.operations.doctor.findings import Finding, Level, Result

WARNED, FAILED = 1, 2
_WIDTH = 15


def lines(result: Result) -> Iterable[str]:
    """Yield a line for each finding, and one for what to do about it."""
    if not result.findings:
        yield f"{Level.OK:<5}{result.name}"
    for finding in _shown(result):
        yield f"{finding.level:<5}{result.name:<{_WIDTH}} {finding.reason}"
        if finding.do:
            yield f"{'':<5}{'':<{_WIDTH}} do: {finding.do}"


def _shown(result: Result) -> list[Finding]:
    """Return the findings without the good ones among bad ones."""
    bad = [one for one in result.findings if one.level != Level.OK]
    return bad or list(result.findings)


def _skipped(results: Sequence[Result]) -> Iterable[str]:
    """Yield a line for each reason why checks could not be made."""
    reasons: dict[str, list[str]] = {}
    for result in results:
        if result.level == Level.SKIPPED:
            reasons.setdefault(result.findings[0].reason, []).append(result.name)
    for reason, names in reasons.items():
        yield f"{Level.SKIPPED:<5}{reason}: {', '.join(names)}"


def ending(results: Sequence[Result]) -> Iterable[str]:
    """Yield the last lines: what was skipped, and the numbers of checks by their end."""
    yield from _skipped(results)
    counts = {level: sum(one.level == level for one in results) for level in Level}
    words = {
        Level.OK: "fine",
        Level.WARN: "with warnings",
        Level.FAIL: "failed",
        Level.SKIPPED: "not examined",
    }
    told = [f"{counts[level]} {word}" for level, word in words.items() if counts[level]]
    yield f"\n{len(results)} checks: {', '.join(told)}."


def as_json(results: Sequence[Result]) -> str:
    """Return one JSON document: the worst level, and each check with its findings."""
    checks = [
        {
            "check": result.name,
            "level": result.level.value,
            "findings": [
                {"level": one.level.value, "reason": one.reason, "do": one.do}
                for one in result.findings
            ],
        }
        for result in results
    ]
    return json.dumps({"level": worst(results).value, "checks": checks}, indent=2)


def worst(results: Sequence[Result]) -> Level:
    """Return the worst level of all; without any, OK."""
    order = list(Level)
    return max((one.level for one in results), key=order.index, default=Level.OK)


def exit_code(results: Sequence[Result], *, strict: bool) -> int:
    """Return 0 if all is well, 2 if a check failed, 1 for a warning if ``strict``."""
    level = worst(results)
    if level == Level.FAIL:
        return FAILED
    return WARNED if strict and level == Level.WARN else 0

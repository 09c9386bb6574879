"""The table at the end: for each fault how often, how long, how many lines, and the verdict."""

HEADER = ("fault", "times", "longest recovery", "most lines logged", "verdict")


def table(rounds, skipped):
    """Return the table as Markdown, in the order of the faults' first rounds."""
    by_fault = {}
    for each in rounds:
        by_fault.setdefault(each.fault, []).append(each)
    rows = [_row(name, of_it) for name, of_it in by_fault.items()]
    rows += [(name, "0", "", "", f"SKIPPED: {why}") for name, why in skipped.items()]
    lines = [HEADER, ["---"] * len(HEADER), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines)


def _row(name, rounds):
    slowest = max(each.recovery for each in rounds)
    most = max(each.lines for each in rounds)
    failed = sum(bool(each.faults) for each in rounds)
    verdict = f"{failed} FAILED" if failed else "ok"
    return name, str(len(rounds)), f"{slowest:.1f} s", str(most), verdict

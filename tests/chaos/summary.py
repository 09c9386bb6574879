"""The table at the end: for each fault how often, how long, how many lines, and the verdict."""

HEADER = (
    "fault",
    "times",
    "held, at most",
    "recovery, at most",
    "answered 503, at most",
    "log lines, at most",
    "verdict",
)
BEGIN, END = "<!-- The table of a run: begin -->\n", "<!-- The table of a run: end -->\n"


def table(rounds, skipped):
    """Return the table as Markdown, in the order of the faults' names."""
    by_fault = {}
    for each in rounds:
        by_fault.setdefault(each.fault, []).append(each)
    rows = [_row(name, of_it) for name, of_it in by_fault.items()]
    rows += [
        (name, "0", "", "", "", "", f"SKIPPED: {why}")
        for name, why in skipped.items()
        if name not in by_fault
    ]
    lines = [HEADER, ["---"] * len(HEADER), *sorted(rows, key=lambda row: row[0].lower())]
    return "".join("| " + " | ".join(row) + " |\n" for row in lines)


def _row(name, rounds):
    held = max(each.held for each in rounds)
    slowest = max(each.recovery for each in rounds)
    refused = max(each.refused for each in rounds)
    most = max(each.lines for each in rounds)
    failed = sum(bool(each.faults) for each in rounds)
    verdict = f"{failed} FAILED" if failed else "ok"
    seen = (f"{held:.1f} s", f"{slowest:.1f} s", str(refused), str(most), verdict)
    return name, str(len(rounds)), *seen


def write_into(page, text):
    """Replace the table in a page of the docs. Raises ValueError if it has no place for one."""
    before, begin, rest = page.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{page} has no lines {BEGIN.strip()} and {END.strip()}")
    page.write_text(before + begin + text + end + after)

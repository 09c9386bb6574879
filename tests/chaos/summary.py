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
    rows = {name: _row(of_it) for name, of_it in by_fault.items()}
    blank = [""] * (len(HEADER) - 3)
    rows |= {
        name: ("0", *blank, f"SKIPPED: {why}") for name, why in skipped.items() if name not in rows
    }
    return _printed({name: _line(name, *cells) for name, cells in rows.items()})


def _row(rounds):
    held = max(each.held for each in rounds)
    slowest = max(each.recovery for each in rounds)
    refused = max(each.refused for each in rounds)
    most = max(each.lines for each in rounds)
    failed = sum(bool(each.faults) for each in rounds)
    verdict = f"{failed} FAILED" if failed else "ok"
    return str(len(rounds)), f"{held:.1f} s", f"{slowest:.1f} s", str(refused), str(most), verdict


def _line(*cells):
    return "| " + " | ".join(cells) + " |\n"


def _printed(lines):
    """Return a table with these lines, which are named by their faults."""
    ordered = sorted(lines, key=str.lower)
    head = _line(*HEADER) + _line(*["---"] * len(HEADER))
    return head + "".join(lines[name] for name in ordered)


def _lines(text):
    return {line.split(" | ")[0].removeprefix("| "): f"{line}\n" for line in text.splitlines()[2:]}


def write_into(page, text):
    """Put the lines of a table into that of a page, instead of those of the same faults.

    Raises ValueError if the page has no place for a table.
    """
    before, begin, rest = page.read_text().partition(BEGIN)
    old, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{page} has no lines {BEGIN.strip()} and {END.strip()}")
    page.write_text(before + begin + _printed(_lines(old) | _lines(text)) + end + after)

"""The report that every start requests through the API and shows on the terminal."""

import csv
import http.client
import io
import time
from collections.abc import Iterator
from itertools import islice

from django.db import connection

from backoffice.formatting import stored_at
from storemonitor.launch.client import Client, Refused
from storemonitor.launch.terminal import redraw, say

ROWS_SHOWN = 5
_HEADINGS = (
    ("", "uptime", "", "", "downtime", "", ""),
    ("", "hour", "day", "week", "hour", "day", "week"),
    ("store", "min", "h", "h", "min", "h", "h"),
)


def show_report(client: Client, ticks: Iterator[None]) -> str | None:
    """Request a report, print its first rows, and return its id; None if it failed."""
    try:
        report_id = client.trigger()
        _follow(client, report_id, ticks)
        text = client.text(report_id)
    except (Refused, OSError, http.client.HTTPException) as error:
        say(f"The report failed: {error}", "")
        return None
    say("", *(f"  {line}" for line in table(text)), "")
    stores = text.count("\n") - 1
    say(f"All {stores:,} stores are in {_path(report_id)}", "")
    return report_id


def _follow(client: Client, report_id: str, ticks: Iterator[None]) -> None:
    """Show the report's progress: in place on a terminal, else line by line."""
    started, shown = time.monotonic(), ""
    for _ in ticks:
        progress = client.progress(report_id)
        text = f"Report {report_id}: {progress.percent} %"
        if progress.complete:
            redraw(f"Report {report_id}: complete after {time.monotonic() - started:.1f} s\n")
            return
        if text != shown:
            redraw(text)
        shown = text


def table(text: str) -> Iterator[str]:
    """Yield the first rows of a report's CSV as aligned lines."""
    rows = islice(csv.reader(io.StringIO(text)), 1, ROWS_SHOWN + 1)
    lines = [*_HEADINGS, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for first, *others in lines:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *cells])


def _path(report_id: str) -> str:
    from reports.models import Report  # noqa: PLC0415 - needs django.setup()

    file = Report.objects.get(pk=report_id).file
    connection.close()
    return stored_at(file)

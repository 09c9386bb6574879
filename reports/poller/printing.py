"""The poller's outages as CSV, for ``./run report`` and ``manage.py poller_outages``."""

import csv
import io
from collections.abc import Iterable, Iterator

from uptime.instants import from_microseconds
from uptime.poller.outages import PollerOutage

COLUMNS = ("from", "to", "scope", "stores")


def print_poller_outages(outages: Iterable[PollerOutage]) -> Iterator[bytes]:
    """Yield the CSV, instants as in the feeds; ``to`` is empty for an outage that nothing ended."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for one in outages:
        end = "" if one.lasts else _text(one.end)
        rows.writerow([_text(one.start), end, one.scope, one.stores])
    yield text.getvalue().encode()


def _text(microseconds: int) -> str:
    instant = from_microseconds(microseconds)
    fraction = f".{instant:%f}".rstrip("0").rstrip(".")
    return f"{instant:%Y-%m-%d %H:%M:%S}{fraction} UTC"

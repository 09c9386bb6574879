"""A report computed once more, by today's code from today's data."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.errors.problems import Problem
from api.transfer.downloads import opened, reading_storage
from reports.build.computing import compute, ranges_of
from reports.kinds.known import KINDS
from reports.kinds.measured import Measured
from reports.models import PollerOutages, Report
from reports.poller.search import outages_found
from reports.poller.told import Told
from reports.request.parameters import question_of
from reports.stamp.comparing import differences
from reports.stamp.stamps import Stamp, whole
from reports.stamp.words import NO_STAMP
from uptime.printing.formulas import DEFUSED

_NAMED = 10
_UNKNOWN_CAUSE = "Nothing that a stamp names; perhaps the versions of libraries."


@dataclass(frozen=True, kw_only=True)
class Reproduced:
    """A report computed again.

    ``content``: its bytes now. ``changes``: what it is made by that is not as it was, in sentences.
    ``file``: what of the report's own file is not as it was or as now.
    """

    content: bytes
    sha256: str
    is_same: bool
    changes: Sequence[str]
    file: Sequence[str]


def reproduce(report: Report) -> Reproduced:
    """Compute a complete report again.

    Raises PollsGone if polls that it needs were pruned, and what ``load_fleet`` raises.
    """
    measured, stamp = _computed(report)
    content = b"".join(measured.printed())
    sha256 = hashlib.sha256(content).hexdigest()
    is_same = sha256 == report.sha256
    changes = list(_changes(report, stamp))
    if not is_same and not changes:
        changes = [_UNKNOWN_CAUSE]
    return Reproduced(
        content=content,
        sha256=sha256,
        is_same=is_same,
        changes=changes,
        file=list(_compared(report, content, is_same=is_same)),
    )


def _computed(report: Report) -> tuple[Measured, Stamp | None]:
    """Return the rows of a report, computed in as many ranges as a worker would, and a stamp."""
    ranges = ranges_of(report)
    if len(ranges) == 1:
        computed = compute(report)
        return computed.measured, computed.stamp()
    question = question_of(report)
    is_needed = report.poller_outages == PollerOutages.UNKNOWN
    # As when a report is cut: all its parts need the same outages. The row is not saved.
    report.nobody_polled = Told(outages=outages_found(question)).as_json([]) if is_needed else None
    tables, stamps = [], []
    for keys in ranges:
        computed = compute(report, keys)
        tables.append(computed.measured.table())
        stamps.append(computed.stamp())
    return KINDS[report.kind].joined(tables, question), whole(stamps)


def _changes(report: Report, now: Stamp | None) -> Iterator[str]:
    if report.stamp is None or now is None:
        yield f"{NO_STAMP} What changed since cannot be told."
        return
    yield from differences(report.stamp, now)


def _compared(report: Report, content: bytes, *, is_same: bool) -> Iterator[str]:
    try:
        with opened(report.file, size=report.size) as file, reading_storage():
            stored = file.read()
    except Problem as error:
        yield f"The report's own file cannot be compared: {error.detail}"
        return
    if hashlib.sha256(stored).hexdigest() != report.sha256:
        yield "The report's own file was changed: it no longer has the SHA-256 of the report."
    elif not is_same:
        yield _differing(stored, content)


def _differing(then: bytes, now: bytes) -> str:
    """Return a sentence about the stores, or scopes, whose rows are not the same in both files."""
    (header, before), (other_header, after) = _rows(then), _rows(now)
    if header != other_header:
        return "The columns are others."
    differ = sorted(one for one in {*before, *after} if before.get(one) != after.get(one))
    named = ", ".join(repr(re.sub(DEFUSED, r"\1", one)) for one in differ[:_NAMED])
    more = f" and {len(differ) - _NAMED:,} more" if len(differ) > _NAMED else ""
    noun = header[0].removesuffix("_id")
    count = f"one {noun}" if len(differ) == 1 else f"{len(differ):,} {noun}s"
    return f"What it says of {count} differs: {named}{more}."


def _rows(content: bytes) -> tuple[list[str], dict[str, list[list[str]]]]:
    """Return the header of a report, and the rows of each id that they begin with, in order."""
    found: dict[str, list[list[str]]] = {}
    with io.StringIO(content.decode(), newline="") as text:
        rows = csv.reader(text)
        header = next(rows, [])
        for first, *cells in rows:
            found.setdefault(first, []).append(cells)
    return header, found

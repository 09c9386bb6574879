"""The digest of a run: what is bad in its reports, the worst first, as lines of text.

All numbers are read from the files of the reports, so they are those of the reports.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.urls import reverse

from api.transfer.downloads import is_damaged
from reports.exports.blocks import Rows, Stored
from reports.kinds.known import KINDS
from reports.models import Report
from reports.request.parameters import question_of
from schedules.models import ScheduledRun
from schedules.planning import is_zone_known
from uptime.open_time.zones import load_zone

# The most rows of each section; its report has the rest.
LISTED = 25
_BYTES_AT_ONCE = 1 << 20
_NO_OUTAGES = (
    "There is no report of outages: it was deleted, or the schedule sent no digests when this"
    " period was due."
)

Order = Sequence[tuple[str, str]]
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a digest. ``title``: its sum in a few words."""

    title: str
    lines: list[str]
    is_bad: bool = True


@dataclass(frozen=True, kw_only=True)
class Worst:
    """The worst rows of a report, at most ``LISTED``, and the number of all that are bad."""

    rows: list[Row]
    count: int


def sections_of(run: ScheduledRun) -> list[Section]:
    """Return the sections about targets and outages, after one about a report that is missing."""
    targets, outages = run.targets_report, run.outages_report
    sections = []
    if run.report is None:
        sections.append(_missing("no report", "The report was deleted."))
    elif run.report not in (targets, outages) and run.report.status != Report.Status.COMPLETE:
        sections.append(_without_rows(run.report))
    sections.append(_of_targets(targets) if targets else _no_target(run))
    if outages is None:
        sections.append(_missing("no report of outages", _NO_OUTAGES))
    else:
        sections.append(_of_outages(outages, run.schedule.rule.zone))
    return sections


def address_of(name: str, key: object) -> str:
    """Return the public address of a page about a report or a store."""
    return f"{settings.SITE_URL}{reverse(name, args=[key])}"


def _of_targets(report: Report) -> Section:
    if not _is_readable(report):
        return _without_rows(report)
    worst = _worst(report, _not_on_track)
    if not worst.count:
        return _fine(report, "Every target is met, or on the way to it")
    title = f"{worst.count:,} target{_s(worst.count)} not on track"
    return _listed(report, worst, title, "worst", _line_of_target)


def _of_outages(report: Report, zone: str) -> Section:
    if not _is_readable(report):
        return _without_rows(report)
    worst = _worst(report, _longest)
    if not worst.count:
        return _fine(report, "No outage")
    title = f"{worst.count:,} outage{_s(worst.count)}"
    return _listed(report, worst, title, "longest", partial(_line_of_outage, zone=zone))


def _fine(report: Report, text: str) -> Section:
    page = address_of("dashboard:report", report.pk)
    return Section(title=text, lines=[f"{text}: {page}"], is_bad=False)


def _listed(
    report: Report, worst: Worst, title: str, first: str, line: Callable[[Row], str]
) -> Section:
    lines = [f"{title}, the {first} first:", ""]
    for row in worst.rows:
        lines += [f"- {line(row)}", f"  {address_of('dashboard:store', row['store_id'])}"]
    more = worst.count - len(worst.rows)
    where = f"and {more:,} more" if more else "The report"
    lines.append(f"{where}: {address_of('dashboard:report', report.pk)}")
    return Section(title=title, lines=lines)


def _line_of_target(row: Row) -> str:
    verdict = "at risk" if row["at_risk"] == "yes" else row["verdict"]
    up = f"{row['uptime_percentage']} % up" if row["uptime_percentage"] else "Nothing known"
    name = f" ({_one_line(row['target'])})" if row["target"] else ""
    return (
        f"{_one_line(row['store_id'])}, {row['window']}: {verdict}. {up}, target"
        f" {row['target_percentage']} %{name}. Down {row['spent(in hours)']} hours of the"
        f" {row['budget(in hours)']} that it allows."
    )


def _line_of_outage(row: Row, zone: str) -> str:
    begun, over = _local(row["from"], zone), row["to"] and _local(row["to"], zone)
    when = f"from {begun} to {over}" if over else f"since {begun}, not over"
    inside, whole = row["downtime_in_windows(in minutes)"], row["downtime(in minutes)"]
    besides = "" if inside == whole else f" ({whole} in all)"
    return f"{_one_line(row['store_id'])}: down {inside} minutes{besides}, {when}"


# Rows.


def _worst(report: Report, bad: Callable[[pa.Table], tuple[pa.Table, Order]]) -> Worst:
    """Return the first rows of those that ``bad`` chooses, in its order; equal ones by store."""
    columns = KINDS[report.kind].columns(question_of(report))
    count, kept = 0, None
    with report.file.open("rb") as file:
        for block in Rows(Stored(file=file, columns=columns), size=_BYTES_AT_ONCE):
            chosen, order = bad(pa.table(block, names=list(columns)))
            count += len(chosen)
            kept = chosen if kept is None else pa.concat_tables([kept, chosen])
            kept = kept.take(pc.sort_indices(kept, sort_keys=order)).slice(0, LISTED)
    return Worst(rows=kept.to_pylist() if kept is not None else [], count=count)


def _not_on_track(rows: pa.Table) -> tuple[pa.Table, Order]:
    """Return those missed, at risk and in doubt otherwise, each with the least left first."""
    rows = rows.filter(pc.equal(rows["on_track"], "no"))
    doubt = pc.if_else(pc.equal(rows["at_risk"], "yes"), 1, 2)
    rank = pc.if_else(pc.equal(rows["verdict"], "missed"), 0, doubt)
    left = pc.cast(rows["left(in hours)"], pa.float64())
    rows = rows.append_column("rank", rank).append_column("left", left)
    return rows, [("rank", "ascending"), ("left", "ascending")]


def _longest(rows: pa.Table) -> tuple[pa.Table, Order]:
    """Return all, those with the most downtime in the windows first."""
    lost = pc.cast(rows["downtime_in_windows(in minutes)"], pa.float64())
    return rows.append_column("lost", lost), [("lost", "descending")]


# Where there are none.


def _is_readable(report: Report) -> bool:
    return report.status == Report.Status.COMPLETE and not is_damaged(report.file, report.size)


def _without_rows(report: Report) -> Section:
    page = address_of("dashboard:report", report.pk)
    if report.status == Report.Status.COMPLETE:
        reason = f"The file of the report of {report.kind} is damaged. Run the report again."
    else:
        reason = f"The report of {report.kind} is {report.status}. {report.error}".strip()
    return _missing(f"no report of {report.kind}", reason, f"More: {page}")


def _missing(title: str, *lines: str) -> Section:
    return Section(title=title, lines=list(lines))


def _no_target(run: ScheduledRun) -> Section:
    windows = ", ".join(run.schedule.windows)
    line = f"There is no report of targets: none was set in {windows}, or it was deleted."
    return Section(title="no target", lines=[line], is_bad=False)


# Texts.


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _local(instant: str, zone: str) -> str:
    """Return an instant of a report to the minute, with its offset."""
    at = datetime.fromisoformat(instant)
    local = at.astimezone(load_zone(zone)) if is_zone_known(zone) else at
    return local.isoformat(sep=" ", timespec="minutes")


def _one_line(text: str) -> str:
    return text if text.isprintable() else repr(text)

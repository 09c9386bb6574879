"""What the other side of a dispute reads first."""

import shlex
import textwrap

from django.conf import settings

from reports.dispute.excluded import NAME
from reports.models import Columns, Report
from reports.request.parameters import text_of_gap
from reports.stamp.stamps import text_of
from reports.stamp.words import NO_STAMP
from uptime.instants import length_in_microseconds, to_microseconds
from uptime.windows.elapsed import HOUR, MINUTE

_TEXT = """Uptime of {stores} as of {as_of}
from report {report}

This archive lets you compute the numbers yourself, without the database that made them.

    report.txt           the report's rows of these stores, as CSV
    polls.csv            the polls behind them, and those shortly before and after
    business_hours.csv   their weekly hours, in local time; a store without any is always open
    special_days.csv     dates with other hours than the weekly ones, or closed; without reasons
    time_zones.csv       their time zones; a store without one is in America/Chicago
    stores.csv           their names and tags
    exclusions.txt       time that counts neither as uptime nor as downtime, and why
    stamp.json           by what the report was made: parameters, policy, versions, and
                         fingerprints of the data, also of those here
    SHA256SUMS           to check the files: sha256sum -c SHA256SUMS

A file without a row is left out. With Store Monitoring and this archive, or the folder it was
unpacked to, compute the rows and compare them with report.txt byte by byte. exclusions.txt, if
there is one, has to be unpacked:

    {command}

{stamp}

To see how each number came about:

    ./run report PACK --as-of {as_of} --explain STORE{exclusions}

Only report.txt is safe to open with a spreadsheet. In it, an id that a spreadsheet would run as a
formula has an apostrophe before it; the other files have all ids as they are.
"""

_STAMP = (
    "With --stamp FILE it also writes the stamp of what it computed: its data are those of this"
    ' archive if its "data" are what stamp.json has in "pack".'
)


def readme(report: Report, stores: int, *, has_excluded: bool) -> str:
    """Return the text for a pack of so many stores."""
    return _TEXT.format(
        stores="one store" if stores == 1 else f"{stores} stores",
        as_of=_as_of(report),
        report=report.pk,
        exclusions=f" --exclusions {NAME}" if has_excluded else "",
        command=command(report, has_excluded=has_excluded),
        stamp=textwrap.fill(_STAMP if report.stamp else NO_STAMP, 95),
    )


def command(report: Report, *, has_excluded: bool) -> str:
    """Return the command that gives the report's rows; PACK stands for the archive."""
    words = ["./run", "report", "PACK", "--as-of", _as_of(report)]
    words += ["--windows", ",".join(report.windows)]
    words += ["--look-back", str(length_in_microseconds(settings.UPTIME_LOOK_BACK) // HOUR)]
    if has_excluded:
        words += ["--exclusions", NAME]
    if report.max_gap is not None:
        words += ["--max-gap", text_of_gap(report.max_gap)]
    if report.columns == Columns.FULL:
        fresh = length_in_microseconds(settings.UPTIME_FRESH) // MINUTE
        words = [f"UPTIME_FRESH_MINUTES={fresh}", *words, "--columns", "full"]
    return shlex.join(words)


def _as_of(report: Report) -> str:
    return text_of(to_microseconds(report.as_of))

"""A report's rows of chosen stores as an archive that lets the other side compute them again."""

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence

from api.transfer.downloads import opened, reading_storage
from fleet.selection import selected_stores
from reports.build.selectors import load_fleet
from reports.dispute.feeds import feeds_of
from reports.dispute.readme import readme
from reports.dispute.stamp import stamp_of
from reports.models import PollerOutages, Report, ReportKind
from reports.request.kept import check_there
from reports.request.parameters import question_of
from reports.request.unusable import UnusableParameter
from uptime import print_report, summarise
from uptime.explain.explaining import NEIGHBOURS

MOST_STORES = 100
_NAMED = 5
# Archives of the same content have the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)


class DataDiffers(Exception):
    """The data of these stores do not give the report's rows; the text says why."""


def pack_of(report: Report, store_ids: Sequence[str]) -> bytes:
    """Return the archive of a complete report and these stores.

    Raises UnusableParameter for stores that do not exist or too many, DataDiffers, PollsGone, and
    what ``api.transfer.downloads.opened`` raises.
    """
    if report.kind != ReportKind.UPTIME:
        raise DataDiffers(
            f"A pack has the rows of a few stores, and this report is of kind {report.kind}."
            " Request one of kind uptime, and make the pack of that report."
        )
    if report.poller_outages == PollerOutages.UNKNOWN:
        # The outages are found in the polls of all stores, which a pack does not have.
        raise DataDiffers(
            "The report leaves the poller's outages unknown, and nobody can find these in the polls"
            " of a few stores. Request it with poller_outages=fill, and make the pack of that"
            " report."
        )
    wanted = sorted(set(store_ids))
    if not 1 <= len(wanted) <= MOST_STORES:
        raise UnusableParameter("store", f"Choose 1 to {MOST_STORES} stores.")
    if any("\0" in store_id for store_id in wanted):
        raise UnusableParameter("store", "No store id has a NUL character.")
    stores = selected_stores(ids=wanted)
    question = question_of(report)
    fleet = load_fleet(
        start=question.first_poll - NEIGHBOURS, end=question.as_of + NEIGHBOURS, stores=stores
    )
    check_there(question.first_poll)
    if missing := sorted(set(wanted).difference(fleet.store_ids)):
        raise UnusableParameter("store", f"There is no store {missing[0]!r}.")
    rows = b"".join(print_report(fleet.store_ids, summarise(fleet, question)))
    _check(report, rows)
    files = {
        "README.txt": readme(report, len(wanted)).encode(),
        "report.txt": rows,
        "stamp.json": f"{json.dumps(stamp_of(report), indent=2)}\n".encode(),
        **feeds_of(fleet, stores),
    }
    return _archive({**files, "SHA256SUMS": _sums(files)})


def _check(report: Report, rows: bytes) -> None:
    """Raise DataDiffers unless the report's file has each of the rows."""
    left = set(rows.splitlines())
    with opened(report.file, size=report.size) as file, reading_storage():
        left.difference_update(line.rstrip(b"\n") for line in file)
    if left:
        named = ", ".join(sorted(line.decode().split(",")[0] for line in left)[:_NAMED])
        raise DataDiffers(
            f"The data, settings or rules have changed since the report: of the chosen stores,"
            f" {len(left)} no longer have the numbers in it ({named}). Request it again as of the"
            " same instant, and make the pack of that report."
        )


def _sums(files: dict[str, bytes]) -> bytes:
    """Return the hashes in the form that ``sha256sum -c`` reads."""
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode()


def _archive(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(files):
            about = zipfile.ZipInfo(name, date_time=_DATE)
            about.create_system = 3
            about.external_attr = 0o644 << 16
            archive.writestr(about, files[name], zipfile.ZIP_DEFLATED, compresslevel=6)
    return target.getvalue()

"""A report's rows of chosen stores as an archive that lets the other side compute them again."""

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence

from api.transfer.downloads import opened, reading_storage
from fleet.selection import selected_stores
from reports.build.selectors import load_fleet
from reports.dispute.excluded import excluded_of
from reports.dispute.feeds import feeds_of
from reports.dispute.readme import readme
from reports.models import PollerOutages, Report, ReportKind
from reports.request.kept import check_there
from reports.request.parameters import question_of
from reports.request.unusable import UnusableParameter
from reports.stamp.digests import data_read
from uptime import Fleet, Question, print_report, summarise
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
    excluded = excluded_of(question, stores)
    files = {
        "README.txt": readme(report, len(wanted), has_excluded=bool(excluded)).encode(),
        "report.txt": rows,
        "stamp.json": _stamp(report, fleet, question),
        **feeds_of(fleet, stores),
        **excluded,
    }
    return _archive({**files, "SHA256SUMS": _sums(files)})


def _stamp(report: Report, fleet: Fleet, question: Question) -> bytes:
    """Return the stamp of the whole report, and the fingerprint of the data in the pack."""
    told = {
        "report": str(report.pk),
        "sha256": report.sha256,
        "stamp": report.stamp,
        "pack": {"data": data_read(fleet, question)},
    }
    return f"{json.dumps(told, indent=2, sort_keys=True)}\n".encode()


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

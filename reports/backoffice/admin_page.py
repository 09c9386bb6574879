"""The admin page of one report: what it shows besides the fields."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from api.transfer.downloads import is_damaged
from ingestion.backoffice.previews import Preview, first_rows
from jobs.models import UNFINISHED
from reports.exports.formats import CSV, FORMATS
from reports.models import Report, Shard

ROWS_SHOWN = 10
SHARDS_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class Download:
    """A format that the report can be downloaded in."""

    name: str
    address: str


def shown_with(report: Report) -> dict[str, Any]:
    """Return preview, downloads, shards, and whether the page reloads."""
    complete = report.status == Report.Status.COMPLETE
    damaged = complete and is_damaged(report.file, report.size)
    shards = list(report.shards.all()[:SHARDS_SHOWN])
    return {
        "refresh": report.status in UNFINISHED,
        "preview": _preview(report, damaged=damaged) if complete else None,
        "downloads": downloads(report) if complete and not damaged else [],
        "shards": shards,
        "shard_counts": sorted(_counted(shards).items()),
    }


def _preview(report: Report, *, damaged: bool) -> Preview:
    if damaged:
        fault = f"The file is damaged: it should have {report.size:,} bytes but does not."
        return Preview(header=[], rows=[], fault=f"{fault} Run the report again.")
    return first_rows(report.file, ROWS_SHOWN)


def downloads(report: Report) -> list[Download]:
    """Return every format of a complete report, the CSV first."""
    others = [form for form in FORMATS.values() if form is not CSV]
    csv = Download(name="CSV", address=reverse("report-download", args=[report.pk]))
    return [
        csv,
        *(
            Download(
                name=form.suffix.upper(),
                address=reverse("report-download-as", args=[report.pk, form.suffix]),
            )
            for form in others
        ),
    ]


def stores_text(stores: Mapping[str, Any] | None) -> str:
    """Return the stores of a canonical selection in a few words."""
    said = stores or {}
    parts = [f"tag {said['tag']}"] if "tag" in said else []
    parts += [f"zone {said['time_zone']}"] if "time_zone" in said else []
    if "ids" in said:
        ids = said["ids"]
        parts.append(ids[0] if len(ids) == 1 else f"{len(ids):,} given stores")
    return " and ".join(parts) or "all stores"


def _counted(shards: list[Shard]) -> Counter[str]:
    return Counter(str(shard.status) for shard in shards)

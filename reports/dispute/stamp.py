"""By what a report was made: its parameters, the policy, and the versions of what computes it."""

from typing import Any

from django.conf import settings

from reports.models import Report
from reports.request.parameters import CORE, TZDATA, fingerprint, parameters_of
from uptime.instants import from_microseconds, length_in_microseconds, to_microseconds
from uptime.open_time.zones import DEFAULT_TIME_ZONE


def stamp_of(report: Report) -> dict[str, Any]:
    """Return the stamp of a complete report, ready for JSON; lengths are microseconds."""
    gap = report.max_gap
    return {
        "report": str(report.pk),
        "as_of": said(report),
        "windows": list(report.windows),
        "columns": report.columns,
        "stores": report.stores,
        "row_count": report.row_count,
        "sha256": report.sha256,
        "data_version": report.data_version,
        "policy": {
            "filling": "nearest",
            "max_gap_us": None if gap is None else length_in_microseconds(gap),
            "look_back_us": length_in_microseconds(settings.UPTIME_LOOK_BACK),
            "fresh_us": length_in_microseconds(settings.UPTIME_FRESH),
            "store_without_business_hours": "always open",
            "weekday_without_business_hours": "closed",
            "store_without_time_zone": DEFAULT_TIME_ZONE,
        },
        "tzdata": TZDATA,
        "core_sha256": CORE,
        # Whether policy and versions are those with which the report was made, or newer ones.
        "is_as_when_made": fingerprint(parameters_of(report)) == report.fingerprint,
    }


def said(report: Report) -> str:
    """Return as of in RFC 3339, to the microsecond."""
    moment = from_microseconds(to_microseconds(report.as_of))
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"

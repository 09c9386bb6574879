"""A report in words."""

from reports.backoffice.admin_page import stores_text
from reports.backoffice.parameter_form import KIND_LABELS
from reports.models import Columns, PollerOutages, Report, ReportKind
from reports.request.parameters import text_of_gap

_WINDOWS = {"1h": "last hour", "24h": "last day", "7d": "last week"}


def differences(before: Report, after: Report) -> list[str]:
    """Return in words what two reports were asked differently, besides the as of."""
    pairs = {
        "windows": (_windows(before), _windows(after)),
        "stores": (stores_text(before.stores), stores_text(after.stores)),
        "longest gap": (_gap(before), _gap(after)),
        "time in which nobody polled": (before.poller_outages, after.poller_outages),
    }
    asked = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    if before.stores != after.stores:
        asked["stores"] = pairs["stores"]
    return [f"{name}: {old} before, {new} here" for name, (old, new) in asked.items()]


def described(report: Report) -> str:
    """Return windows, stores, kind, columns and longest gap of a report."""
    parts = [_windows(report), stores_text(report.stores)]
    if report.kind != ReportKind.UPTIME:
        parts.append(KIND_LABELS[ReportKind(report.kind)])
    if report.columns == Columns.FULL:
        parts.append("with coverage and bounds")
    if report.max_gap:
        parts.append(f"nothing further than {text_of_gap(report.max_gap)} from a poll")
    if report.poller_outages == PollerOutages.UNKNOWN:
        parts.append("unknown where nobody polled")
    return "; ".join(parts)


def _windows(report: Report) -> str:
    return ", ".join(_WINDOWS.get(text, text) for text in report.windows)


def _gap(report: Report) -> str:
    return text_of_gap(report.max_gap) if report.max_gap else "no limit"

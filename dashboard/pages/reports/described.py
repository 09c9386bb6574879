"""A report in words."""

from reports.backoffice.admin_page import stores_text
from reports.models import Columns, Report
from reports.request.parameters import text_of_gap

_WINDOWS = {"1h": "last hour", "24h": "last day", "7d": "last week"}


def described(report: Report) -> str:
    """Return windows, stores, columns and longest gap of a report."""
    windows = ", ".join(_WINDOWS.get(text, text) for text in report.windows)
    parts = [windows, stores_text(report.stores)]
    if report.columns == Columns.FULL:
        parts.append("with coverage and bounds")
    if report.max_gap:
        parts.append(f"nothing further than {text_of_gap(report.max_gap)} from a poll")
    return "; ".join(parts)

"""The content of messages: small, since receivers can ask the API for more with a token."""

import json
from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework.fields import DateTimeField

from reports.models import Report
from webhooks.models import Delivery


def body_of(delivery: Delivery) -> bytes:
    """Return the JSON to post; every attempt of a delivery posts the same bytes."""
    happened_at = delivery.report.finished_at if delivery.report else delivery.created_at
    message = {
        "type": delivery.event,
        "timestamp": _instant(happened_at),
        "data": _report(delivery.report) if delivery.report else _ping(delivery),
    }
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()


def _report(report: Report) -> dict[str, Any]:
    complete = report.status == Report.Status.COMPLETE
    return {
        "id": str(report.pk),
        "status": report.status,
        "kind": report.kind,
        "as_of": _instant(report.as_of),
        "requested_by": report.requested_by,
        "finished_at": _instant(report.finished_at),
        "error": report.error,
        "row_count": report.row_count,
        "size": report.size,
        "sha256": report.sha256,
        "url": _address("report", report),
        "download": _address("report-download", report) if complete else None,
    }


def _ping(delivery: Delivery) -> dict[str, Any]:
    return {"webhook": {"id": delivery.webhook_id, "name": delivery.webhook.name}}


def _address(name: str, report: Report) -> str:
    """Return an absolute URL, or only its path if SITE_URL is not set."""
    return f"{settings.SITE_URL}{reverse(name, kwargs={'report_id': report.pk})}"


def _instant(instant: Any) -> str | None:
    return DateTimeField().to_representation(instant) if instant else None

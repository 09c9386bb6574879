"""Who a request comes from."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rest_framework.request import Request


def sender(request: "Request") -> str:
    """Return who an ingestion or a report was requested by."""
    return f"API from {request.META.get('REMOTE_ADDR') or 'an unknown address'}"

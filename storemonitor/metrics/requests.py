"""Counters of requests: in every process of the web server, added up for each answer.

Under gunicorn each process counts in files that all of them read (``folder``). Elsewhere, such as
in a test, there is one process and nothing to add up.
"""

import os
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

from storemonitor.metrics.folder import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.http import HttpRequest, HttpResponse
    from prometheus_client.core import Metric

_METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

_registry = CollectorRegistry()
_answered = Counter(
    "storemonitor_http_requests",
    "Requests, by the template of their address and the class of their status.",
    ("method", "route", "status"),
    registry=_registry,
)
_took = Histogram(
    "storemonitor_http_request_seconds",
    "From the head of a request to the head of its answer.",
    ("method", "route"),
    buckets=_BUCKETS,
    registry=_registry,
)


class Counted:
    """Middleware that counts requests and measures how long they take."""

    def __init__(self, get_response: "Callable[[HttpRequest], HttpResponse]") -> None:
        self._get_response = get_response

    def __call__(self, request: "HttpRequest") -> "HttpResponse":
        started = time.perf_counter()
        response = self._get_response(request)
        method = request.method if request.method in _METHODS else "other"
        route = _route(request)
        _answered.labels(method, route, f"{response.status_code // 100}xx").inc()
        _took.labels(method, route).observe(time.perf_counter() - started)
        return response


def counted() -> "Iterable[Metric]":
    """Return the metrics of requests, of all processes of this web server."""
    if VARIABLE not in os.environ:
        return _registry.collect()
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together.collect()


def _route(request: "HttpRequest") -> str:
    """Return the address as it is written in ``urls``, which has no names and numbers of things.

    The admin's addresses are one, so that the number of series stays small.
    """
    if request.path_info.startswith(reverse("admin:index")):
        return "/admin/"
    match = request.resolver_match
    if match is None:
        return "/static/" if request.path_info.startswith(settings.STATIC_URL) else "unknown"
    return f"/{match.route}".rstrip("/") or "/"

"""The address that Prometheus reads."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from rest_framework.renderers import BaseRenderer
from rest_framework.views import APIView

from api.negotiation import Negotiation
from storemonitor.metrics.collecting import collected
from storemonitor.metrics.requests import counted

if TYPE_CHECKING:
    from rest_framework.request import Request


class _Text(BaseRenderer):
    """Prometheus' own format; the encoder writes it."""

    media_type = "text/plain"
    format = "text"


class _OpenMetrics(_Text):
    """The format that became a standard."""

    media_type = "application/openmetrics-text"
    format = "openmetrics"


class _Everything(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from collected()
        yield from counted()


class MetricsView(APIView):
    """The state of the installation as metrics, without names of stores; needs ``read``."""

    renderer_classes = [_Text, _OpenMetrics]
    content_negotiation_class = Negotiation

    @extend_schema(
        summary="Read the metrics of the installation",
        description="For Prometheus; docs/monitoring.md has the metrics, a dashboard and alerts."
        " Everything is read when this is asked, within five seconds: a part that cannot be read"
        " is missing and has `storemonitor_collector_up` 0.",
        operation_id="metrics",
        tags=["Service"],
        responses={(200, one.media_type): OpenApiTypes.STR for one in renderer_classes},
    )
    def get(self, request: "Request", *_: Any) -> HttpResponse:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        text = encode(_Everything())
        return HttpResponse(text, content_type=content_type, headers={"Cache-Control": "no-store"})

    def options(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002 - the framework's names
        """Return the methods in ``Allow``; the schema has everything else."""
        return HttpResponse(status=204)

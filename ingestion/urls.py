"""Addresses of ingestions."""

from ingestion.routing import either
from ingestion.views import IngestionViewSet

urlpatterns = either(
    "api/v1/ingestions/<int:ingestion_id>/rejects/",
    IngestionViewSet.as_view({"get": "rejects"}),
    "ingestion-rejects",
)

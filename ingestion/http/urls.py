"""URLs of polls and ingestions."""

from api.routing import either
from ingestion.http.views import IngestionViewSet, PollViewSet

urlpatterns = [
    *either("api/v1/polls/", PollViewSet.as_view({"post": "create"}), "polls"),
    *either(
        "api/v1/ingestions/",
        IngestionViewSet.as_view({"get": "list", "post": "create"}),
        "ingestions",
    ),
    *either(
        "api/v1/ingestions/<int:ingestion_id>/",
        IngestionViewSet.as_view({"get": "retrieve"}),
        "ingestion",
    ),
    *either(
        "api/v1/ingestions/<int:ingestion_id>/rejects/",
        IngestionViewSet.as_view({"get": "rejects"}),
        "ingestion-rejects",
    ),
]

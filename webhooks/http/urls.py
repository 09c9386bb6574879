"""URLs of webhooks."""

from api.routing import either
from webhooks.http.views import DeliveryViewSet, WebhookViewSet

_WEBHOOK = "api/v1/webhooks/<int:webhook_id>/"
_DELIVERY = f"{_WEBHOOK}deliveries/<uuid:delivery_id>/"

urlpatterns = [
    *either(
        "api/v1/webhooks/", WebhookViewSet.as_view({"get": "list", "post": "create"}), "webhooks"
    ),
    *either(
        _WEBHOOK,
        WebhookViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        "webhook",
    ),
    *either(f"{_WEBHOOK}rotate/", WebhookViewSet.as_view({"post": "rotate"}), "webhook-rotate"),
    *either(f"{_WEBHOOK}test/", WebhookViewSet.as_view({"post": "test"}), "webhook-test"),
    *either(f"{_WEBHOOK}deliveries/", DeliveryViewSet.as_view({"get": "list"}), "deliveries"),
    *either(_DELIVERY, DeliveryViewSet.as_view({"get": "retrieve"}), "delivery"),
    *either(f"{_DELIVERY}retry/", DeliveryViewSet.as_view({"post": "retry"}), "delivery-retry"),
]

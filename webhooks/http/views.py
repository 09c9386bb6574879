"""Webhooks and their deliveries over HTTP."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import transaction
from django.http import Http404
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.pagination import NewestFirst
from api.senders import sender
from api.serializers import PageQuery
from api.views import Endpoints
from webhooks import deliveries, services, tasks
from webhooks.http import schema
from webhooks.http.problems import DeliveryInProgress
from webhooks.http.serializers import (
    DeliverySerializer,
    WebhookInput,
    WebhookSerializer,
    WebhookWithSecretSerializer,
)
from webhooks.models import Delivery, Webhook

if TYPE_CHECKING:
    from rest_framework.request import Request

RETRY_AFTER = "1"


class WebhookViewSet(Endpoints[Webhook]):
    """Webhooks. A URL may contain its owner's password, so even reading needs `admin`."""

    queryset = Webhook.objects.order_by("-id")
    tag = "Webhooks"
    missing = schema.NO_WEBHOOK
    serializer_class = WebhookSerializer
    pagination_class = NewestFirst
    queries = {"list": PageQuery}
    scopes: ClassVar[dict[str, str]] = {"list": "admin", "retrieve": "admin"}

    @schema.webhooks_list
    def list(self, request: "Request") -> Response:
        """Return one page of webhooks, newest first."""
        return self.page(self.get_queryset())

    @schema.webhooks_create
    def create(self, request: "Request") -> Response:
        """Create a webhook; only this answer contains its secret."""
        body = WebhookInput(data=request.data)
        body.is_valid(raise_exception=True)
        webhook, secret = services.create_webhook(created_by=sender(request), **body.validated_data)
        address = reverse("webhook", kwargs={"webhook_id": webhook.pk}, request=request)
        return Response(_with_secret(webhook, secret), 201, headers={"Location": address})

    @schema.webhooks_retrieve
    def retrieve(self, request: "Request", webhook_id: int) -> Response:
        """Return one webhook."""
        return Response(self.get_serializer(self._webhook(webhook_id)).data)

    @schema.webhooks_update
    def partial_update(self, request: "Request", webhook_id: int) -> Response:
        """Change the given fields."""
        body = WebhookInput(data=request.data, partial=True)
        webhook = self._webhook(webhook_id)
        body.is_valid(raise_exception=True)
        with transaction.atomic():
            webhook = services.change_webhook(self._locked(webhook_id), **body.validated_data)
        return Response(self.get_serializer(webhook).data)

    @schema.webhooks_delete
    def destroy(self, request: "Request", webhook_id: int) -> Response:
        """Delete a webhook with its deliveries."""
        services.delete_webhook(self._webhook(webhook_id))
        return Response(status=204)

    @schema.webhooks_rotate
    def rotate(self, request: "Request", webhook_id: int) -> Response:
        """Create a new secret; for a day messages carry the old signature as well."""
        with transaction.atomic():
            webhook = self._locked(webhook_id)
            secret = services.rotate_secret(webhook)
        return Response(_with_secret(webhook, secret))

    @schema.webhooks_test
    def test(self, request: "Request", webhook_id: int) -> Response:
        """Send a ping, once."""
        with transaction.atomic():
            ping = services.create_ping(self._locked(webhook_id))
            transaction.on_commit(lambda: tasks.enqueue(ping))
        return _accepted(request, ping)

    def _webhook(self, webhook_id: int) -> Webhook:
        return self.found(Webhook.objects.all(), pk=webhook_id)

    def _locked(self, webhook_id: int) -> Webhook:
        """Return a webhook, locked to the end of this transaction."""
        return self.found(Webhook.objects.select_for_update(no_key=True), pk=webhook_id)


class DeliveryViewSet(Endpoints[Delivery]):
    """The past and future messages of a webhook."""

    queryset = Delivery.objects.order_by("-created_at", "-id")
    tag = "Webhooks"
    missing = "There is no such delivery of this webhook."
    serializer_class = DeliverySerializer
    queries = {"list": PageQuery}
    scopes: ClassVar[dict[str, str]] = {"list": "admin", "retrieve": "admin"}

    class pagination_class(NewestFirst):  # noqa: N801 - DRF's name
        """Deliveries have no increasing number, so they are ordered by creation."""

        ordering = ("-created_at", "-id")

    @schema.deliveries_list
    def list(self, request: "Request", webhook_id: int) -> Response:
        """Return one page of the deliveries of a webhook, newest first."""
        if not Webhook.objects.filter(pk=webhook_id).exists():
            raise Http404(schema.NO_WEBHOOK)
        return self.page(self.get_queryset().filter(webhook=webhook_id))

    @schema.deliveries_retrieve
    def retrieve(self, request: "Request", webhook_id: int, delivery_id: Any) -> Response:
        """Return one delivery."""
        return Response(DeliverySerializer(self._delivery(webhook_id, delivery_id)).data)

    @schema.deliveries_retry
    def retry(self, request: "Request", webhook_id: int, delivery_id: Any) -> Response:
        """Send a delivery again now, whatever its outcome."""
        delivery = self._delivery(webhook_id, delivery_id)
        try:
            with transaction.atomic():
                deliveries.send_again(delivery)
                transaction.on_commit(lambda: tasks.enqueue(delivery))
        except deliveries.InProgress as error:
            raise DeliveryInProgress from error
        delivery.refresh_from_db()
        return _accepted(request, delivery)

    def _delivery(self, webhook_id: int, delivery_id: Any) -> Delivery:
        return self.found(Delivery.objects.all(), pk=delivery_id, webhook__pk=webhook_id)


def _with_secret(webhook: Webhook, secret: str) -> dict[str, Any]:
    # An attribute of this object only: it is not stored.
    webhook.secret = secret  # type: ignore[attr-defined]
    return dict(WebhookWithSecretSerializer(webhook).data)


def _accepted(request: "Request", delivery: Delivery) -> Response:
    names = {"webhook_id": delivery.webhook_id, "delivery_id": delivery.pk}
    address = reverse("delivery", kwargs=names, request=request)
    headers = {"Location": address, "Retry-After": RETRY_AFTER}
    return Response(DeliverySerializer(delivery).data, 202, headers=headers)

"""OpenAPI descriptions of the webhook views, kept apart from them."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import NotFound, ValidationError

from api.schema import error_response, example
from webhooks.http.problems import DeliveryInProgress
from webhooks.http.serializers import (
    DeliverySerializer,
    WebhookInput,
    WebhookSerializer,
    WebhookWithSecretSerializer,
)

NO_WEBHOOK = "There is no such webhook."
_DELIVERY_ID = "1b0fa5d2-6a3e-4f0e-9d3c-2f8f0c1f7a11"
_WEBHOOK = {
    "id": 1,
    "name": "BI",
    "url": "https://bi.example.com/hooks/reports",
    "events": ["report.complete", "report.failed"],
    "active": True,
    "inactive_because": "",
    "created_at": "2024-03-13T18:00:00Z",
    "created_by": "token deploy (9f86d081884c)",
    "previous_until": None,
}
_WITH_SECRET = {
    **_WEBHOOK,
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=",  # an example # nosec B105
}
_DELIVERY = {
    "id": _DELIVERY_ID,
    "event": "report.complete",
    "report": "1c0b0ee5-8dd6-4dbb-9bb4-6a0b0b5f6f3e",
    "status": "Pending",
    "attempts": 1,
    "attempts_allowed": 8,
    "next_attempt_at": "2024-03-13T18:00:12Z",
    "created_at": "2024-03-13T18:00:00Z",
    "started_at": "2024-03-13T18:00:01Z",
    "ended_at": "2024-03-13T18:00:02Z",
    "status_code": 500,
    "error": "It answered 500.",
    "response": "Internal Server Error",
}
_INVALID = error_response(ValidationError, "url: The URL must begin with https:// or http://.")


_SAID = OpenApiExample(
    "Two events",
    value={"name": _WEBHOOK["name"], "url": _WEBHOOK["url"], "events": _WEBHOOK["events"]},
    request_only=True,
)

webhooks_list = extend_schema(
    summary="Webhooks, newest first",
    operation_id="webhooks_list",
    examples=[example("Example", _WEBHOOK)],
)
webhooks_create = extend_schema(
    summary="Create a webhook",
    description="Only the answer to this call contains the secret.",
    operation_id="webhooks_create",
    request=WebhookInput,
    responses={201: WebhookWithSecretSerializer, **_INVALID},
    examples=[_SAID, example("Example", _WITH_SECRET, 201)],
)
webhooks_retrieve = extend_schema(
    summary="One webhook",
    operation_id="webhooks_retrieve",
    examples=[example("Example", _WEBHOOK)],
)
webhooks_update = extend_schema(
    summary="Change a webhook",
    operation_id="webhooks_update",
    request=WebhookInput,
    responses={200: WebhookSerializer, **_INVALID},
    examples=[example("Example", _WEBHOOK)],
)
webhooks_delete = extend_schema(
    summary="Delete a webhook with its deliveries",
    operation_id="webhooks_delete",
)
webhooks_rotate = extend_schema(
    summary="Create a new secret",
    description="For a day messages carry the signatures of both secrets.",
    operation_id="webhooks_rotate",
    request=None,
    responses={200: WebhookWithSecretSerializer},
    examples=[example("Example", _WITH_SECRET)],
)
webhooks_test = extend_schema(
    summary="Send a ping",
    description="A worker sends it once; the answer's Location has the outcome.",
    operation_id="webhooks_test",
    request=None,
    responses={202: DeliverySerializer},
    examples=[example("Example", {**_DELIVERY, "event": "ping", "report": None}, 202)],
)
deliveries_list = extend_schema(
    summary="The deliveries of a webhook, newest first",
    operation_id="deliveries_list",
    responses={200: DeliverySerializer(many=True), **error_response(NotFound, NO_WEBHOOK)},
    examples=[example("Example", _DELIVERY)],
)
deliveries_retrieve = extend_schema(
    summary="One delivery",
    operation_id="deliveries_retrieve",
    examples=[example("Example", _DELIVERY)],
)
deliveries_retry = extend_schema(
    summary="Send a message again",
    description="Now, with the same `webhook-id`, whatever its outcome.",
    operation_id="deliveries_retry",
    request=None,
    responses={
        202: DeliverySerializer,
        **error_response(DeliveryInProgress),
    },
    examples=[example("Example", _DELIVERY, 202)],
)

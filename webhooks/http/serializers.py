"""Webhooks and deliveries in requests and answers."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.errors.problems import UNUSABLE
from api.serializers import StrictSerializer
from webhooks.models import REPORT_EVENTS, Delivery, Webhook
from webhooks.sending.addresses import Refused, check_url

_FLAGS = dict(zip(REPORT_EVENTS, ("on_complete", "on_failed", "on_cancelled"), strict=True))


@extend_schema_field({"type": "string", "maxLength": 2000, "pattern": "^https?://[!-~]+$"})
class AddressField(serializers.CharField):
    """The URL that messages are posted to."""


class WebhookInput(StrictSerializer):
    """The editable fields of a webhook."""

    name = serializers.CharField(max_length=100)
    url = AddressField(max_length=2000, help_text="Where messages are posted.")
    events = serializers.MultipleChoiceField(
        choices=[event.value for event in REPORT_EVENTS],
        allow_empty=False,
        required=False,
        help_text="By default `report.complete` and `report.failed`.",
    )
    active = serializers.BooleanField(required=False, help_text="By default true.")

    def validate_url(self, url: str) -> str:
        """Refuse a URL that no message can or may be sent to."""
        try:
            check_url(url)
        except Refused as error:
            raise serializers.ValidationError(str(error), code=UNUSABLE) from error
        return url

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the values under the model's names."""
        values = dict(attrs)
        events = values.pop("events", None)
        if events is not None:
            values.update({flag: event in events for event, flag in _FLAGS.items()})
        return values


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """A webhook as a resource, without its secret."""

    events = serializers.ListField(child=serializers.ChoiceField(REPORT_EVENTS), read_only=True)

    class Meta:
        model = Webhook
        fields = [
            "id",
            "name",
            "url",
            "events",
            "active",
            "inactive_because",
            "created_at",
            "created_by",
            "previous_until",
        ]
        read_only_fields = fields


class WebhookWithSecretSerializer(WebhookSerializer):
    """A webhook just created, or whose secret was just rotated."""

    secret = serializers.CharField(help_text="Shown only once.")

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """A delivery as a resource."""

    class Meta:
        model = Delivery
        fields = [
            "id",
            "event",
            "report",
            "status",
            "attempts",
            "attempts_allowed",
            "next_attempt_at",
            "created_at",
            "started_at",
            "ended_at",
            "status_code",
            "error",
            "response",
        ]
        read_only_fields = fields

"""Creating, changing, testing and deleting webhooks, and rotating their secrets."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from jobs import clock
from webhooks import deliveries
from webhooks.models import Delivery, Event, Webhook
from webhooks.sending import signing

# After a rotation messages carry the old signature too, so that receivers have time to follow.
OVERLAP = timedelta(days=1)
# Changes to these apply from now on and not to the past.
_WATCHING = frozenset({"active", "on_complete", "on_failed", "on_cancelled"})


def create_webhook(*, created_by: str, **values: Any) -> tuple[Webhook, str]:
    """Create a webhook and return it with its secret, which is shown only once."""
    webhook = Webhook(created_by=created_by, **values)
    secret = prepare(webhook)
    webhook.save()
    return webhook, secret


def prepare(webhook: Webhook) -> str:
    """Set the fields of a new webhook that users do not choose; return its secret."""
    now = clock.now()
    webhook.created_at = webhook.watching_since = webhook.watched_to = now
    _set_seed(webhook)
    return signing.secret_of(webhook.secret_seed)


def change_webhook(webhook: Webhook, **values: Any) -> Webhook:
    """Write the values that differ from the row, and return it.

    Concurrent changes follow one another; each starts from the result of the one before. A webhook
    that is switched on or gets other events applies them from now on; deliveries for reports that
    ended before are recorded first under the old choice.
    """
    with transaction.atomic():
        current = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
        changed = {name: value for name, value in values.items() if getattr(current, name) != value}
        if changed.keys() & _WATCHING and current.active:
            deliveries.record_ended(current)
        if changed.keys() & _WATCHING:
            changed["watching_since"] = changed["watched_to"] = clock.now()
        if changed.get("active"):
            changed["inactive_because"] = ""
        for name, value in changed.items():
            setattr(current, name, value)
        current.save(update_fields=changed)
    return current


def rotate_secret(webhook: Webhook) -> str:
    """Create a new secret and return it; messages carry the old signature as well for a day."""
    with transaction.atomic():
        # Of two at once the second starts from the first, since both secrets were shown.
        current = Webhook.objects.select_for_update().get(pk=webhook.pk)
        webhook.previous_seed = current.secret_seed
        webhook.previous_until = clock.now() + OVERLAP
        _set_seed(webhook)
        webhook.save(
            update_fields=["secret_seed", "secret_check", "previous_seed", "previous_until"],
        )
    return signing.secret_of(webhook.secret_seed)


def delete_webhook(webhook: Webhook) -> None:
    """Delete a webhook with its deliveries; none can be recorded meanwhile."""
    with transaction.atomic():
        Webhook.objects.select_for_update().filter(pk=webhook.pk).first()
        webhook.delete()


def create_ping(webhook: Webhook) -> Delivery:
    """Create an empty message to test the receiver."""
    now = clock.now()
    return Delivery.objects.create(
        webhook=webhook,
        event=Event.PING,
        attempts_allowed=1,
        created_at=now,
        next_attempt_at=now,
    )


def _set_seed(webhook: Webhook) -> None:
    webhook.secret_seed = signing.new_seed()
    webhook.secret_check = signing.check_value(webhook.secret_seed)

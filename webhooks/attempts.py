"""One attempt of a delivery: sign, post, judge the answer."""

from dataclasses import dataclass
from datetime import timedelta

from jobs import clock
from webhooks.models import MAX_RESPONSE_CHARACTERS, Delivery
from webhooks.sending import payload, posting, signing

GONE = 410


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The outcome of an attempt; ``error`` is empty if the message was accepted."""

    error: str = ""
    status_code: int | None = None
    response: str = ""  # The beginning of the answer's body.
    retry_after: timedelta | None = None
    final: bool = False  # Another attempt would not help.
    gone: bool = False  # The receiver wants no more messages.

    @property
    def delivered(self) -> bool:
        """Whether the receiver accepted the message."""
        return not self.error


def attempt(delivery: Delivery) -> Outcome:
    """Post the message of a claimed delivery. Not for use in a transaction: it may take long."""
    webhook = delivery.webhook
    if not webhook.active:
        return Outcome(error="The webhook is switched off.", final=True)
    body = payload.body_of(delivery)
    try:
        answer = posting.post(webhook.url, body, _headers(delivery, body))
    except (posting.NotSent, signing.WrongKey) as error:
        return Outcome(error=str(error))
    return _judged(answer)


def _headers(delivery: Delivery, body: bytes) -> dict[str, str]:
    message_id, timestamp = str(delivery.pk), int(clock.now().timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": "store-monitoring",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            signing.signature(seed, message_id, timestamp, body) for seed in _seeds(delivery)
        ),
    }


def _seeds(delivery: Delivery) -> list[str]:
    """Return the seeds to sign with; after a rotation the old one as well, for a while."""
    webhook = delivery.webhook
    if signing.check_value(webhook.secret_seed) != webhook.secret_check:
        raise signing.WrongKey
    if webhook.previous_until and clock.now() < webhook.previous_until:
        return [webhook.secret_seed, webhook.previous_seed]
    return [webhook.secret_seed]


def _judged(answer: posting.Answer) -> Outcome:
    return Outcome(
        error=_error(answer.status),
        status_code=answer.status,
        response=answer.text[:MAX_RESPONSE_CHARACTERS],
        retry_after=answer.retry_after,
        final=answer.status == GONE,
        gone=answer.status == GONE,
    )


def _error(status: int) -> str:
    if 200 <= status <= 299:
        return ""
    if 300 <= status <= 399:
        return f"It answered {status}; redirects are not followed, so use the final URL."
    if status == GONE:
        return "It answered 410 Gone: it wants no more messages."
    return f"It answered {status}."

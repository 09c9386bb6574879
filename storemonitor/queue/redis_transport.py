"""Redis as the queue, which may hang or go away at any moment and comes back.

kombu's transport counts a message as taken until Redis has confirmed that it is done. If Redis
hangs just then, the confirmation is lost and the count stays: a worker with as many lost ones as
processes takes nothing any more, though it looks alive. And redis-py tries four times, for six
seconds, before it says that nothing listens.
"""

from typing import Any

from kombu.transport import redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Refused
from redis.exceptions import RedisError
from redis.retry import Retry


class QoS(redis.QoS):
    """The messages that a worker has taken."""

    def ack(self, delivery_tag: str) -> None:
        """Confirm a message; whatever Redis answers, the worker may take another.

        Redis delivers an unconfirmed message again after an hour, and the database's row decides.
        """
        try:
            super().ack(delivery_tag)  # type: ignore[no-untyped-call]
        except RedisError:
            self._quick_ack(delivery_tag)
            raise

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Do the same for a message that is refused."""
        try:
            super().reject(delivery_tag, requeue=requeue)  # type: ignore[no-untyped-call]
        except RedisError:
            self._quick_ack(delivery_tag)
            raise


class Channel(redis.Channel):
    """Commands whose senders are told within seconds that they failed.

    Only a sender's closed connection is opened once more, since an idle one may have been cut. In a
    worker's event loop that would be worse than the error: it would wait in there for a message,
    and no other connection would be read any more.
    """

    QoS = QoS

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        parameters: dict[str, Any] = super()._connparams(asynchronous=asynchronous)  # type: ignore[no-untyped-call]
        again = 0 if asynchronous else 1
        return {**parameters, "retry": Retry(NoBackoff(), again, supported_errors=(Refused,))}


class Transport(redis.Transport):
    """kombu's Redis transport with these channels."""

    Channel = Channel

"""The number of messages waiting in the queues, read from the broker's storage."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import redis
from django.conf import settings

# A page must not wait for a broker that hangs.
TIMEOUT_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class QueueDepth:
    """The number of messages not yet taken by a worker; None, with the reason, if unknown."""

    waiting: int | None
    reason: str = ""


def queue_depth(*queues: str) -> QueueDepth:
    """Return how many messages wait in the given queues, by default in all."""
    names = queues or tuple(settings.CELERY_TASK_QUEUES)
    scheme, _, _ = settings.CELERY_BROKER_URL.partition(":")
    if scheme == "filesystem":
        return _in_folder(names)
    if scheme in {"redis", "rediss"}:
        return _in_redis(names)
    return QueueDepth(waiting=None, reason=f"a broker of type {scheme} cannot be queried")


def _in_folder(queues: tuple[str, ...]) -> QueueDepth:
    folder = Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"]))
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError as error:
        return QueueDepth(waiting=None, reason=f"{folder} cannot be read: {error.strerror}")
    ends = tuple(f".{queue}.msg" for queue in queues)
    return QueueDepth(waiting=sum(name.endswith(ends) for name in names))


def _in_redis(queues: tuple[str, ...]) -> QueueDepth:
    try:
        with redis.Redis.from_url(
            settings.CELERY_BROKER_URL,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
        ) as client:
            lengths = [cast("int", client.llen(queue)) for queue in queues]
    except (redis.RedisError, ValueError) as error:
        return QueueDepth(waiting=None, reason=f"Redis cannot be queried ({type(error).__name__})")
    return QueueDepth(waiting=sum(lengths))

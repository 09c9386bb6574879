"""The broker of the measured worker: Redis where one is free, else a folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from bench.measure import say

DEFAULT_REDIS = "redis://127.0.0.1:6379/14"
FOLDER = "filesystem://"
# What Celery leaves behind in Redis.
_LEFTOVERS = ("_kombu.*", "celery*", "unacked*")


@contextmanager
def broker() -> Iterator[str]:
    """Yield the URL of TEST_REDIS_URL's database if nobody uses it, emptied afterwards.

    Two on one database would take each other's tasks. TEST_REDIS_URL="" asks for the folder.
    """
    url = os.environ.get("TEST_REDIS_URL", DEFAULT_REDIS)
    if not url or not _is_free(url):
        yield FOLDER
        return
    try:
        yield url
    finally:
        with redis.Redis.from_url(url) as client:
            for pattern in _LEFTOVERS:
                for key in client.scan_iter(pattern):
                    client.delete(key)


def _is_free(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as client:
            keys = client.dbsize()
    except redis.RedisError as error:
        say(f"SKIPPED: Redis at {url}; it cannot be reached: {error}")
        return False
    if keys:
        say(f"SKIPPED: Redis at {url}; it holds {keys} keys. Name a free one in TEST_REDIS_URL.")
    return not keys

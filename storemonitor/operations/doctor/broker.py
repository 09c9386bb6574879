"""The queue: reachable, durable, and readable."""

import json
import os
import shlex
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import redis
from django.conf import settings

from storemonitor.operations.attention import LONG_QUEUE
from storemonitor.operations.doctor.examination import one_line
from storemonitor.operations.doctor.findings import Finding, counted, fail, fine, named, warn
from storemonitor.operations.queue_depth import queue_depth
from storemonitor.queue.folder import KEPT_SECONDS
from storemonitor.queue.transport import UNFINISHED

_TIMEOUT_SECONDS = 3
_LEAST_REDIS = 6
_FULL = 0.9
_MANY = 20  # Waiting messages that are read.


def reachable() -> Iterator[Finding]:
    """Ask the broker whether it takes messages and keeps them."""
    scheme = settings.CELERY_BROKER_URL.partition(":")[0]
    if scheme == "filesystem":
        yield from _of_folder()
    elif scheme in {"redis", "rediss"}:
        yield from _of_redis()
    else:
        text = f"a broker of type {scheme} is not supported"
        yield fail(text, "set CELERY_BROKER_URL to redis://host:6379/0, or leave it empty")


def queue() -> Iterator[Finding]:
    """Judge the length of the queue."""
    depth = queue_depth()
    if depth.waiting is None:
        yield fail(f"its length is unknown: {depth.reason}", "see the check of the broker")
    elif depth.waiting > LONG_QUEUE:
        text = f"{depth.waiting:,} messages are waiting: more arrives than workers process"
        yield warn(text, "start more workers, or raise CELERY_WORKER_CONCURRENCY")
    else:
        yield fine(f"{counted(depth.waiting, 'message')} waiting")


# Redis ---------------------------------------------------------------------------------------


def _of_redis() -> Iterator[Finding]:
    url = settings.CELERY_BROKER_URL
    place = urlsplit(url)
    server = f"Redis on {place.hostname}:{place.port or 6379}"
    try:
        with redis.Redis.from_url(
            url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS
        ) as client:
            told = cast("dict[str, Any]", client.info())
    except (redis.RedisError, ValueError) as error:
        do = "start Redis, or correct CELERY_BROKER_URL: host, port, password, number"
        yield fail(f"{server} cannot be used: {one_line(error)}", do)
        return
    command = f"redis-cli -h {place.hostname} -p {place.port or 6379}"
    yield from _of_version(told, server)
    yield from _of_memory(told, command)
    yield from _of_durability(told, command)
    yield fine(f"{server}, version {told['redis_version']}")


def _of_version(told: dict[str, Any], server: str) -> Iterator[Finding]:
    if int(str(told["redis_version"]).partition(".")[0]) < _LEAST_REDIS:
        text = f"{server} is version {told['redis_version']}: {_LEAST_REDIS} is needed"
        yield fail(text, "upgrade Redis; the sweep queues again what is lost")
    if told.get("role") == "slave":
        text = f"{server} is a replica: it takes no messages"
        yield fail(text, "set CELERY_BROKER_URL to the primary")


def _of_memory(told: dict[str, Any], command: str) -> Iterator[Finding]:
    policy, used, most = told["maxmemory_policy"], told["used_memory"], told["maxmemory"]
    if policy != "noeviction":
        text = f"maxmemory-policy is {policy}: without memory Redis drops messages silently"
        yield fail(text, f"{command} config set maxmemory-policy noeviction; also in redis.conf")
    if most and used > _FULL * most:
        text = f"{used * 100 // most} % of maxmemory ({most:,} bytes) is used"
        do = f"{command} config set maxmemory {2 * most}; also in redis.conf; or start workers"
        yield fail(f"{text}: new messages are refused", do) if used >= most else warn(text, do)


def _of_durability(told: dict[str, Any], command: str) -> Iterator[Finding]:
    if not told["aof_enabled"]:
        text = "appendonly is no: a restart of Redis loses the queue until the sweep finds its jobs"
        yield warn(text, f"{command} config set appendonly yes; also in redis.conf")
    for name in ("aof_last_write_status", "rdb_last_bgsave_status"):
        if told.get(name, "ok") != "ok":
            text = f"{name} is {told[name]}: Redis cannot write to its disk"
            yield fail(text, "free space on the disk of Redis, and see its log")


# The folder ----------------------------------------------------------------------------------


def _of_folder() -> Iterator[Finding]:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    for name in ("data_folder_in", "processed_folder", "control_folder"):
        yield from _usable(Path(str(options[name])))
    waiting = Path(str(options["data_folder_in"]))
    if waiting.is_dir():
        yield from _messages(waiting)
    yield fine(f"the folder {waiting.parent}")


def _usable(folder: Path) -> Iterator[Finding]:
    if folder.exists() and not folder.is_dir():
        text = f"{folder} is not a folder: no message can be sent"
        yield fail(text, f"rm {shlex.quote(str(folder))}; it is made again when it is needed")
    elif folder.exists() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        do = f"chown -R {os.geteuid()} {shlex.quote(str(folder))}; run everything as one user"
        yield fail(f"{folder} cannot be read and written by this user", do)


def _messages(folder: Path) -> Iterator[Finding]:
    now = time.time()
    unreadable = [path for path in sorted(folder.glob("*.msg"))[:_MANY] if not _is_readable(path)]
    halves = [path for path in folder.glob(f"*{UNFINISHED}") if _is_old(path, now)]
    if unreadable:
        text = f"{counted(len(unreadable), 'message')} cannot be read: {named(_names(unreadable))}"
        yield warn(text, f"rm {_quoted(unreadable)}; the sweep queues its job again")
    if halves:
        text = f"{counted(len(halves), 'message')} half written: {named(_names(halves))}"
        yield warn(text, f"rm {_quoted(halves)}; the sweep queues its job again")


def _is_readable(path: Path) -> bool:
    try:
        return "properties" in json.loads(path.read_bytes())
    except FileNotFoundError:
        return True  # A worker has just taken it.
    except (ValueError, OSError):
        return False


def _is_old(path: Path, now: float) -> bool:
    try:
        return path.stat().st_mtime < now - KEPT_SECONDS
    except FileNotFoundError:
        return False


def _names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def _quoted(paths: list[Path]) -> str:
    return " ".join(shlex.quote(str(path)) for path in paths)

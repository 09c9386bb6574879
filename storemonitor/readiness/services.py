"""The checks of broker and media storage: each really takes what it will be given."""

import os
import socket
import uuid
from datetime import datetime
from pathlib import Path

import redis
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from ingestion.retention import strays
from reports.build.writers import remove_files
from storemonitor.operations.queue_depth import TIMEOUT_SECONDS
from storemonitor.queue.transport import UNFINISHED
from storemonitor.readiness.checks import Check, failed, ok

FOLDER = "readiness"
_KEY = "storemonitor:ready"
_KEPT_SECONDS = 60
_PROBE = b"Can be removed at any time.\n"


def broker_check() -> Check:
    """Check whether the broker takes a message. Raises ``RedisError``, ``ValueError``, OSError."""
    scheme, _, _ = settings.CELERY_BROKER_URL.partition(":")
    if scheme == "filesystem":
        _write_to_queue_folder()
    elif scheme in {"redis", "rediss"}:
        _write_to_redis()
    else:
        reason = f"A broker of type {scheme} cannot be checked."
        return failed("broker", reason, "Use a Redis in CELERY_BROKER_URL.")
    return ok("broker")


def _write_to_queue_folder() -> None:
    folder = Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"]))
    # The transport would create it as well. The suffix has leftovers of killed processes removed.
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{socket.gethostname()}-{os.getpid()}{UNFINISHED}"
    try:
        path.write_bytes(_PROBE)
    finally:
        path.unlink(missing_ok=True)


def _write_to_redis() -> None:
    """Write, because a full Redis, or one whose disk is full, still answers to PING."""
    with redis.Redis.from_url(
        settings.CELERY_BROKER_URL,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
    ) as client:
        client.set(_KEY, _PROBE, ex=_KEPT_SECONDS)


def storage_check() -> Check:
    """Write, read and delete a small file. Raises the errors of ``storage_faults()``."""
    name = default_storage.save(f"{FOLDER}/{uuid.uuid4()}.txt", ContentFile(_PROBE))
    try:
        with default_storage.open(name) as file:
            same = file.read() == _PROBE
    finally:
        default_storage.delete(name)
    if same:
        return ok("storage")
    reason = "A file read from media storage was not what had been written."
    return failed("storage", reason, "Check the disk or the bucket behind MEDIA_ROOT.")


def remove_orphans(before: datetime) -> None:
    """Remove probes that a killed process left behind before an instant."""
    remove_files(strays(FOLDER, set(), before))


def broker_fails(reason: str) -> Check:
    action = "Look at Redis, its memory and its disk, or at the queue folder. CELERY_BROKER_URL?"
    return failed("broker", reason, action)


def storage_fails(reason: str) -> Check:
    action = "Check space and write permission of MEDIA_ROOT, or the bucket MEDIA_S3_BUCKET."
    return failed("storage", reason, action)

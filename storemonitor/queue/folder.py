"""Cleaning of the folder that serves as the queue without a broker."""

import logging
import time
from pathlib import Path

from django.conf import settings

from storemonitor.queue.transport import UNFINISHED

logger = logging.getLogger(__name__)

KEPT_SECONDS = 600.0


def prune(now: float | None = None) -> int:
    """Remove taken messages and half-written ones after a while; return how many.

    Keeping taken messages for a moment makes taking safe; nothing else would remove them.
    """
    if not settings.CELERY_BROKER_URL.startswith("filesystem:"):
        return 0
    limit = (time.time() if now is None else now) - KEPT_SECONDS
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    taken = Path(str(options["processed_folder"])).glob("*")
    unfinished = Path(str(options["data_folder_out"])).glob(f"*{UNFINISHED}")
    return sum(_removed(path, limit) for path in (*taken, *unfinished))


def _removed(path: Path, limit: float) -> bool:
    """Remove a file last written before ``limit``; return whether it was removed."""
    try:
        if path.stat().st_mtime >= limit:
            return False
        path.unlink()
    except OSError as error:
        logger.info("could not remove %s: %s", path, error)
        return False
    return True

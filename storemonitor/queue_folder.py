"""Housekeeping of the folder that serves as the queue where there is no broker."""

import time
from pathlib import Path

from django.conf import settings

KEPT_SECONDS = 600.0


def prune(now: float | None = None) -> int:
    """Remove messages that were taken out of the queue a while ago; return how many.

    Keeping them for a moment is what makes taking safe; nothing else would ever remove them.
    """
    if not settings.CELERY_BROKER_URL.startswith("filesystem:"):
        return 0
    limit = (time.time() if now is None else now) - KEPT_SECONDS
    folder = Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["processed_folder"]))
    old = [path for path in folder.iterdir() if path.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)

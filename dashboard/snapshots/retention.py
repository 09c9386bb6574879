"""Files of snapshots that no row refers to."""

import logging
from datetime import datetime

from dashboard.models import FleetSnapshot
from dashboard.snapshots.files import FOLDER
from ingestion.retention import strays
from reports.build.writers import remove_files

logger = logging.getLogger(__name__)


def remove_orphans(before: datetime) -> None:
    """Remove files from before an instant that a killed worker left behind."""
    names = orphans(before)
    remove_files(names)
    for name in names:
        logger.info("removed %s, which belonged to no snapshot", name)


def orphans(before: datetime) -> list[str]:
    """Return the names of files from before an instant that belong to no snapshot."""
    return strays(FOLDER, set(FleetSnapshot.objects.values_list("file", flat=True)), before)

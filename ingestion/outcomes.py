"""The outcome of a file in words, for the log or the terminal."""

import logging

from ingestion.models import Ingestion

logger = logging.getLogger(__name__)


def describe(record: Ingestion) -> str:
    """Return the record's name and counts in one line."""
    counts = ("read", "new", "changed", "repeated", "superseded", "removed", "rejected")
    numbers = ", ".join(f"{getattr(record, f'rows_{count}')} {count}" for count in counts)
    return f"{record.name} ({record.get_feed_display()}): rows {numbers}"


def describe_removed(record: Ingestion) -> str:
    """Return a sentence about the sample that the record's file replaced."""
    stores = f"{record.sample_stores_removed:,} stores"
    return f"{record.name} replaced the sample ({stores}) and its reports."


def log_outcome(record: Ingestion) -> None:
    """Log the outcome that a command prints, for a file that was sent in another way."""
    if record.status == Ingestion.Status.FAILED:
        logger.warning("could not ingest %s: %s", record.name, record.error)
        return
    logger.info("ingested %s", describe(record))
    if record.sample_stores_removed:
        logger.info("%s", describe_removed(record))

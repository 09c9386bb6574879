"""The sample in the database: its stores are marked, and real data replaces them.

Call inside a transaction, after ``database().serialise()``.
"""

import logging
from collections.abc import Sequence

from django.db import transaction

from feeds.errors import UnusableFile
from fleet.editing import delete_rows
from fleet.models import Store, Tag
from fleet.polls.database import Database
from fleet.polls.dropping import drop_empty_weeks
from ingestion.models import Ingestion
from ingestion.signals import sample_removed

logger = logging.getLogger(__name__)

_sample = Store.objects.filter(is_sample=True).order_by()


def has_sample() -> bool:
    """Return whether there is a sample that real data would replace."""
    return _sample.exists()


def make_way(record: Ingestion) -> None:
    """Remove the sample, unless the record's file belongs to it or should keep it.

    A sample that is kept becomes ordinary stores, which are not removed automatically. Raises
    UnusableFile for a sample if there are real stores.
    """
    if record.is_sample:
        _check_no_real_store(record)
    elif has_sample():
        record.is_sample = _is_known_as_sample(record)
        if not record.is_sample:
            _keep() if record.keep_sample else _remove(record)


def mark(record: Ingestion, store_ids: Sequence[str], database: Database) -> None:
    """Mark the stores of a sample file."""
    if record.is_sample:
        named = Store.objects.filter(database.is_one_of("store_id", store_ids))
        named.filter(is_sample=False).update(is_sample=True)


def tell_removed(record: Ingestion, database: Database) -> None:
    """Announce that the sample was removed, if the record's file replaced it.

    As late as possible: a report requested until then is still one of the sample. One requested
    later waits for the real data, and does not begin at the sample's last poll.
    """
    if record.sample_stores_removed:
        database.replace_sample()
        sample_removed.send(sender=None)


def _is_known_as_sample(record: Ingestion) -> bool:
    """Tell whether a file belongs to the sample and is sent again."""
    same = Ingestion.objects.filter(is_sample=True, sha256=record.sha256)
    return same.filter(status=Ingestion.Status.COMPLETE).exists()


def _check_no_real_store(record: Ingestion) -> None:
    if Store.objects.filter(is_sample=False).exists():
        raise UnusableFile(f"{record.name}: there are real stores, so the sample was not added.")


def _keep() -> None:
    count = _sample.update(is_sample=False)
    logger.info("kept the sample: its %d stores are now ordinary stores", count)


def _remove(record: Ingestion) -> None:
    keys = list(_sample.values_list("key", flat=True))
    tags = list(Tag.objects.filter(stores__in=_sample).distinct().values_list("pk", flat=True))
    deleted = delete_rows(keys)
    Tag.objects.filter(pk__in=tags, stores=None).delete()
    record.sample_stores_removed = deleted.stores
    transaction.on_commit(drop_empty_weeks)

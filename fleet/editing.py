"""Changes to stores by people and programs, serialised with ingestions.

No other code may change or delete a store. Each function runs in its own transaction, waits for
an ingestion that is storing, and makes the next one wait until it has ended.
"""

import hashlib
import json
import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import time
from typing import NamedTuple, TypedDict

from django.db import connection, transaction
from django.db.models import QuerySet

from feeds.naming import distinct_tags, store_name
from feeds.values import BadValue
from feeds.values import store_id as checked_id
from fleet.models import BusinessHours, Exclusion, Poll, SpecialDay, Store, StoreTag
from fleet.names import Named, named, rename
from fleet.polls.database import Database, database
from fleet.versions import raise_version

logger = logging.getLogger(__name__)

# An ingestion of millions of rows takes longer; the caller is then told to try again.
WAIT_SECONDS = 3
_AT_ONCE = 10_000


class Opening(NamedTuple):
    """One opening on one weekday (0 is Monday), as in ``BusinessHours``."""

    weekday: int
    opens: time
    closes: time


class Settings(TypedDict, total=False):
    """The editable settings of a store; missing ones stay unchanged.

    ``business_hours`` are those of the whole week; ``time_zone`` None removes the zone.
    """

    name: str
    tags: Sequence[str]
    time_zone: str | None
    business_hours: Sequence[Opening]


@dataclass(frozen=True, kw_only=True)
class Deleted:
    """The number of deleted rows of each kind."""

    stores: int = 0
    business_hours: int = 0
    polls: int = 0

    def __add__(self, other: "Deleted") -> "Deleted":
        return Deleted(
            stores=self.stores + other.stores,
            business_hours=self.business_hours + other.business_hours,
            polls=self.polls + other.polls,
        )


class Changed(Exception):
    """The store was changed since the caller read it."""


def state(store: Store) -> str:
    """Return a text that is equal as long as a store's settings are unchanged.

    Polls do not change it.
    """
    hours = [(row.weekday, str(row.opens), str(row.closes)) for row in _hours(store)]
    tags = sorted(tag.name for tag in store.tags.all())
    said = json.dumps([store.key, store.name, tags, store.time_zone_id, hours])
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def edit_store(store_id: str, settings: Settings, *, seen: Collection[str] | None = None) -> Store:
    """Change a store. One of ``seen`` must be its ``state``, or "*"; None means no check.

    Raises ``Store.DoesNotExist``, ``Changed``, ``feeds.values.BadValue`` for an invalid name or
    tag, and ``OperationalError`` if an ingestion is storing for longer than
    ``WAIT_SECONDS``.
    """
    with serialised() as bulk:
        store = Store.objects.get(store_id=store_id)
        _check_seen(store, seen)
        _apply(store, settings, bulk)
    return store


def put_store(
    store_id: str,
    settings: Settings,
    *,
    seen: Collection[str] | None = None,
    must_be_new: bool = False,
) -> tuple[Store, bool]:
    """Change a store, or create it if it does not exist; return it and whether it was created.

    Raises what ``edit_store`` does; ``Changed`` also if ``seen`` was given and the store does not
    exist, or if ``must_be_new`` and it does.
    """
    if checked_id(store_id) != store_id:
        raise BadValue("has leading or trailing spaces")
    with serialised() as bulk:
        store = Store.objects.filter(store_id=store_id).first()
        made = store is None
        if (made and seen is not None) or (must_be_new and not made):
            raise Changed
        if store is None:
            store = Store.objects.create(store_id=store_id)
        _check_seen(store, seen)
        _apply(store, settings, bulk)
    return store, made


def delete_store(store_id: str, *, seen: Collection[str] | None = None) -> Deleted:
    """Delete one store like ``delete_stores``. Raises what ``edit_store`` raises."""
    with serialised():
        store = Store.objects.get(store_id=store_id)
        _check_seen(store, seen)
        deleted = delete_rows([store.key])
    logger.info("deleted store %r: %s", store_id, deleted)
    return deleted


def delete_stores(keys: Collection[int]) -> Deleted:
    """Delete stores with all their rows and polls; unknown keys are ignored.

    A feed that names such a store later creates it again. Raises ``OperationalError`` like
    ``edit_store``.
    """
    with serialised():
        deleted = delete_rows(sorted(keys))
    logger.info("deleted %s", deleted)
    return deleted


def delete_rows(keys: Sequence[int]) -> Deleted:
    """Delete stores like ``delete_stores``, inside a transaction that is already serialised."""
    deleted = Deleted()
    for start in range(0, len(keys), _AT_ONCE):
        deleted += _delete(keys[start : start + _AT_ONCE])
    return deleted


def _delete(keys: Sequence[int]) -> Deleted:
    """Delete with one statement per table: Django's own cascade would read the rows first."""
    rows = (
        Poll.objects.filter(store__in=keys),
        BusinessHours.objects.filter(store__in=keys),
        SpecialDay.objects.filter(store__in=keys),
        StoreTag.objects.filter(store__in=keys),
        Exclusion.objects.filter(store__in=keys),
        Store.objects.filter(key__in=keys),
    )
    polls, hours, *_, stores = (each._raw_delete(each.db) for each in rows)  # noqa: SLF001
    if polls or stores:
        raise_version()
    return Deleted(stores=stores, business_hours=hours, polls=polls)


@contextmanager
def serialised() -> Iterator[Database]:
    """Begin a transaction in which no other process changes data; raises OperationalError."""
    bulk = database()
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{WAIT_SECONDS}s"])
        bulk.serialise()
        yield bulk


def _check_seen(store: Store, seen: Collection[str] | None) -> None:
    if seen is not None and "*" not in seen and state(store) not in seen:
        raise Changed


def _apply(store: Store, settings: Settings, bulk: Database) -> None:
    """Write the settings that differ."""
    if "name" in settings or "tags" in settings:
        _rename(store, settings, bulk)
    if "time_zone" in settings and settings["time_zone"] != store.time_zone_id:
        store.time_zone_id = settings["time_zone"]
        store.save(update_fields=["time_zone"])
    if "business_hours" in settings:
        _replace_hours(store, set(settings["business_hours"]))


def _rename(store: Store, settings: Settings, bulk: Database) -> None:
    before = named([store.key])
    was = before[store.key]
    now = Named(
        store_name(settings.get("name", was.name)),
        frozenset(distinct_tags(settings.get("tags", was.tags))),
    )
    if now != was:
        rename({store.key: now}, before, bulk)
        raise_version()
    store.name = now.name


def _replace_hours(store: Store, wanted: set[Opening]) -> None:
    there = {Opening(row.weekday, row.opens, row.closes): row.pk for row in _hours(store)}
    gone = [pk for opening, pk in there.items() if opening not in wanted]
    if gone:
        BusinessHours.objects.filter(pk__in=gone).delete()
    BusinessHours.objects.bulk_create(
        BusinessHours(store=store, weekday=weekday, opens=opens, closes=closes)
        for weekday, opens, closes in sorted(wanted - there.keys())
    )


def _hours(store: Store) -> QuerySet[BusinessHours]:
    return BusinessHours.objects.filter(store=store).order_by("weekday", "opens", "closes")

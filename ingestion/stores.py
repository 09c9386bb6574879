"""The stores a file names: looked up, and made where they are new."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ingestion.database import Database
from ingestion.models import Store
from ingestion.zones import known_time_zones

_AT_ONCE = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class KnownStores:
    """The stores of a list of ids, in its order.

    ``key``: int32[n]; ``time_zone``: int16[n], an index into ``known_time_zones()``, -1 for none;
    ``last_polled_at``: int64[n] microseconds of UTC, -1 for never.
    """

    key: NDArray[np.int32]
    time_zone: NDArray[np.int16]
    last_polled_at: NDArray[np.int64]


def find_or_create(store_ids: Sequence[str], database: Database) -> KnownStores:
    """Return the stores of these distinct ids; new ones are inserted, in byte order."""
    rows = Store.objects.filter(database.is_one_of("store_id", store_ids)).values_list(
        "store_id", "key", "time_zone_id", "last_polled_at"
    )
    known: dict[str, tuple[int, str | None, datetime | None]] = {row[0]: row[1:] for row in rows}
    missing = [Store(store_id=store_id) for store_id in sorted(set(store_ids) - known.keys())]
    for store in Store.objects.bulk_create(missing, batch_size=_AT_ONCE):
        known[store.store_id] = (store.key, None, None)
    number: dict[str | None, int] = {name: index for index, name in enumerate(known_time_zones())}
    found = [known[store_id] for store_id in store_ids]
    return KnownStores(
        key=np.array([key for key, _, _ in found], dtype=np.int32),
        time_zone=np.array([number.get(zone, -1) for _, zone, _ in found], dtype=np.int16),
        last_polled_at=np.array([_microseconds(at) for _, _, at in found], dtype=np.int64),
    )


def _microseconds(at: datetime | None) -> int:
    return -1 if at is None else (at - _EPOCH) // timedelta(microseconds=1)

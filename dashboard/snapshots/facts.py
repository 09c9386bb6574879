"""What the database says of each store besides its uptime: name, zone, tags, last poll."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa
from django.db.models import Value
from django.db.models.functions import Coalesce

from fleet.models import Store, StoreTag
from fleet.polls.columns import snapshot

_NEVER = Value(datetime(1970, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, kw_only=True)
class Facts:
    """``store_ids``: text[n]. ``columns``: each of n items.

    ``key``: int32. ``name`` and ``time_zone``: text, "" for none. ``tags``: lists of text.
    ``last_polled_at``: int64 microseconds, 0 for never. ``last_active``: int8, 1 or 0; -1 for
    never.
    """

    store_ids: pa.Array
    columns: Mapping[str, pa.Array]


def facts() -> Facts:
    """Return the facts of all stores; two queries in one snapshot."""
    stores = Store.objects.order_by().values_list(
        "key",
        "store_id",
        "name",
        Coalesce("time_zone_id", Value("")),
        Coalesce("last_polled_at", _NEVER),
        Coalesce("last_status", Value(-1)),
    )
    with snapshot() as read:
        found = read(
            stores,
            {
                "key": "int32",
                "store_id": "text",
                "name": "text",
                "time_zone": "text",
                "last_polled_at": "instant",
                "last_active": "int8",
            },
        )
        tagged = read(
            StoreTag.objects.order_by("tag__name").values_list("store_id", "tag__name"),
            {"key": "int32", "tag": "text"},
        )
    tags: dict[int, list[str]] = defaultdict(list)
    for key, tag in zip(tagged["key"].tolist(), tagged["tag"].tolist(), strict=True):
        tags[key].append(tag)
    columns = {name: pa.array(column) for name, column in found.items()}
    each = [tags.get(key, []) for key in found["key"].tolist()]
    columns["tags"] = pa.array(each, pa.list_(pa.string()))
    return Facts(store_ids=columns.pop("store_id").cast(pa.string()), columns=columns)

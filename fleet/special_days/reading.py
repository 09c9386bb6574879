"""Special days as columns, for the core and for comparing a file with the database."""

from datetime import time

import numpy as np
from django.db.models import Case, QuerySet, SmallIntegerField, Value, When
from django.db.models.functions import Coalesce

from feeds.values import NO_TIME
from fleet.polls.columns import Columns, Read
from fleet.special_days.models import SpecialDay

_MIDNIGHT = Value(time())
_NOBODY = Value(0)
_KINDS = {
    "pk": "int64",
    "store": "int32",
    "tag": "int64",
    "date": "date",
    "opens": "time",
    "closes": "time",
    "is_closed": "int8",
}


def read_special_days(read: Read, rows: QuerySet[SpecialDay]) -> Columns:
    """Return rows of special days, in any order.

    ``pk``: int64[n]. ``store``: int32[n] its key and ``tag``: int64[n] its number, 0 for none.
    ``date``: int32[n] days since 1970. ``opens`` and ``closes``: int64[n] microseconds since local
    midnight, ``NO_TIME`` if closed.
    """
    columns = read(
        rows.order_by().values_list(
            "pk",
            Coalesce("store_id", _NOBODY),
            Coalesce("tag_id", _NOBODY),
            "date",
            Coalesce("opens", _MIDNIGHT),
            Coalesce("closes", _MIDNIGHT),
            Case(
                When(opens__isnull=True, then=1),
                default=0,
                output_field=SmallIntegerField(),
            ),
        ),
        _KINDS,
    )
    is_closed = columns.pop("is_closed") == 1
    times = {name: np.where(is_closed, NO_TIME, columns[name]) for name in ("opens", "closes")}
    return {**columns, **times}

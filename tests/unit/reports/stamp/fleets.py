"""A small fleet to fingerprint, as rows that are easy to change and to shuffle."""

import numpy as np

from uptime import (
    DEFAULT_WINDOWS,
    HOUR,
    BusinessHours,
    Exclusions,
    Fleet,
    Polls,
    Question,
    SpecialDays,
    parse_windows,
)
from uptime.poller.silences import Silences
from uptime.windows.elapsed import DAY

AS_OF = 20_000 * DAY + 12 * HOUR
QUESTION = Question(as_of=AS_OF, windows=parse_windows(DEFAULT_WINDOWS))
FIRST = QUESTION.first_poll
ZONES = {"a": "Asia/Tokyo", "=1+1": "America/New_York", "ü": None, "never": None}
HOURS = [("a", 0, 9 * HOUR, 17 * HOUR), ("a", 1, 22 * HOUR, 2 * HOUR), ("=1+1", 6, 0, 1)]
POLLS = [
    ("a", FIRST, True),
    ("a", FIRST + 1, False),
    ("a", AS_OF, True),
    ("=1+1", AS_OF - DAY, False),
    ("ü", AS_OF - 3 * DAY, True),
]
NOT_READ = [("ü", FIRST - 1, True), ("ü", AS_OF + 1, False)]
SPECIAL_DAYS = [("a", 19_995, 9 * HOUR, 17 * HOUR), ("ü", 19_996, -1, -1)]
DAYS_NOT_READ = [("a", 19_980, -1, -1), ("a", 20_003, -1, -1)]
EXCLUSIONS = [("a", FIRST + DAY, FIRST + DAY + HOUR), ("=1+1", AS_OF - DAY, AS_OF - HOUR)]
SILENCES = [("a", FIRST, FIRST + HOUR), ("ü", FIRST, FIRST + HOUR)]


def fleet(
    *,
    zones=ZONES,
    hours=HOURS,
    polls=POLLS,
    special_days=SPECIAL_DAYS,
    exclusions=EXCLUSIONS,
    silences=SILENCES,
    order=sorted,
):
    """Stores, and the zones they are in, are numbered in the order that ``order`` gives."""
    ids = order(zones)
    names = order({zone for zone in zones.values() if zone})
    place = {store: number for number, store in enumerate(ids)}

    def columns(rows, **dtypes):
        numbered = [(place[store], *values) for store, *values in order(rows)]
        told = zip(*numbered, strict=True) if numbered else [[]] * len(dtypes)
        return {
            name: np.array(column, dtype)
            for (name, dtype), column in zip(dtypes.items(), told, strict=True)
        }

    interval = {"store": "int64", "start": "int64", "end": "int64"}
    on_date = {"date": "int32", "opens": "int64", "closes": "int64"}
    in_week = {"weekday": "int8", "opens": "int64", "closes": "int64"}
    return Fleet(
        store_ids=ids,
        time_zones=np.array([names.index(zones[one]) if zones[one] else -1 for one in ids], "i4"),
        zone_names=names,
        hours=BusinessHours(**columns(hours, store="int32", **in_week)),
        polls=Polls(**columns(polls, store="int32", at="int64", active="bool")),
        special_days=SpecialDays(**columns(special_days, store="int32", **on_date)),
        exclusions=Exclusions(**columns(exclusions, **interval)),
        silences=Silences(**columns(silences, **interval)),
    )
